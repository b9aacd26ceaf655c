/* What is shown although it is too old, and what never is. */
#include "base/bytes.h"
#include "tests/unit/cache_fixture.h"

#include <string.h>

#define tear_down cache_fixture_tear_down

#define STALE_TTL_NS (1000 * NS_PER_S)

static int set_up(void **state)
{
	struct cache_config config = cache_bench_config();

	(void)state;
	config.stale_after_ns = NS_PER_S;
	config.stale_ttl_ns = STALE_TTL_NS;
	restart(&config);
	return 0;
}

/* Somebody asks for "v1" by name and gets this answer; then the TTL passes. */
static void learn_and_forget(void)
{
	struct patient patient = cache_bench_patient(&bench);
	int digit;

	cache_bench_find_image(&bench, &patient.asker, "v1", &digit);
	fake_source_image(&bench.source, "v1", STATUS_OK, 3);
	cache_bench_release(&bench, &patient);
	cache_bench_pass(&bench, TTL_NS);
}

/* The same for the listing of "team/app". */
static void list_and_forget(void)
{
	struct patient patient = cache_bench_patient(&bench);
	char text[256];

	cache_bench_list(&bench, &patient.asker, CACHE_TAGS, "team/app", text);
	fake_source_images(&bench.source, "team/app", "v1=3", true);
	cache_bench_release(&bench, &patient);
	cache_bench_pass(&bench, TTL_NS);
}

/* Somebody begins to ask again, and gets this answer (STATUS_OK: none yet). */
static void ask_again(enum status status)
{
	struct patient patient = cache_bench_patient(&bench);
	int digit;

	assert_int_equal(cache_bench_find_image(&bench, &patient.asker, "v1", &digit), CACHE_WAIT);
	if (status != STATUS_OK)
		fake_source_image(&bench.source, "v1", status, 0);
	cache_bench_release(&bench, &patient);
}

static enum cache_answer at_hand(void)
{
	struct asker asker = cache_bench_hasty(&bench);
	int digit;
	enum cache_answer answer = cache_bench_find_image(&bench, &asker, "v1", &digit);

	if (answer == CACHE_FOUND)
		assert_int_equal(digit, 3);
	return answer;
}

static void an_old_answer_waits_for_news_first(void **state)
{
	(void)state;
	learn_and_forget();
	assert_int_equal(at_hand(), CACHE_WAIT);
	ask_again(STATUS_OK);
	assert_int_equal(at_hand(), CACHE_WAIT);
}

static void it_is_shown_when_news_do_not_come(void **state)
{
	(void)state;
	learn_and_forget();
	ask_again(STATUS_OK);
	cache_bench_pass(&bench, NS_PER_S);
	assert_int_equal(at_hand(), CACHE_FOUND);
}

static void who_has_waited_takes_it(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	int digit;

	(void)state;
	learn_and_forget();
	cache_bench_release(&bench, &patient);
	patient = cache_bench_patient(&bench);
	assert_int_equal(cache_bench_find_image(&bench, &patient.asker, "v1", &digit), CACHE_WAIT);
	patient.asker.takes_stale = true;
	assert_int_equal(cache_bench_find_image(&bench, &patient.asker, "v1", &digit), CACHE_FOUND);
	cache_bench_release(&bench, &patient);
}

static void it_is_shown_at_once_when_ecr_cannot_be_asked(void **state)
{
	static const enum status transient[] = {
	        STATUS_TIMED_OUT,          STATUS_UNRESOLVED,   STATUS_REFUSED,
	        STATUS_THROTTLED,          STATUS_SERVER_ERROR, STATUS_PROTOCOL,
	        STATUS_CREDENTIALS_EXPIRED};

	(void)state;
	for (size_t i = 0; i < sizeof(transient) / sizeof(transient[0]); i++) {
		learn_and_forget();
		ask_again(transient[i]);
		assert_int_equal(at_hand(), CACHE_FOUND);
		cache_bench_pass(&bench, NS_PER_S);
		assert_int_equal(at_hand(), CACHE_WAIT); /* it is time to ask again */
		cache_bench_pass(&bench, TTL_NS);
	}
}

static void it_is_good_for_a_second(void **state)
{
	struct asker asker;
	struct found_image found;
	enum status status;

	(void)state;
	learn_and_forget();
	ask_again(STATUS_TIMED_OUT);
	asker = cache_bench_hasty(&bench);
	assert_int_equal(cache_find_image(bench.cache, &bench.registry, "team/app", "v1", CACHE_ASK,
	                                  &asker, &found, &status),
	                 CACHE_FOUND);
	assert_int_equal(found.until_ns, asker.start_ns + NS_PER_S);
	image_unref(found.image);
}

