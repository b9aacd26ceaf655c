/* The store between cache and ECR: the disk first, then ECR, and together. */
#include "store/store.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "ecr/registry.h"
#include "net/loop.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/fake_source.h"
#include "tests/unit/pump.h"
#include "tests/unit/temp_dir.h"
#include "tests/unit/unit_test.h"

#include <string.h>
#include <unistd.h>

#define TTL_NS   (3600 * NS_PER_S)
#define STALE_NS (7200 * NS_PER_S)

static const struct registry registry = {.account = "012345678910"};
static struct temp_dir dir;
static struct fake_clock fake;
static struct captured_log captured;
static struct fake_source inner;
static struct loop *loop;
static struct store *store;
static struct store_config config;

struct told {
	bool is_told;
	enum status status;
	size_t size;
	bool has_bytes;
};

static void start(void)
{
	char why[FOLDER_WHY_SIZE];

	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(store_new(loop, &fake.clock, captured.log, &inner.source, &config, &store),
	                 0);
	assert_int_equal(store_start(store, why), 0);
}

static void stop(void)
{
	assert_true(store_free(store));
	loop_run_once(loop);
	assert_true(loop_free(loop));
}

static int set_up(void **state)
{
	(void)state;
	temp_dir_init(&dir);
	fake_clock_init(&fake);
	captured_log_init(&captured, &fake.clock);
	fake_source_init(&inner);
	config = (struct store_config){
	        .folder.path = dir.path,
	        .max_bytes = 1 << 20,
	        .digest_ttl_ns = TTL_NS,
	        .stale_ttl_ns = STALE_NS,
	};
	start();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	stop();
	captured_log_deinit(&captured);
	temp_dir_deinit(&dir);
	return 0;
}

static void fetched(void *arg, enum status status, struct bytes *bytes)
{
	struct told *told = arg;

	assert_false(told->is_told);
	*told = (struct told){true, status, bytes ? bytes->size : 0, bytes != NULL};
}

static void sized(void *arg, enum status status, struct bytes *bytes, size_t size)
{
	struct told *told = arg;

	assert_false(told->is_told);
	*told = (struct told){true, status, size, bytes != NULL};
}

static struct digest digest_of(const char *text)
{
	struct digest digest;

	assert_int_equal(digest_compute(text, strlen(text), &digest), 0);
	return digest;
}

static void ask(const char *repository, const char *text, struct told *told)
{
	struct source *source = store_source(store);
	struct digest digest = digest_of(text);

	*told = (struct told){0};
	assert_int_equal(
	        source->ops->fetch_manifest(source, &registry, repository, &digest, fetched, told),
	        0);
	assert_false(told->is_told);
}

static void ask_size(const char *repository, const char *text, struct told *told)
{
	struct source *source = store_source(store);
	struct digest digest = digest_of(text);

	*told = (struct told){0};
	assert_int_equal(
	        source->ops->fetch_size(source, &registry, repository, &digest, sized, told), 0);
	assert_false(told->is_told);
}

static void ask_document(const char *repository, enum document_kind kind, const char *text,
                         uint64_t size, struct told *told)
{
	struct source *source = store_source(store);
	struct document_id id = {.kind = kind, .digest = digest_of(text), .size_bytes = size};

	*told = (struct told){0};
	assert_int_equal(
	        source->ops->fetch_document(source, &registry, repository, &id, fetched, told), 0);
	assert_false(told->is_told);
}

static void ask_config(const char *repository, const char *text, struct told *told)
{
	ask_document(repository, DOCUMENT_CONFIG, text, strlen(text), told);
}

static void pump_until_asked_for(enum fake_kind kind, unsigned n)
{
	const bool now = true;

	for (int i = 0; i < 20000 && inner.asked[kind] < n; i++) {
		pump_until(loop, &now);
		usleep(1000);
	}
	assert_int_equal(inner.asked[kind], n);
}

/* Until ECR has been asked so often. */
static void pump_until_asked(unsigned n)
{
	pump_until_asked_for(FAKE_FETCH_MANIFEST, n);
}

