/* Manifests: one question for each, their bytes within the budget, their sizes for longer. */
#include "cache/manifests.h"
#include "base/bytes.h"
#include "tests/unit/cache_fixture.h"

#include <stdio.h>
#include <string.h>

#define set_up    cache_fixture_set_up
#define tear_down cache_fixture_tear_down

#define TEXT_SIZE 512

/* The text is copied out; "" when nothing was found. */
static enum cache_answer get(struct asker *asker, int digit, char text[TEXT_SIZE])
{
	struct digest digest = fake_digest(digit);
	struct bytes *bytes = NULL;
	enum status status = STATUS_OK;
	enum cache_answer answer = cache_get_manifest(bench.cache, &bench.registry, "team/app",
	                                              &digest, asker, &bytes, &status);

	text[0] = '\0';
	if (bytes)
		snprintf(text, TEXT_SIZE, "%.*s", (int)bytes->size, bytes->data);
	bytes_unref(bytes);
	return answer;
}

static void fetch(int digit, const char *text)
{
	struct patient patient = cache_bench_patient(&bench);
	char got[TEXT_SIZE];

	assert_int_equal(get(&patient.asker, digit, got), CACHE_WAIT);
	fake_source_manifest(&bench.source, STATUS_OK, text);
	cache_bench_run(&bench);
	assert_int_equal(get(&patient.asker, digit, got), CACHE_FOUND);
	assert_string_equal(got, text);
	cache_bench_release(&bench, &patient);
}

static bool is_at_hand(int digit)
{
	struct asker asker = cache_bench_hasty(&bench);
	char text[TEXT_SIZE];

	return get(&asker, digit, text) == CACHE_FOUND;
}

static bool is_size_known(int digit, size_t *ret_size)
{
	struct digest digest = fake_digest(digit);

	return cache_manifest_size(bench.cache, &bench.registry, "team/app", &digest, ret_size);
}

static void what_was_forgotten_is_asked_for_again(void **state)
{
	struct patient patient;
	char text[TEXT_SIZE];

	(void)state;
	fetch(1, "{}");
	fetch(2, "{\"a\":1}");
	cache_bench_pass(&bench, 1);
	cache_forget(bench.cache);
	assert_false(is_at_hand(1));
	assert_false(is_at_hand(2));
	patient = cache_bench_patient(&bench);
	assert_int_equal(get(&patient.asker, 1, text), CACHE_WAIT);
	fake_source_manifest(&bench.source, STATUS_OK, "{}");
	cache_bench_run(&bench);
	assert_int_equal(get(&patient.asker, 1, text), CACHE_FOUND);
	cache_bench_release(&bench, &patient);
	assert_true(is_at_hand(1));
}

/* It is pinned, but no more believed than the rest. */
static void also_what_somebody_holds(void **state)
{
	struct patient first, second;
	char text[TEXT_SIZE];

	(void)state;
	first = cache_bench_patient(&bench);
	assert_int_equal(get(&first.asker, 1, text), CACHE_WAIT);
	fake_source_manifest(&bench.source, STATUS_OK, "{}");
	cache_bench_run(&bench);
	cache_bench_pass(&bench, 1);
	cache_forget(bench.cache);
	second = cache_bench_patient(&bench);
	assert_int_equal(get(&second.asker, 1, text), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_FETCH_MANIFEST], 2);
	fake_source_manifest(&bench.source, STATUS_OK, "{}");
	cache_bench_run(&bench);
	cache_bench_release(&bench, &first);
	cache_bench_release(&bench, &second);
}

static void many_readers_share_one_question(void **state)
{
	struct patient patients[64];
	char text[TEXT_SIZE];

	(void)state;
	for (int i = 0; i < 64; i++) {
		patients[i] = cache_bench_patient(&bench);
		assert_int_equal(get(&patients[i].asker, 1, text), CACHE_WAIT);
	}
	assert_int_equal(bench.source.asked[FAKE_FETCH_MANIFEST], 1);
	fake_source_manifest(&bench.source, STATUS_OK, "{}");
	cache_bench_run(&bench);
	for (int i = 0; i < 64; i++) {
		assert_int_equal(patients[i].woken, 1);
		assert_int_equal(get(&patients[i].asker, 1, text), CACHE_FOUND);
		cache_bench_release(&bench, &patients[i]);
	}
}

static void bytes_live_for_the_digest_ttl(void **state)
{
	(void)state;
	fetch(1, "{}");
	cache_bench_pass(&bench, DIGEST_TTL_NS - NS_PER_S);
	assert_true(is_at_hand(1));
	cache_bench_pass(&bench, NS_PER_S);
	assert_false(is_at_hand(1));
}

static void another_repository_proves_nothing(void **state)
{
	struct asker asker;
	struct digest digest = fake_digest(1);
	struct bytes *bytes = NULL;
	enum status status;

	(void)state;
	fetch(1, "{}");
	asker = cache_bench_hasty(&bench);
	assert_int_equal(cache_get_manifest(bench.cache, &bench.registry, "team/other", &digest,
	                                    &asker, &bytes, &status),
	                 CACHE_WAIT);
}

