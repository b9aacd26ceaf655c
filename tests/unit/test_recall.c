/* What an earlier life was told: when that is asked for, and what it spares. */
#include "tests/unit/recall_fixture.h"

#define ACCOUNT "999988887777"

static void memory_is_asked_before_ecr(void **state)
{
	struct patient patient = cache_bench_patient(&bench), other = cache_bench_patient(&bench);

	(void)state;
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	assert_int_equal(find_repository(&other.asker), CACHE_WAIT);
	assert_int_equal(find(&other.asker, "v1", 0), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_RECALL_REGISTRY], 1);
	assert_int_equal(asked_ecr(), 0);
	end_of_registry();
	cache_bench_run(&bench);
	assert_int_equal(patient.woken, 1);
	assert_int_equal(other.woken, 1);
	assert_int_equal(find(&other.asker, "v1", 0), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_RECALL_REPOSITORY], 1);
	assert_int_equal(asked_ecr(), 0);
	end_of_repository();
	cache_bench_release(&bench, &patient);
	cache_bench_release(&bench, &other);
}

static void without_memories_ecr_is_asked(void **state)
{
	struct patient patient = cache_bench_patient(&bench);

	(void)state;
	pass_registry(&patient);
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_LIST_REPOSITORIES], 1);
	fake_source_repositories(&bench.source, "new", true);
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", "new"), CACHE_FOUND);
	assert_int_equal(bench.source.asked[FAKE_RECALL_REGISTRY], 1);
	cache_bench_release(&bench, &patient);
}

static void a_source_that_refuses_to_remember_has_nothing(void **state)
{
	struct patient patient = cache_bench_patient(&bench);

	(void)state;
	bench.source.refuses = true;
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	bench.source.refuses = false;
	cache_bench_run(&bench);
	assert_int_equal(patient.woken, 1);
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_LIST_REPOSITORIES], 1);
	fake_source_repositories(&bench.source, "", true);
	cache_bench_release(&bench, &patient);
}

static void who_only_looks_does_not_begin_to_remember(void **state)
{
	struct asker asker = cache_bench_hasty(&bench);

	(void)state;
	assert_int_equal(list(&asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	assert_int_equal(find(&asker, "v1", 0), CACHE_WAIT);
	assert_int_equal(bench.source.n_open, 0);
}

static void a_young_listing_of_the_registry_costs_no_call(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	struct path_roles roles;
	enum status status;

	(void)state;
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	recall_repositories("team/app", ago(TTL_NS - NS_PER_S), false);
	recall_repositories("base", ago(TTL_NS - NS_PER_S), true);
	end_of_registry();
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", "team base"), CACHE_FOUND);
	assert_int_equal(cache_find_path(bench.cache, &bench.registry, "team/app", &patient.asker,
	                                 &roles, &status),
	                 CACHE_FOUND);
	assert_true(roles.is_repository);
	assert_int_equal(roles.until_ns, clock_monotonic_ns(&bench.clock.clock) + NS_PER_S);
	assert_int_equal(asked_ecr(), 0);
	cache_bench_release(&bench, &patient);
}

static void a_young_listing_of_tags_costs_no_call(void **state)
{
	struct patient patient;

	(void)state;
	remember_tags(&patient, ago(TTL_NS - NS_PER_S));
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", "v1 v2"), CACHE_FOUND);
	assert_int_equal(find(&patient.asker, "v2", 4), CACHE_FOUND);
	assert_int_equal(asked_ecr(), 0);
	cache_bench_release(&bench, &patient);
}

static void half_a_listing_is_none(void **state)
{
	struct patient patient = cache_bench_patient(&bench);

	(void)state;
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	recall_repositories("team/app", ago(NS_PER_S), false);
	end_of_registry();
	is_first_page = true;
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", ""), CACHE_WAIT);
	recall_images(RECALLED_TAGS, "v1", 3, ago(NS_PER_S), false);
	end_of_repository();
	assert_int_equal(find(&patient.asker, "v1", 3), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_LIST_REPOSITORIES], 1);
	assert_int_equal(bench.source.asked[FAKE_FIND_IMAGE], 1);
	fake_source_repositories(&bench.source, "base", true);
	fake_source_image(&bench.source, "v1", STATUS_ABSENT, 0);
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", "base"), CACHE_FOUND);
	cache_bench_release(&bench, &patient);
}

static void what_memory_lost_is_remembered_again(void **state)
{
	struct cache_config config = cache_bench_config();
	struct patient patient;

	(void)state;
	config.max_bytes = 1;
	restart(&config);
	fake_source_remember(&bench.source);
	remember_tags(&patient, ago(NS_PER_S));
	cache_bench_release(&bench, &patient);
	cache_bench_pass(&bench, 10 * NS_PER_S);
	patient = cache_bench_patient(&bench); /* another repository drives it out */
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "base", ""), CACHE_WAIT);
	fake_source_recall(&bench.source, "base", NULL);
	cache_bench_release(&bench, &patient);

	patient = cache_bench_patient(&bench);
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", ""), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_RECALL_REPOSITORY], 3);
	recall_images(RECALLED_TAGS, "v1", 3, ago(11 * NS_PER_S), true);
	end_of_repository();
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", "v1"), CACHE_FOUND);
	assert_int_equal(bench.source.asked[FAKE_LIST_IMAGES], 0);
	cache_bench_release(&bench, &patient);
}