/* Asks ECR, and restarts when it is on disk. */
static void keep(const char *repository, const char *text)
{
	struct told told;

	ask(repository, text, &told);
	pump_until_asked(inner.asked[FAKE_FETCH_MANIFEST] + 1);
	fake_source_manifest(&inner, STATUS_OK, text);
	assert_true(told.is_told);
	assert_int_equal(told.status, STATUS_OK);
	stop();
	start();
}

static void keep_config(const char *repository, const char *text)
{
	struct told told;

	ask_config(repository, text, &told);
	pump_until_asked_for(FAKE_FETCH_DOCUMENT, inner.asked[FAKE_FETCH_DOCUMENT] + 1);
	fake_source_document(&inner, STATUS_OK, text);
	assert_int_equal(told.status, STATUS_OK);
	stop();
	start();
}

static void what_was_kept_is_not_asked_for_again(void **state)
{
	struct store_figures figures;
	struct told told;

	(void)state;
	keep("team", "one");
	ask("team", "one", &told);
	pump_until(loop, &told.is_told);
	assert_int_equal(told.status, STATUS_OK);
	assert_int_equal(told.size, 3);
	assert_int_equal(inner.asked[FAKE_FETCH_MANIFEST], 1);
	store_figures(store, &figures);
	assert_int_equal(figures.hits, 1);
	assert_int_equal(figures.misses, 0);
	assert_int_equal(store_source(store)->n_asked, 0);
}

static void another_repository_is_asked_for_itself(void **state)
{
	struct told told;

	(void)state;
	keep("team", "one");
	ask("team2", "one", &told);
	pump_until_asked(2);
	fake_source_manifest(&inner, STATUS_DENIED, NULL);
	assert_int_equal(told.status, STATUS_DENIED);
}

/* None of the 250 before the last one of its hundred. */
static void what_is_asked_in_one_turn_goes_on_together(void **state)
{
	static struct told told[250];
	unsigned asked = 0;
	const bool now = true;

	(void)state;
	for (int i = 0; i < 250; i++) {
		char text[32];

		snprintf(text, sizeof(text), "text %d", i);
		ask("team", text, &told[i]);
	}
	for (int i = 0; i < 20000 && asked < 250; i++) {
		usleep(1000);
		pump_until(loop, &now);
		asked = inner.asked[FAKE_FETCH_MANIFEST];
		assert_true(asked % 100 == 0 || asked == 50 || asked == 150 || asked == 250);
	}
	assert_int_equal(asked, 250);
	assert_int_equal(fake_source_manifests(&inner, 250, STATUS_ABSENT, NULL), 250);
}

static void name_text(int i, char text[static 32])
{
	snprintf(text, 32, "text %d", i);
}

/* More than one thread looks for at a time: what is there is answered, and nothing else asked for.
 */
static void of_many_those_are_asked_for_that_are_not_there(void **state)
{
	static struct told told[90];
	struct store_figures figures;
	char text[32];

	(void)state;
	for (int i = 0; i < 90; i += 3) {
		name_text(i, text);
		keep("team", text);
	}
	for (int i = 0; i < 90; i++) {
		name_text(i, text);
		ask("team", text, &told[i]);
	}
	for (int i = 0; i < 90; i += 3) {
		name_text(i, text);
		pump_until(loop, &told[i].is_told);
		assert_int_equal(told[i].status, STATUS_OK);
		assert_int_equal(told[i].size, strlen(text));
	}
	pump_until_asked(30 + 60);
	for (int i = 0; i < 90; i++)
		assert_int_equal(told[i].is_told, i % 3 == 0);
	assert_int_equal(fake_source_manifests(&inner, 90, STATUS_ABSENT, NULL), 60);
	store_figures(store, &figures);
	assert_int_equal(figures.hits, 30);
	assert_int_equal(figures.misses, 60);
}