static void an_absent_manifest_is_asked_for_again_by_the_next_one(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	char text[TEXT_SIZE];

	(void)state;
	get(&patient.asker, 1, text);
	fake_source_manifest(&bench.source, STATUS_WRONG_BYTES, NULL);
	cache_bench_run(&bench);
	assert_int_equal(get(&patient.asker, 1, text), CACHE_FAILED);
	cache_bench_release(&bench, &patient);
	fetch(1, "{}");
}

static void absence_lives_for_the_negative_ttl(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	struct asker asker;
	char text[TEXT_SIZE];

	(void)state;
	get(&patient.asker, 1, text);
	fake_source_manifest(&bench.source, STATUS_ABSENT, NULL);
	cache_bench_run(&bench);
	assert_int_equal(get(&patient.asker, 1, text), CACHE_ABSENT);
	cache_bench_release(&bench, &patient);
	asker = cache_bench_hasty(&bench);
	assert_int_equal(get(&asker, 1, text), CACHE_ABSENT);
	cache_bench_pass(&bench, NEGATIVE_TTL_NS);
	asker = cache_bench_hasty(&bench);
	assert_int_equal(get(&asker, 1, text), CACHE_WAIT);
}

/* A cache with room for the bytes of two or three manifests of 400 bytes each. */
static void fetch_five_with_little_memory(void)
{
	struct cache_config config = cache_bench_config();
	char text[401];

	config.max_bytes = 2800;
	restart(&config);
	memset(text, 'x', 400);
	text[400] = '\0';
	for (int digit = 1; digit <= 5; digit++)
		fetch(digit, text);
}

static void the_least_recently_used_bytes_go_first(void **state)
{
	(void)state;
	fetch_five_with_little_memory();
	assert_true(is_at_hand(5));
	assert_true(is_at_hand(4));
	assert_false(is_at_hand(1));
}

static void some_of_the_memory_is_left_free(void **state)
{
	struct cache_config config = cache_bench_config();
	struct cache_figures figures;
	char text[401];

	(void)state;
	config.max_bytes = 16000;
	restart(&config);
	memset(text, 'x', 400);
	text[400] = '\0';
	for (int digit = 1; digit <= 60; digit++) {
		fetch(digit, text);
		cache_figures(bench.cache, &figures);
		assert_true(figures.bytes <= 15000);
	}
	assert_true(figures.bytes > 14000);
	assert_int_equal(figures.max_bytes, 16000);
}

static void the_size_outlives_the_bytes(void **state)
{
	size_t size = 0;

	(void)state;
	fetch_five_with_little_memory();
	assert_false(is_at_hand(1));
	assert_true(is_size_known(1, &size));
	assert_int_equal(size, 400);
}

static void bytes_that_are_waited_for_stay_in_the_smallest_cache(void **state)
{
	struct cache_config config = cache_bench_config();
	struct patient first, second;
	char text[TEXT_SIZE];

	(void)state;
	config.max_bytes = 1;
	config.digest_ttl_ns = 0;
	restart(&config);
	first = cache_bench_patient(&bench);
	second = cache_bench_patient(&bench);
	get(&first.asker, 1, text);
	get(&second.asker, 2, text);
	fake_source_manifest(&bench.source, STATUS_OK, "one");
	fake_source_manifest(&bench.source, STATUS_OK, "two");
	cache_bench_run(&bench);
	assert_int_equal(get(&first.asker, 1, text), CACHE_FOUND);
	assert_string_equal(text, "one");
	assert_int_equal(get(&second.asker, 2, text), CACHE_FOUND);
	assert_string_equal(text, "two");
	cache_bench_release(&bench, &first);
	cache_bench_release(&bench, &second);
}

static void zero_ttl_asks_each_time(void **state)
{
	struct cache_config config = cache_bench_config();

	(void)state;
	config.digest_ttl_ns = 0;
	restart(&config);
	fetch(1, "{}");
	fetch(1, "{}");
	assert_int_equal(bench.source.asked[FAKE_FETCH_MANIFEST], 2);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(what_was_forgotten_is_asked_for_again),
	        cmocka_unit_test_fixture(also_what_somebody_holds),
	        cmocka_unit_test_fixture(many_readers_share_one_question),
	        cmocka_unit_test_fixture(bytes_live_for_the_digest_ttl),
	        cmocka_unit_test_fixture(another_repository_proves_nothing),
	        cmocka_unit_test_fixture(an_absent_manifest_is_asked_for_again_by_the_next_one),
	        cmocka_unit_test_fixture(absence_lives_for_the_negative_ttl),
	        cmocka_unit_test_fixture(the_least_recently_used_bytes_go_first),
	        cmocka_unit_test_fixture(some_of_the_memory_is_left_free),
	        cmocka_unit_test_fixture(the_size_outlives_the_bytes),
	        cmocka_unit_test_fixture(bytes_that_are_waited_for_stay_in_the_smallest_cache),
	        cmocka_unit_test_fixture(zero_ttl_asks_each_time),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