static void it_is_never_shown_against_what_ecr_said(void **state)
{
	static const enum status said[] = {STATUS_DENIED, STATUS_CREDENTIALS_REJECTED,
	                                   STATUS_ABSENT};

	(void)state;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		learn_and_forget();
		ask_again(said[i]);
		assert_int_not_equal(at_hand(), CACHE_FOUND);
		cache_bench_pass(&bench, NEGATIVE_TTL_NS);
		assert_int_equal(at_hand(), CACHE_WAIT);
	}
}

static void nor_when_ecr_cannot_be_asked_after_that(void **state)
{
	(void)state;
	list_and_forget();
	ask_again(STATUS_ABSENT);
	cache_bench_pass(&bench, NEGATIVE_TTL_NS);
	ask_again(STATUS_THROTTLED);
	assert_int_equal(at_hand(), CACHE_WAIT);
}

static void it_is_shown_until_its_time_is_up(void **state)
{
	(void)state;
	learn_and_forget();
	cache_bench_pass(&bench, STALE_TTL_NS);
	ask_again(STATUS_TIMED_OUT);
	assert_int_equal(at_hand(), CACHE_WAIT);
}

static void an_old_listing_is_read_when_ecr_cannot_be_asked(void **state)
{
	struct patient patient;
	char text[256];

	(void)state;
	list_and_forget();
	patient = cache_bench_patient(&bench);
	assert_int_equal(cache_bench_list(&bench, &patient.asker, CACHE_TAGS, "team/app", text),
	                 CACHE_WAIT);
	fake_source_fail_listing(&bench.source, FAKE_LIST_IMAGES, STATUS_UNRESOLVED);
	assert_int_equal(cache_bench_list(&bench, &patient.asker, CACHE_TAGS, "team/app", text),
	                 CACHE_FOUND);
	assert_string_equal(text, "v1");
	cache_bench_release(&bench, &patient);
}

/* A manifest whose bytes are asked for again: this is the answer. */
static enum cache_answer refetch(enum status status)
{
	struct digest digest = fake_digest(1);
	struct patient patient = cache_bench_patient(&bench);
	struct bytes *bytes = NULL;
	enum status ignored;
	enum cache_answer answer;

	cache_get_manifest(bench.cache, &bench.registry, "team/app", &digest, &patient.asker,
	                   &bytes, &ignored);
	fake_source_manifest(&bench.source, status, status == STATUS_OK ? "{}" : NULL);
	answer = cache_get_manifest(bench.cache, &bench.registry, "team/app", &digest,
	                            &patient.asker, &bytes, &ignored);
	bytes_unref(bytes);
	cache_bench_release(&bench, &patient);
	return answer;
}

static void old_bytes_are_read_when_ecr_cannot_be_asked(void **state)
{
	(void)state;
	assert_int_equal(refetch(STATUS_OK), CACHE_FOUND);
	cache_bench_pass(&bench, DIGEST_TTL_NS);
	assert_int_equal(refetch(STATUS_TIMED_OUT), CACHE_FOUND);
	cache_bench_pass(&bench, NS_PER_S);
	assert_int_equal(refetch(STATUS_DENIED), CACHE_FAILED);
	cache_bench_pass(&bench, NEGATIVE_TTL_NS);
	assert_int_equal(refetch(STATUS_TIMED_OUT), CACHE_FAILED); /* the bytes are gone */
}

static void what_is_a_repository_stays_one_while_ecr_cannot_be_asked(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	struct asker asker;
	char text[256];

	(void)state;
	cache_bench_list(&bench, &patient.asker, CACHE_COMPONENTS, "", text);
	fake_source_repositories(&bench.source, "team/app", true);
	cache_bench_release(&bench, &patient);
	cache_bench_pass(&bench, TTL_NS);
	patient = cache_bench_patient(&bench);
	cache_bench_list(&bench, &patient.asker, CACHE_COMPONENTS, "", text);
	fake_source_fail_listing(&bench.source, FAKE_LIST_REPOSITORIES, STATUS_UNRESOLVED);
	cache_bench_release(&bench, &patient);
	cache_bench_pass(&bench, 10 * NS_PER_S); /* longer ago than a failure is remembered */
	asker = cache_bench_hasty(&bench);
	assert_int_equal(cache_is_repository(bench.cache, &bench.registry, "team/app", &asker),
	                 CACHE_KNOWN);
	assert_int_equal(cache_is_repository(bench.cache, &bench.registry, "team", &asker),
	                 CACHE_KNOWN_ABSENT);
}