static void without_the_bytes_the_size_is_known(void **state)
{
	CLEANUP(free_string) char *path = NULL;
	struct digest digest = digest_of("one");
	char hex[DIGEST_HEX_SIZE];
	struct told told;

	(void)state;
	keep("team", "one");
	ask_size("team", "one", &told);
	pump_until(loop, &told.is_told);
	assert_int_equal(told.size, 3);
	assert_true(told.has_bytes);
	digest_format_hex(&digest, hex);
	assert_true(asprintf(&path, "%s/blobs/sha256/%s", dir.path, hex) > 0);
	assert_int_equal(remove(path), 0);
	ask_size("team", "one", &told);
	pump_until(loop, &told.is_told);
	assert_int_equal(told.status, STATUS_OK);
	assert_int_equal(told.size, 3);
	assert_false(told.has_bytes);
	assert_int_equal(inner.asked[FAKE_FETCH_MANIFEST], 1);
	ask("team", "one", &told);
	pump_until_asked(2);
	fake_source_manifest(&inner, STATUS_ABSENT, NULL);
}

static void what_is_old_is_for_those_who_cannot_ask(void **state)
{
	struct told told;

	(void)state;
	keep("team", "one");
	fake_clock_advance(&fake, TTL_NS);
	ask("team", "one", &told);
	pump_until_asked(2);
	fake_source_manifest(&inner, STATUS_REFUSED, NULL);
	assert_int_equal(told.status, STATUS_OK);
	assert_int_equal(told.size, 3);
	assert_int_equal(store_source(store)->n_asked, 1);
	ask("team", "one", &told);
	pump_until_asked(3);
	fake_source_manifest(&inner, STATUS_ABSENT, NULL);
	assert_int_equal(told.status, STATUS_ABSENT);
	fake_clock_advance(&fake, STALE_NS);
	ask("team", "one", &told);
	pump_until_asked(4);
	fake_source_manifest(&inner, STATUS_REFUSED, NULL);
	assert_int_equal(told.status, STATUS_REFUSED);
}

static void with_nopull_only_the_disk_is_asked(void **state)
{
	struct told one, two;

	(void)state;
	keep("team", "one");
	stop();
	config.no_pull = true;
	start();
	ask("team", "one", &one);
	ask("team", "two", &two);
	pump_until(loop, &one.is_told);
	pump_until(loop, &two.is_told);
	assert_int_equal(one.status, STATUS_OK);
	assert_int_equal(two.status, STATUS_NOT_PULLED);
	fake_clock_advance(&fake, TTL_NS);
	ask("team", "one", &one);
	pump_until(loop, &one.is_told);
	assert_int_equal(one.status, STATUS_OK);
	assert_int_equal(inner.asked[FAKE_FETCH_MANIFEST], 1);
}

static void a_configuration_is_kept_and_no_pull(void **state)
{
	struct told told;

	(void)state;
	keep_config("team", "{}");
	ask_config("team", "{}", &told);
	pump_until(loop, &told.is_told);
	assert_int_equal(told.status, STATUS_OK);
	assert_int_equal(told.size, 2);
	assert_int_equal(inner.asked[FAKE_FETCH_DOCUMENT], 1);
	assert_int_equal(store_source(store)->n_asked, 0);
	fake_clock_advance(&fake, TTL_NS);
	ask_config("team", "{}", &told);
	pump_until_asked_for(FAKE_FETCH_DOCUMENT, 2);
	fake_source_document(&inner, STATUS_REFUSED, NULL);
	assert_int_equal(told.status, STATUS_OK);
}

static void a_configuration_of_another_repository_or_size_is_asked_for(void **state)
{
	struct told told;

	(void)state;
	keep_config("team", "{}");
	ask_config("team2", "{}", &told);
	pump_until_asked_for(FAKE_FETCH_DOCUMENT, 2);
	fake_source_document(&inner, STATUS_DENIED, NULL);
	assert_int_equal(told.status, STATUS_DENIED);
	ask_document("team", DOCUMENT_CONFIG, "{}", 3, &told);
	pump_until_asked_for(FAKE_FETCH_DOCUMENT, 3);
	fake_source_document(&inner, STATUS_REFUSED, NULL);
	assert_int_equal(told.status, STATUS_REFUSED);
}

