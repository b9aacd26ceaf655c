/* What turned out not to be allowed. */
#include "ecr/refusals.h"
#include "ecr/registry.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/unit_test.h"

#include <stdio.h>

struct fixture {
	struct fake_clock clock;
	struct captured_log captured;
	struct refusals *refusals;
};

static struct fixture f;
static const struct registry own = {0};
static const struct registry abroad = {.account = "012345678910", .region = "eu-west-1"};
static const struct registry neighbour = {.account = "111111111111", .region = "eu-west-1"};

static int set_up(void **state)
{
	(void)state;
	fake_clock_init(&f.clock);
	captured_log_init(&f.captured, &f.clock.clock);
	return refusals_new(&f.clock.clock, f.captured.log, &f.refusals);
}

static int tear_down(void **state)
{
	(void)state;
	refusals_free(f.refusals);
	captured_log_deinit(&f.captured);
	return 0;
}

static void nothing_is_refused_at_first(void **state)
{
	(void)state;
	assert_false(refusals_has_image_status(f.refusals, &own));
	assert_false(refusals_has_describe(f.refusals, &own, "team/app"));
	refusals_free(NULL);
}

static void an_old_endpoint_stays_old_for_all_its_registries(void **state)
{
	(void)state;
	refusals_add_image_status(f.refusals, &abroad);
	refusals_add_image_status(f.refusals, &neighbour);
	fake_clock_advance(&f.clock, 24 * 3600 * NS_PER_S);
	assert_true(refusals_has_image_status(f.refusals, &abroad));
	assert_true(refusals_has_image_status(f.refusals, &neighbour));
	assert_false(refusals_has_image_status(f.refusals, &own));
	assert_int_equal(captured_log_count(&f.captured, "does not know archived images"), 1);
}

static void a_repository_is_tried_again_after_a_while(void **state)
{
	(void)state;
	refusals_add_describe(f.refusals, &abroad, "team/app");
	assert_true(refusals_has_describe(f.refusals, &abroad, "team/app"));
	fake_clock_advance(&f.clock, REFUSALS_DESCRIBE_NS - 1);
	assert_true(refusals_has_describe(f.refusals, &abroad, "team/app"));
	fake_clock_advance(&f.clock, 1);
	assert_false(refusals_has_describe(f.refusals, &abroad, "team/app"));
}

static void a_repository_is_not_another_one(void **state)
{
	(void)state;
	refusals_add_describe(f.refusals, &abroad, "team/app");
	assert_false(refusals_has_describe(f.refusals, &abroad, "team"));
	assert_false(refusals_has_describe(f.refusals, &neighbour, "team/app"));
	assert_false(refusals_has_describe(f.refusals, &own, "team/app"));
}

static void a_repository_is_told_to_the_log_once(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		refusals_add_describe(f.refusals, &abroad, "team/app");
		refusals_add_describe(f.refusals, &own, "team/app");
		fake_clock_advance(&f.clock, 2 * REFUSALS_DESCRIBE_NS);
	}
	assert_int_equal(captured_log_count(&f.captured, "012345678910/team/app: the images"), 1);
	assert_int_equal(captured_log_count(&f.captured, "default/team/app: the images"), 1);
}

static void the_memory_is_bounded(void **state)
{
	char name[32];

	(void)state;
	for (int i = 0; i < 1500; i++) {
		snprintf(name, sizeof(name), "r%d", i);
		refusals_add_describe(f.refusals, &own, name);
	}
	assert_false(refusals_has_describe(f.refusals, &own, "r499"));
	assert_true(refusals_has_describe(f.refusals, &own, "r500"));
	assert_true(refusals_has_describe(f.refusals, &own, "r1499"));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(nothing_is_refused_at_first),
	        cmocka_unit_test_fixture(an_old_endpoint_stays_old_for_all_its_registries),
	        cmocka_unit_test_fixture(a_repository_is_tried_again_after_a_while),
	        cmocka_unit_test_fixture(a_repository_is_not_another_one),
	        cmocka_unit_test_fixture(a_repository_is_told_to_the_log_once),
	        cmocka_unit_test_fixture(the_memory_is_bounded),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