/* Somebody lists the registry: these repositories, or this failure. */
static void list_repositories(const char *names, enum status status)
{
	struct patient patient = cache_bench_patient(&bench);
	char text[256];

	cache_bench_list(&bench, &patient.asker, CACHE_COMPONENTS, "", text);
	if (names)
		fake_source_repositories(&bench.source, names, true);
	else
		fake_source_fail_listing(&bench.source, FAKE_LIST_REPOSITORIES, status);
	cache_bench_release(&bench, &patient);
}

/* Somebody asks by name for the repository "tools", and gets this answer. */
static void ask_for_tools(enum status status)
{
	struct patient patient = cache_bench_patient(&bench);
	enum status ignored;
	uint64_t until_ns;

	cache_find_repository(bench.cache, &bench.registry, "tools", &patient.asker, &until_ns,
	                      &ignored);
	fake_source_repository(&bench.source, "tools", status);
	cache_bench_release(&bench, &patient);
}

static enum cache_known is_tools_there(void)
{
	struct asker asker = cache_bench_hasty(&bench);

	return cache_is_repository(bench.cache, &bench.registry, "tools", &asker);
}

static void a_word_by_name_wins_over_an_older_listing(void **state)
{
	(void)state;
	list_repositories("team/app", STATUS_OK);
	ask_for_tools(STATUS_OK);
	cache_bench_pass(&bench, TTL_NS);
	assert_int_equal(is_tools_there(), CACHE_UNKNOWN); /* there may be news */
	list_repositories(NULL, STATUS_UNRESOLVED);
	assert_int_equal(is_tools_there(), CACHE_KNOWN);
	ask_for_tools(STATUS_ABSENT);
	cache_bench_pass(&bench, NEGATIVE_TTL_NS);
	assert_int_equal(is_tools_there(), CACHE_KNOWN_ABSENT);
}

static void a_newer_listing_wins_over_a_word_by_name(void **state)
{
	(void)state;
	ask_for_tools(STATUS_OK);
	cache_bench_pass(&bench, TTL_NS);
	list_repositories("team/app", STATUS_OK);
	cache_bench_pass(&bench, TTL_NS);
	list_repositories(NULL, STATUS_UNRESOLVED);
	assert_int_equal(is_tools_there(), CACHE_KNOWN_ABSENT);
}

static bool lacks(const char *path)
{
	struct asker asker = cache_bench_hasty(&bench);

	return cache_lacks_repository(bench.cache, &bench.registry, path, &asker);
}

/* An old one proves nothing, whether or not there are news. */
static void a_repository_is_lacking_within_the_ttl_of_a_listing(void **state)
{
	(void)state;
	assert_false(lacks("tools"));
	list_repositories("team/app", STATUS_OK);
	assert_true(lacks("tools"));
	assert_true(lacks("team"));
	assert_false(lacks("team/app"));
	ask_for_tools(STATUS_OK);
	assert_false(lacks("tools"));
	cache_bench_pass(&bench, TTL_NS);
	assert_false(lacks("team"));
	list_repositories(NULL, STATUS_UNRESOLVED);
	assert_false(lacks("team"));
}

static void an_old_listing_is_renewed_and_none_is_not_begun(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	enum status status;

	(void)state;
	assert_int_equal(cache_renew_paths(bench.cache, &bench.registry, &patient.asker, &status),
	                 CACHE_FOUND);
	cache_bench_release(&bench, &patient);
	list_repositories("team/app", STATUS_OK);
	cache_bench_pass(&bench, TTL_NS);
	patient = cache_bench_patient(&bench);
	assert_int_equal(cache_renew_paths(bench.cache, &bench.registry, &patient.asker, &status),
	                 CACHE_WAIT);
	fake_source_repositories(&bench.source, "team/app", false); /* a page */
	assert_int_equal(cache_renew_paths(bench.cache, &bench.registry, &patient.asker, &status),
	                 CACHE_WAIT);
	fake_source_repositories(&bench.source, "tools", true);
	assert_int_equal(cache_renew_paths(bench.cache, &bench.registry, &patient.asker, &status),
	                 CACHE_FOUND);
	cache_bench_release(&bench, &patient);
	assert_int_equal(bench.source.asked[FAKE_LIST_REPOSITORIES], 2);
}

