/* The listing of a registry's repositories, and repositories by name. */
#include "cache/catalog.h"
#include "tests/unit/cache_fixture.h"

#define set_up    cache_fixture_set_up
#define tear_down cache_fixture_tear_down

static enum cache_answer find(struct asker *asker, const char *path, struct path_roles *ret_roles)
{
	enum status status = STATUS_OK;

	return cache_find_path(bench.cache, &bench.registry, path, asker, ret_roles, &status);
}

static enum cache_answer at_hand(const char *path, struct path_roles *ret_roles)
{
	struct asker asker = cache_bench_hasty(&bench);

	return find(&asker, path, ret_roles);
}

static void list(const char *names)
{
	struct patient patient = cache_bench_patient(&bench);
	char text[256];

	assert_int_equal(cache_bench_list(&bench, &patient.asker, CACHE_COMPONENTS, "", text),
	                 CACHE_WAIT);
	fake_source_repositories(&bench.source, names, true);
	cache_bench_release(&bench, &patient);
}

static void assert_listed(const char *path, const char *expected)
{
	struct asker asker = cache_bench_hasty(&bench);
	char text[256];

	assert_int_equal(cache_bench_list(&bench, &asker, CACHE_COMPONENTS, path, text),
	                 CACHE_FOUND);
	assert_string_equal(text, expected);
}

static void names_with_slashes_become_directories(void **state)
{
	(void)state;
	list("team/app team/lib other");
	assert_listed("", "team other");
	assert_listed("team", "app lib");
	assert_listed("other", "");
}

static void a_repository_may_be_the_prefix_of_another(void **state)
{
	struct path_roles roles;

	(void)state;
	list("team/app/deep team/app");
	assert_int_equal(at_hand("team/app", &roles), CACHE_FOUND);
	assert_true(roles.is_repository);
	assert_true(roles.is_namespace);
	assert_int_equal(at_hand("team", &roles), CACHE_FOUND);
	assert_false(roles.is_repository);
	assert_int_equal(at_hand("team/app/deep", &roles), CACHE_FOUND);
	assert_false(roles.is_namespace);
}

static void a_path_is_found_with_the_page_that_shows_it(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	struct path_roles roles;

	(void)state;
	assert_int_equal(find(&patient.asker, "team", &roles), CACHE_WAIT);
	fake_source_repositories(&bench.source, "other", false);
	cache_bench_run(&bench);
	assert_int_equal(find(&patient.asker, "team", &roles), CACHE_WAIT);
	fake_source_repositories(&bench.source, "team/app", false);
	cache_bench_run(&bench);
	assert_int_equal(find(&patient.asker, "team", &roles), CACHE_FOUND);
	assert_int_equal(patient.asker.answers, 0);
	assert_int_equal(bench.source.asked[FAKE_LIST_REPOSITORIES], 1);
	cache_bench_release(&bench, &patient);
	fake_source_repositories(&bench.source, "", true);
}

static void absence_needs_the_last_page(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	struct path_roles roles;

	(void)state;
	find(&patient.asker, "team", &roles);
	fake_source_repositories(&bench.source, "other", false);
	cache_bench_run(&bench);
	assert_int_equal(find(&patient.asker, "team", &roles), CACHE_WAIT);
	fake_source_repositories(&bench.source, "another", true);
	cache_bench_run(&bench);
	assert_int_equal(find(&patient.asker, "team", &roles), CACHE_ABSENT);
	cache_bench_release(&bench, &patient);
}

/* A namespace has no API of its own: only a listing shows that it came to be. */
static void a_short_listing_proves_absence_for_the_negative_ttl(void **state)
{
	struct path_roles roles;

	(void)state;
	list("team/app");
	assert_int_equal(at_hand("new", &roles), CACHE_ABSENT);
	cache_bench_pass(&bench, NEGATIVE_TTL_NS);
	assert_int_equal(at_hand("new", &roles), CACHE_WAIT);
	assert_int_equal(at_hand("team", &roles), CACHE_FOUND);
}

static void a_long_listing_proves_absence_for_its_ttl(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	struct path_roles roles;

	(void)state;
	find(&patient.asker, "new", &roles);
	fake_source_repositories(&bench.source, "team/app", false);
	fake_source_repositories(&bench.source, "team/lib", true);
	cache_bench_release(&bench, &patient);
	cache_bench_pass(&bench, TTL_NS - NS_PER_S);
	assert_int_equal(at_hand("new", &roles), CACHE_ABSENT);
}

