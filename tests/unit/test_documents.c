/* Documents: one question for each, their bytes within the budget. */
#include "cache/documents.h"
#include "base/bytes.h"
#include "ecr/source.h"
#include "tests/unit/cache_fixture.h"

#include <stdio.h>
#include <string.h>

#define set_up    cache_fixture_set_up
#define tear_down cache_fixture_tear_down

#define TEXT_SIZE 64

/* The text is copied out; "" when nothing was found. */
static enum cache_answer get_from(struct asker *asker, const char *repository, int digit,
                                  char text[TEXT_SIZE], enum status *ret_status)
{
	struct document_id id = {
	        .kind = DOCUMENT_CONFIG, .digest = fake_digest(digit), .size_bytes = 7};
	struct cached_document document = {.bytes = NULL};
	enum cache_answer answer = cache_get_document(bench.cache, &bench.registry, repository, &id,
	                                              asker, &document, ret_status);

	text[0] = '\0';
	if (document.bytes)
		snprintf(text, TEXT_SIZE, "%.*s", (int)document.bytes->size, document.bytes->data);
	bytes_unref(document.bytes);
	return answer;
}

static enum cache_answer get(struct asker *asker, int digit, char text[TEXT_SIZE])
{
	enum status status = STATUS_OK;

	return get_from(asker, "team/app", digit, text, &status);
}

static void fetch(int digit, const char *text)
{
	struct patient patient = cache_bench_patient(&bench);
	char got[TEXT_SIZE];

	assert_int_equal(get(&patient.asker, digit, got), CACHE_WAIT);
	fake_source_document(&bench.source, STATUS_OK, text);
	cache_bench_run(&bench);
	assert_int_equal(patient.woken, 1);
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

static void a_configuration_is_asked_for_once(void **state)
{
	(void)state;
	fetch(1, "one");
	cache_bench_pass(&bench, DIGEST_TTL_NS / 2);
	assert_true(is_at_hand(1));
	assert_false(is_at_hand(2));
	assert_int_equal(bench.source.asked[FAKE_FETCH_DOCUMENT], 1);
	cache_bench_pass(&bench, DIGEST_TTL_NS);
	assert_false(is_at_hand(1));
}

static void all_who_want_it_share_a_question(void **state)
{
	struct patient first = cache_bench_patient(&bench), second = cache_bench_patient(&bench);
	char text[TEXT_SIZE];

	(void)state;
	assert_int_equal(get(&first.asker, 1, text), CACHE_WAIT);
	assert_int_equal(get(&second.asker, 1, text), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_FETCH_DOCUMENT], 1);
	fake_source_document(&bench.source, STATUS_OK, "one");
	cache_bench_run(&bench);
	assert_int_equal(get(&first.asker, 1, text), CACHE_FOUND);
	assert_int_equal(get(&second.asker, 1, text), CACHE_FOUND);
	cache_bench_release(&bench, &first);
	cache_bench_release(&bench, &second);
}

/* What one repository gave proves nothing about what another lets this caller read. */
static void another_repository_is_asked_for_itself(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	enum status status = STATUS_OK;
	char text[TEXT_SIZE];

	(void)state;
	fetch(1, "one");
	assert_int_equal(get_from(&patient.asker, "team/other", 1, text, &status), CACHE_WAIT);
	fake_source_document(&bench.source, STATUS_DENIED, NULL);
	cache_bench_run(&bench);
	assert_int_equal(get_from(&patient.asker, "team/other", 1, text, &status), CACHE_FAILED);
	assert_int_equal(status, STATUS_DENIED);
	cache_bench_release(&bench, &patient);
}

static void bytes_go_when_memory_is_short(void **state)
{
	struct cache_config config = cache_bench_config();
	char large[4096];

	(void)state;
	config.max_bytes = 10000;
	restart(&config);
	memset(large, 'x', sizeof(large));
	large[50] = '\0'; /* get() compares that much */
	fetch(1, large);
	for (int digit = 2; digit < 60; digit++)
		fetch(digit, large);
	assert_false(is_at_hand(1));
	assert_true(is_at_hand(59));
}

static enum cache_answer get_scan(struct asker *asker, struct cached_document *document)
{
	struct document_id id = {.kind = DOCUMENT_SCAN, .digest = fake_digest(1)};
	enum status status = STATUS_OK;

	return cache_get_document(bench.cache, &bench.registry, "team/app", &id, asker, document,
	                          &status);
}

/* Asks anew, and gets the text. */
static struct digest fetch_scan(const char *text)
{
	struct patient patient = cache_bench_patient(&bench);
	struct cached_document document = {.bytes = NULL};