/* Asks for "v1" so, and gets this answer (STATUS_OK: none is asked for). */
static enum cache_answer ask_how(enum image_question_how how, enum status status)
{
	struct patient patient = cache_bench_patient(&bench);
	struct found_image found = {.image = NULL};
	enum status ignored;
	enum cache_answer answer;

	answer = cache_find_image(bench.cache, &bench.registry, "team/app", "v1", how,
	                          &patient.asker, &found, &ignored);
	if (status != STATUS_OK) {
		assert_int_equal(answer, CACHE_WAIT);
		fake_source_image(&bench.source, "v1", status, 0);
		answer = cache_find_image(bench.cache, &bench.registry, "team/app", "v1", how,
		                          &patient.asker, &found, &ignored);
	}
	image_unref(found.image);
	cache_bench_release(&bench, &patient);
	return answer;
}

static void an_absence_is_believed_for_want_of_news_by_who_reads_a_directory(void **state)
{
	(void)state;
	assert_int_equal(ask_how(CACHE_ASK, STATUS_ABSENT), CACHE_ABSENT);
	cache_bench_pass(&bench, NEGATIVE_TTL_NS);
	assert_int_equal(ask_how(CACHE_ASK, STATUS_TIMED_OUT), CACHE_FAILED);
	assert_int_equal(ask_how(CACHE_ASK_LISTED, STATUS_OK), CACHE_ABSENT);
	assert_int_equal(ask_how(CACHE_ASK_YOUNG, STATUS_TIMED_OUT), CACHE_FAILED);
	cache_bench_pass(&bench, NEGATIVE_TTL_NS + STALE_TTL_NS);
	assert_int_equal(ask_how(CACHE_ASK_LISTED, STATUS_TIMED_OUT), CACHE_FAILED);
}

static void a_listing_that_is_too_old_is_no_proof_of_absence(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	char text[256];

	(void)state;
	cache_bench_list(&bench, &patient.asker, CACHE_TAGS, "team/app", text);
	fake_source_images(&bench.source, "team/app", "v2=3", true);
	cache_bench_release(&bench, &patient);
	assert_int_equal(ask_how(CACHE_ASK_YOUNG, STATUS_OK), CACHE_ABSENT);
	cache_bench_pass(&bench, TTL_NS);
	assert_int_equal(ask_how(CACHE_ASK_YOUNG, STATUS_TIMED_OUT), CACHE_FAILED);
	assert_int_equal(ask_how(CACHE_ASK_LISTED, STATUS_OK), CACHE_ABSENT);
}

static void what_was_forgotten_is_not_shown_for_want_of_news(void **state)
{
	(void)state;
	learn_and_forget();
	cache_forget(bench.cache);
	ask_again(STATUS_UNRESOLVED);
	assert_int_not_equal(at_hand(), CACHE_FOUND);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(what_was_forgotten_is_not_shown_for_want_of_news),
	        cmocka_unit_test_fixture(an_old_answer_waits_for_news_first),
	        cmocka_unit_test_fixture(it_is_shown_when_news_do_not_come),
	        cmocka_unit_test_fixture(who_has_waited_takes_it),
	        cmocka_unit_test_fixture(it_is_shown_at_once_when_ecr_cannot_be_asked),
	        cmocka_unit_test_fixture(it_is_good_for_a_second),
	        cmocka_unit_test_fixture(it_is_never_shown_against_what_ecr_said),
	        cmocka_unit_test_fixture(nor_when_ecr_cannot_be_asked_after_that),
	        cmocka_unit_test_fixture(it_is_shown_until_its_time_is_up),
	        cmocka_unit_test_fixture(an_old_listing_is_read_when_ecr_cannot_be_asked),
	        cmocka_unit_test_fixture(what_is_a_repository_stays_one_while_ecr_cannot_be_asked),
	        cmocka_unit_test_fixture(old_bytes_are_read_when_ecr_cannot_be_asked),
	        cmocka_unit_test_fixture(a_word_by_name_wins_over_an_older_listing),
	        cmocka_unit_test_fixture(a_newer_listing_wins_over_a_word_by_name),
	        cmocka_unit_test_fixture(a_repository_is_lacking_within_the_ttl_of_a_listing),
	        cmocka_unit_test_fixture(an_old_listing_is_renewed_and_none_is_not_begun),
	        cmocka_unit_test_fixture(
	                an_absence_is_believed_for_want_of_news_by_who_reads_a_directory),
	        cmocka_unit_test_fixture(a_listing_that_is_too_old_is_no_proof_of_absence),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