/* The page with "early" came long before the last one. */
static void what_a_complete_listing_shows_is_as_good_as_the_listing(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	struct asker asker;
	struct path_roles roles;

	(void)state;
	find(&patient.asker, "late", &roles);
	fake_source_repositories(&bench.source, "early", false);
	cache_bench_pass(&bench, TTL_NS / 2);
	fake_source_repositories(&bench.source, "late", true);
	cache_bench_release(&bench, &patient);
	cache_bench_pass(&bench, TTL_NS - NS_PER_S);
	assert_int_equal(at_hand("early", &roles), CACHE_FOUND);
	asker = cache_bench_hasty(&bench);
	assert_int_equal(cache_is_repository(bench.cache, &bench.registry, "early", &asker),
	                 CACHE_KNOWN);
}

static void a_new_listing_drops_what_is_gone(void **state)
{
	struct path_roles roles;

	(void)state;
	list("team/app team/app/deep other");
	cache_bench_pass(&bench, TTL_NS);
	list("team/app/deep third");
	assert_listed("", "team third");
	assert_int_equal(at_hand("team/app", &roles), CACHE_FOUND);
	assert_false(roles.is_repository);
	assert_int_equal(at_hand("other", &roles), CACHE_ABSENT);
}

static void a_failed_listing_keeps_what_was_known(void **state)
{
	struct patient patient;
	struct path_roles roles;
	bool is_short;

	(void)state;
	list("team/app");
	cache_bench_pass(&bench, TTL_NS);
	patient = cache_bench_patient(&bench);
	assert_int_equal(find(&patient.asker, "team", &roles), CACHE_WAIT);
	fake_source_fail_listing(&bench.source, FAKE_LIST_REPOSITORIES, STATUS_TIMED_OUT);
	cache_bench_run(&bench);
	assert_int_equal(find(&patient.asker, "team", &roles), CACHE_FAILED);
	assert_int_equal(cache_shows_path(bench.cache, &bench.registry, "team", &is_short),
	                 CACHE_KNOWN);
	assert_true(is_short);
	cache_bench_release(&bench, &patient);
}

static void the_time_of_change_moves_only_with_the_set_of_names(void **state)
{
	uint64_t first, same, changed, until;

	(void)state;
	list("team/app");
	cache_listing_times(bench.cache, &bench.registry, "team", false, &first, &until);
	assert_int_equal(first, clock_realtime_ns(&bench.clock.clock));
	assert_int_equal(until, clock_monotonic_ns(&bench.clock.clock) + TTL_NS);
	cache_bench_pass(&bench, TTL_NS);
	list("team/app other");
	cache_listing_times(bench.cache, &bench.registry, "team", false, &same, &until);
	cache_listing_times(bench.cache, &bench.registry, "", false, &changed, &until);
	assert_int_equal(same, first);
	assert_int_equal(changed, clock_realtime_ns(&bench.clock.clock));
}

/* What becomes of a listing in a cache without room, when something else is asked for so long after
 * it was used. */
static enum cache_answer listing_used_before(uint64_t ns)
{
	struct cache_config config = cache_bench_config();
	struct path_roles roles;
	struct asker asker;
	uint64_t until;
	enum status status;

	config.max_bytes = 1;
	restart(&config);
	list("team/app");
	assert_int_equal(at_hand("team", &roles), CACHE_FOUND); /* it was used last */
	cache_bench_pass(&bench, ns);
	asker = cache_bench_hasty(&bench);
	cache_find_repository(bench.cache, &bench.registry, "zz", &asker, &until, &status);
	cache_release(bench.cache, &asker);
	return at_hand("team", &roles);
}

static void a_listing_is_dropped_when_memory_is_short(void **state)
{
	(void)state;
	assert_int_equal(listing_used_before(2 * NS_PER_S), CACHE_WAIT);
}

/* Else a large directory would be listed anew for each piece of it that is read. */
static void a_listing_that_was_just_used_stays_in_the_smallest_cache(void **state)
{
	(void)state;
	assert_int_equal(listing_used_before(0), CACHE_FOUND);
}

static void a_repository_is_found_by_name(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	uint64_t until;
	enum status status;

	(void)state;
	assert_int_equal(cache_find_repository(bench.cache, &bench.registry, "team/app",
	                                       &patient.asker, &until, &status),
	                 CACHE_WAIT);
	fake_source_repository(&bench.source, "team/app", STATUS_OK);
	cache_bench_run(&bench);
	assert_int_equal(cache_find_repository(bench.cache, &bench.registry, "team/app",
	                                       &patient.asker, &until, &status),
	                 CACHE_FOUND);
	assert_int_equal(until, clock_monotonic_ns(&bench.clock.clock) + TTL_NS);
	assert_int_equal(
	        cache_is_repository(bench.cache, &bench.registry, "team/app", &patient.asker),
	        CACHE_KNOWN);
	cache_bench_release(&bench, &patient);
}

static void names_that_ecr_cannot_have_are_left_out(void **state)
{
	(void)state;
	list("ok/repo ../up UPPER a//b /x ok/");
	assert_listed("", "ok");
	assert_listed("ok", "repo");
}

static void forget(const char *path)
{
	struct cache_scope scope = {.registry = &bench.registry, .path = path};

	cache_bench_pass(&bench, 1);
	cache_forget_part(bench.cache, &scope);
}