/* One who may only pull would else see an image where there is none. */
static void a_configuration_is_no_manifest_nor_the_other_way_round(void **state)
{
	struct told told;

	(void)state;
	keep_config("team", "{}");
	ask("team", "{}", &told);
	pump_until_asked(1);
	fake_source_manifest(&inner, STATUS_ABSENT, NULL);
	assert_int_equal(told.status, STATUS_ABSENT);
	keep("team", "one");
	ask_config("team", "one", &told);
	pump_until_asked_for(FAKE_FETCH_DOCUMENT, 2);
	fake_source_document(&inner, STATUS_ABSENT, NULL);
	assert_int_equal(told.status, STATUS_ABSENT);
}

/* They change, and are asked for with their own TTL. */
static void other_documents_are_not_kept(void **state)
{
	struct told told;

	(void)state;
	for (unsigned i = 1; i <= 2; i++) {
		ask_document("team", DOCUMENT_SCAN, "{}", 0, &told);
		pump_until_asked_for(FAKE_FETCH_DOCUMENT, i);
		fake_source_document(&inner, STATUS_OK, "{}");
		stop();
		start();
	}
}

static void with_nopull_a_configuration_comes_from_disk_or_not(void **state)
{
	struct told one, two;

	(void)state;
	keep_config("team", "{}");
	stop();
	config.no_pull = true;
	start();
	ask_config("team", "{}", &one);
	ask_config("team", "{ }", &two);
	pump_until(loop, &one.is_told);
	pump_until(loop, &two.is_told);
	assert_int_equal(one.status, STATUS_OK);
	assert_int_equal(two.status, STATUS_NOT_PULLED);
	assert_int_equal(inner.asked[FAKE_FETCH_DOCUMENT], 1);
}

static void bytes_that_do_not_hash_to_their_digest_are_not_kept(void **state)
{
	struct store_figures figures;
	struct told told;

	(void)state;
	ask("team", "one", &told);
	pump_until_asked(1);
	fake_source_manifest(&inner, STATUS_OK, "signed otherwise");
	assert_int_equal(told.size, strlen("signed otherwise"));
	stop();
	start();
	store_figures(store, &figures);
	ask("team", "one", &told);
	pump_until_asked(2);
	fake_source_manifest(&inner, STATUS_ABSENT, NULL);
}

static void questions_that_are_open_at_the_end_are_answered(void **state)
{
	struct told told[3];

	(void)state;
	ask("team", "one", &told[0]);
	ask("team", "two", &told[1]);
	ask_size("team", "three", &told[2]);
	stop();
	for (int i = 0; i < 3; i++) {
		assert_true(told[i].is_told);
		assert_int_equal(told[i].status, STATUS_SERVER_ERROR);
	}
	start();
}

static void a_source_that_refuses_is_an_error_of_that_question(void **state)
{
	struct told told;

	(void)state;
	inner.refuses = true;
	ask("team", "one", &told);
	pump_until(loop, &told.is_told);
	assert_int_equal(told.status, STATUS_NO_MEMORY);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(what_was_kept_is_not_asked_for_again),
	        cmocka_unit_test_fixture(another_repository_is_asked_for_itself),
	        cmocka_unit_test_fixture(what_is_asked_in_one_turn_goes_on_together),
	        cmocka_unit_test_fixture(of_many_those_are_asked_for_that_are_not_there),
	        cmocka_unit_test_fixture(without_the_bytes_the_size_is_known),
	        cmocka_unit_test_fixture(what_is_old_is_for_those_who_cannot_ask),
	        cmocka_unit_test_fixture(with_nopull_only_the_disk_is_asked),
	        cmocka_unit_test_fixture(a_configuration_is_kept_and_no_pull),
	        cmocka_unit_test_fixture(
	                a_configuration_of_another_repository_or_size_is_asked_for),
	        cmocka_unit_test_fixture(a_configuration_is_no_manifest_nor_the_other_way_round),
	        cmocka_unit_test_fixture(other_documents_are_not_kept),
	        cmocka_unit_test_fixture(with_nopull_a_configuration_comes_from_disk_or_not),
	        cmocka_unit_test_fixture(bytes_that_do_not_hash_to_their_digest_are_not_kept),
	        cmocka_unit_test_fixture(questions_that_are_open_at_the_end_are_answered),
	        cmocka_unit_test_fixture(a_source_that_refuses_is_an_error_of_that_question),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