	assert_int_equal(get_scan(&patient.asker, &document), CACHE_WAIT);
	fake_source_document(&bench.source, STATUS_OK, text);
	cache_bench_run(&bench);
	assert_int_equal(get_scan(&patient.asker, &document), CACHE_FOUND);
	assert_memory_equal(document.bytes->data, text, strlen(text));
	bytes_unref(document.bytes);
	cache_bench_release(&bench, &patient);
	return document.text;
}

static void what_changes_is_good_for_the_ttl_and_has_a_digest(void **state)
{
	struct document_id id = {.kind = DOCUMENT_SCAN, .digest = fake_digest(1)};
	struct digest first = fetch_scan("one"), same, other;
	struct cached_document document = {.bytes = NULL};
	uint64_t changed_ns, unchanged_ns, until_ns;
	struct asker hasty = cache_bench_hasty(&bench);

	(void)state;
	assert_int_equal(get_scan(&hasty, &document), CACHE_FOUND);
	bytes_unref(document.bytes);
	cache_document_times(bench.cache, &bench.registry, "team/app", &id, &changed_ns, &until_ns);
	assert_true(changed_ns && until_ns > clock_monotonic_ns(&bench.clock.clock));
	cache_bench_pass(&bench, TTL_NS);
	hasty = cache_bench_hasty(&bench);
	assert_int_equal(get_scan(&hasty, &document), CACHE_WAIT);
	assert_true(cache_peek_document(bench.cache, &bench.registry, "team/app", &id, &document));
	bytes_unref(document.bytes);
	same = fetch_scan("one");
	assert_true(digest_equal(&first, &same));
	cache_document_times(bench.cache, &bench.registry, "team/app", &id, &unchanged_ns,
	                     &until_ns);
	assert_true(changed_ns == unchanged_ns);
	cache_bench_pass(&bench, TTL_NS);
	cache_document_times(bench.cache, &bench.registry, "team/app", &id, &unchanged_ns,
	                     &until_ns);
	assert_true(changed_ns == unchanged_ns && until_ns == 0);
	other = fetch_scan("two");
	assert_false(digest_equal(&first, &other));
	cache_document_times(bench.cache, &bench.registry, "team/app", &id, &unchanged_ns,
	                     &until_ns);
	assert_true(changed_ns != unchanged_ns);
}

static void what_the_server_does_not_know_is_remembered_for_the_negative_ttl(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	struct cached_document document;
	struct asker hasty;

	(void)state;
	assert_int_equal(get_scan(&patient.asker, &document), CACHE_WAIT);
	fake_source_document(&bench.source, STATUS_UNSUPPORTED, NULL);
	cache_bench_run(&bench);
	cache_bench_release(&bench, &patient);
	hasty = cache_bench_hasty(&bench);
	assert_int_equal(get_scan(&hasty, &document), CACHE_FAILED);
	cache_bench_pass(&bench, NEGATIVE_TTL_NS);
	hasty = cache_bench_hasty(&bench);
	assert_int_equal(get_scan(&hasty, &document), CACHE_WAIT);
}

static void with_nopull_there_is_none(void **state)
{
	struct cache_config config = cache_bench_config();
	struct patient patient;
	enum status status = STATUS_OK;
	char text[TEXT_SIZE];

	(void)state;
	config.no_pull = true;
	restart(&config);
	patient = cache_bench_patient(&bench);
	assert_int_equal(get_from(&patient.asker, "team/app", 1, text, &status), CACHE_FAILED);
	assert_int_equal(status, STATUS_NOT_PULLED);
	assert_int_equal(bench.source.asked[FAKE_FETCH_DOCUMENT], 0);
	cache_bench_release(&bench, &patient);
}

static void a_source_that_takes_no_question_is_out_of_memory(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	enum status status = STATUS_OK;
	char text[TEXT_SIZE];

	(void)state;
	bench.source.refuses = true;
	assert_int_equal(get(&patient.asker, 1, text), CACHE_WAIT);
	cache_bench_run(&bench);
	assert_int_equal(patient.woken, 1);
	assert_int_equal(get_from(&patient.asker, "team/app", 1, text, &status), CACHE_FAILED);
	assert_int_equal(status, STATUS_NO_MEMORY);
	cache_bench_release(&bench, &patient);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_configuration_is_asked_for_once),
	        cmocka_unit_test_fixture(all_who_want_it_share_a_question),
	        cmocka_unit_test_fixture(another_repository_is_asked_for_itself),
	        cmocka_unit_test_fixture(bytes_go_when_memory_is_short),
	        cmocka_unit_test_fixture(what_changes_is_good_for_the_ttl_and_has_a_digest),
	        cmocka_unit_test_fixture(
	                what_the_server_does_not_know_is_remembered_for_the_negative_ttl),
	        cmocka_unit_test_fixture(with_nopull_there_is_none),
	        cmocka_unit_test_fixture(a_source_that_takes_no_question_is_out_of_memory),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