static void what_was_forgotten_is_asked_for_again(void **state)
{
	struct asker asker;
	struct path_roles roles;
	char text[256];

	(void)state;
	list("team/app team/lib teams other");
	forget("team");
	assert_int_equal(at_hand("team", &roles), CACHE_WAIT);
	assert_int_equal(at_hand("team/lib", &roles), CACHE_WAIT);
	asker = cache_bench_hasty(&bench);
	assert_int_equal(cache_bench_list(&bench, &asker, CACHE_COMPONENTS, "team", text),
	                 CACHE_WAIT);
	assert_int_equal(at_hand("teams", &roles), CACHE_FOUND);
	assert_listed("", "team teams other");
}

static void a_new_listing_makes_good_what_was_forgotten(void **state)
{
	struct patient patient;
	struct path_roles roles;

	(void)state;
	list("team/app other");
	forget("team");
	patient = cache_bench_patient(&bench);
	assert_int_equal(find(&patient.asker, "team", &roles), CACHE_WAIT);
	fake_source_repositories(&bench.source, "team/app team/new other", true);
	cache_bench_release(&bench, &patient);
	assert_int_equal(at_hand("team", &roles), CACHE_FOUND);
	assert_listed("team", "app new");
}

static void absence_is_forgotten_as_well(void **state)
{
	struct path_roles roles;

	(void)state;
	list("team/app other");
	assert_int_equal(at_hand("team/none", &roles), CACHE_ABSENT);
	forget("team");
	assert_int_equal(at_hand("team/none", &roles), CACHE_WAIT);
	assert_int_equal(at_hand("none", &roles), CACHE_ABSENT);
}

static void of_two_paths_all_is_forgotten_below_what_they_have_in_common(void **state)
{
	struct path_roles roles;

	(void)state;
	list("team/app team/lib other");
	forget("team/app");
	assert_int_equal(at_hand("team/lib", &roles), CACHE_FOUND);
	forget("team/lib");
	assert_int_equal(at_hand("team/app", &roles), CACHE_WAIT);
	assert_int_equal(at_hand("team/lib", &roles), CACHE_WAIT);
	assert_int_equal(at_hand("other", &roles), CACHE_FOUND);
	forget("other");
	assert_int_equal(at_hand("team/app", &roles), CACHE_WAIT);
	assert_int_equal(at_hand("other", &roles), CACHE_WAIT);
}

/* Who has begun to read a directory reads on, and does not begin again. */
static void a_listing_that_is_being_read_is_read_on(void **state)
{
	struct asker asker;
	struct names_request request = {
	        .registry = &bench.registry, .path = "", .after = 1, .going_on = true};
	struct listed_name names[4];
	enum status status = STATUS_OK;
	size_t n = 0;

	(void)state;
	list("one two");
	forget("");
	asker = cache_bench_hasty(&bench);
	assert_int_equal(cache_list(bench.cache, &request, &asker, 4, names, &n, &status),
	                 CACHE_FOUND);
	assert_int_equal(n, 1);
	assert_string_equal(names[0].text, "two");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(what_was_forgotten_is_asked_for_again),
	        cmocka_unit_test_fixture(a_new_listing_makes_good_what_was_forgotten),
	        cmocka_unit_test_fixture(absence_is_forgotten_as_well),
	        cmocka_unit_test_fixture(
	                of_two_paths_all_is_forgotten_below_what_they_have_in_common),
	        cmocka_unit_test_fixture(a_listing_that_is_being_read_is_read_on),
	        cmocka_unit_test_fixture(names_with_slashes_become_directories),
	        cmocka_unit_test_fixture(a_repository_may_be_the_prefix_of_another),
	        cmocka_unit_test_fixture(a_path_is_found_with_the_page_that_shows_it),
	        cmocka_unit_test_fixture(absence_needs_the_last_page),
	        cmocka_unit_test_fixture(a_short_listing_proves_absence_for_the_negative_ttl),
	        cmocka_unit_test_fixture(a_long_listing_proves_absence_for_its_ttl),
	        cmocka_unit_test_fixture(what_a_complete_listing_shows_is_as_good_as_the_listing),
	        cmocka_unit_test_fixture(a_new_listing_drops_what_is_gone),
	        cmocka_unit_test_fixture(a_failed_listing_keeps_what_was_known),
	        cmocka_unit_test_fixture(the_time_of_change_moves_only_with_the_set_of_names),
	        cmocka_unit_test_fixture(a_listing_is_dropped_when_memory_is_short),
	        cmocka_unit_test_fixture(a_listing_that_was_just_used_stays_in_the_smallest_cache),
	        cmocka_unit_test_fixture(a_repository_is_found_by_name),
	        cmocka_unit_test_fixture(names_that_ecr_cannot_have_are_left_out),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