static void a_registry_that_memory_lost_is_remembered_again(void **state)
{
	struct cache_config config = cache_bench_config();
	struct patient patient;

	(void)state;
	config.max_bytes = 1;
	restart(&config);
	fake_source_remember(&bench.source);
	patient = cache_bench_patient(&bench);
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	recall_repositories("base", ago(NS_PER_S), true);
	end_of_registry();
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "base", ""), CACHE_WAIT);
	cache_bench_pass(&bench, 10 * NS_PER_S);
	fake_source_recall(&bench.source, "base", NULL);
	cache_bench_release(&bench, &patient);

	patient = cache_bench_patient(&bench);
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_RECALL_REGISTRY], 2);
	recall_repositories("base", ago(11 * NS_PER_S), true);
	end_of_registry();
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", "base"), CACHE_FOUND);
	assert_int_equal(bench.source.asked[FAKE_LIST_REPOSITORIES], 0);
	cache_bench_release(&bench, &patient);
}

static void the_account_costs_no_call(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	struct recalled recalled = {
	        .kind = RECALLED_ACCOUNT, .told_ns = ago(NS_PER_S), .name = ACCOUNT};
	char account[REGISTRY_ACCOUNT_DIGITS + 1];
	enum status status;

	(void)state;
	assert_int_equal(
	        cache_find_account(bench.cache, &bench.registry, &patient.asker, account, &status),
	        CACHE_WAIT);
	fake_source_recall(&bench.source, NULL, &recalled);
	end_of_registry();
	assert_int_equal(
	        cache_find_account(bench.cache, &bench.registry, &patient.asker, account, &status),
	        CACHE_FOUND);
	assert_string_equal(account, ACCOUNT);
	assert_int_equal(asked_ecr(), 0);
	cache_bench_release(&bench, &patient);
}

static void an_account_that_is_none_is_not_taken(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	struct recalled recalled = {
	        .kind = RECALLED_ACCOUNT, .told_ns = ago(NS_PER_S), .name = "1234"};
	char account[REGISTRY_ACCOUNT_DIGITS + 1];
	enum status status;

	(void)state;
	pass_registry(&patient);
	cache_bench_release(&bench, &patient);
	tear_down(state);
	set_up(state);
	patient = cache_bench_patient(&bench);
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	fake_source_recall(&bench.source, NULL, &recalled);
	end_of_registry();
	assert_int_equal(
	        cache_find_account(bench.cache, &bench.registry, &patient.asker, account, &status),
	        CACHE_WAIT);
	fake_source_account(&bench.source, STATUS_OK, ACCOUNT);
	cache_bench_release(&bench, &patient);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(memory_is_asked_before_ecr),
	        cmocka_unit_test_fixture(without_memories_ecr_is_asked),
	        cmocka_unit_test_fixture(a_source_that_refuses_to_remember_has_nothing),
	        cmocka_unit_test_fixture(who_only_looks_does_not_begin_to_remember),
	        cmocka_unit_test_fixture(a_young_listing_of_the_registry_costs_no_call),
	        cmocka_unit_test_fixture(a_young_listing_of_tags_costs_no_call),
	        cmocka_unit_test_fixture(half_a_listing_is_none),
	        cmocka_unit_test_fixture(what_memory_lost_is_remembered_again),
	        cmocka_unit_test_fixture(a_registry_that_memory_lost_is_remembered_again),
	        cmocka_unit_test_fixture(the_account_costs_no_call),
	        cmocka_unit_test_fixture(an_account_that_is_none_is_not_taken),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
