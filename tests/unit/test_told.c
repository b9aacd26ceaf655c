/* What ECR told, on a real disk: whose it is, what becomes of it, and what is remembered. */
#include "base/bytes.h"
#include "base/cleanup.h"
#include "ecr/registry.h"
#include "store/told.h"
#include "store/told_caller.h"
#include "store/worker.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/fake_source.h"
#include "tests/unit/temp_dir.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ACCOUNT "012345678910"

static const struct registry registry = {.account = "111122223333"};
static const struct registry own = {.account = ""};

/* Callers: with a key whose account is not known, with another one, and with none for now. */
static const struct caller alice = {.place = "aws us-east-1", .source = "profile p", .key_id = "A"};
static const struct caller bob = {.place = "aws us-east-1", .source = "profile p", .key_id = "B"};
static const struct caller nobody = {.place = "aws us-east-1", .source = "profile p"};

static struct temp_dir dir;
static struct fake_clock fake;
static struct captured_log captured;
static struct fake_source inner;
static struct loop *loop;
static struct folder *folder;
static struct worker *worker;
static struct told told;
static bool is_shared;

static void start(void)
{
	struct folder_config config = {.path = dir.path, .is_shared = is_shared};

	fake_source_init(&inner);
	fake_source_remember(&inner);
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(folder_new(&config, &fake.clock, captured.log, &folder), 0);
	assert_int_equal(worker_new(loop, &fake.clock, folder_probe, folder, &worker), 0);
	assert_int_equal(worker_start(worker), 0);
	memset(&told, 0, sizeof(told));
	told_init(&told, &(struct told_parts){.loop = loop,
	                                      .clock = &fake.clock,
	                                      .worker = worker,
	                                      .folder = folder,
	                                      .inner = &inner.source});
}

static void stop(void)
{
	fake_source_caller(&inner, STATUS_SERVER_ERROR, NULL);
	told_close(&told);
	assert_true(worker_free(worker));
	loop_run_once(loop);
	assert_true(loop_free(loop));
	folder_free(folder);
}

static int set_up(void **state)
{
	(void)state;
	is_shared = false;
	temp_dir_init(&dir);
	fake_clock_init(&fake);
	captured_log_init(&captured, &fake.clock);
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

/* Another life. */
static void live_again(void)
{
	stop();
	start();
}

/* Until everything is done that can be: `caller` is who asks meanwhile. */
static void settle(const struct caller *caller)
{
	do {
		fake_source_caller(&inner, STATUS_OK, caller);
		loop_run_once(loop);
		usleep(1000);
	} while (worker_jobs(worker) || told.groups || told.is_posted || told.recollections ||
	         fake_source_is_open(&inner, FAKE_FIND_CALLER, NULL));
}

/* What is remembered, as text: "tags v1=3 v2=4", "image v1=3", "repository team/app", … */
struct memory {
	char text[1024];
	unsigned ends;
	bool is_stale;
	uint64_t told_ns;
};

__attribute__((format(printf, 2, 3))) static void add(struct memory *memory, const char *format,
                                                      ...)
{
	size_t length = strlen(memory->text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(memory->text + length, sizeof(memory->text) - length, format, arguments);
	va_end(arguments);
}

static void add_answer(struct memory *memory, const char *what, const struct recalled *recalled)
{
	static const char *const outcomes[] = {
	        [STATUS_ABSENT] = "absent", [STATUS_DENIED] = "denied"};

	add(memory, "[%s %s", what, recalled->name);
	if (recalled->status != STATUS_OK)
		add(memory, " %s", outcomes[recalled->status]);
	else if (recalled->kind == RECALLED_IMAGE)
		add(memory, "=%d", fake_digit(&recalled->images->digest));
	add(memory, "]");
}

static void take(void *arg, const struct recalled *recalled)
{
	struct memory *memory = arg;

	if (!recalled) {
		memory->ends++;
		return;
	}
	memory->is_stale = recalled->is_stale;
	memory->told_ns = recalled->told_ns;
	switch (recalled->kind) {
	case RECALLED_ACCOUNT:
		add(memory, "[account %s]", recalled->name);
		break;
	case RECALLED_REPOSITORIES:
		for (size_t i = 0; i < recalled->n; i++)
			add(memory, "[%s]", recalled->repositories[i].name);
		break;
	case RECALLED_TAGS:
	case RECALLED_DIGESTS:
		for (size_t i = 0; i < recalled->n; i++)
			add(memory, "[%s=%d]", recalled->images[i].tags[0],
			    fake_digit(&recalled->images[i].digest));
		break;
	case RECALLED_REPOSITORY:
		add_answer(memory, "repository", recalled);
		break;
	case RECALLED_IMAGE:
		add_answer(memory, "image", recalled);
		break;
	}
}

static struct memory recall(const struct registry *of, const char *repository,
                            const struct caller *caller)
{
	struct memory memory = {.ends = 0};

	if (repository)
		assert_int_equal(told_recall_repository(&told, of, repository, take, &memory), 0);
	else
		assert_int_equal(told_recall_registry(&told, of, take, &memory), 0);
	assert_int_equal(memory.ends, 0);
	settle(caller);
	assert_int_equal(memory.ends, 1);
	return memory;
}

static void assert_recalled(const char *repository, const struct caller *caller, const char *text)
{
	struct memory memory = recall(&registry, repository, caller);

	assert_string_equal(memory.text, text);
}

static void ignore_repositories(void *arg, enum status status,
                                const struct repository_record *records, size_t n, bool last)
{
	(void)arg, (void)status, (void)records, (void)n, (void)last;
}

static void ignore_images(void *arg, enum status status, const struct image_record *records,
                          size_t n, bool last)
{
	(void)arg, (void)status, (void)records, (void)n, (void)last;
}

static void ignore_repository(void *arg, enum status status, const struct repository_record *record)
{
	(void)arg, (void)status, (void)record;
}

static void ignore_image(void *arg, enum status status, const struct image_record *record)
{
	(void)arg, (void)status, (void)record;
}

static void ignore_pull(void *arg, enum status status, const struct digest *digest,
                        struct bytes *bytes)
{
	(void)arg, (void)status, (void)digest, (void)bytes;
}

/* The tags of team/app are listed, by that caller. */
static void list(const char *tags, const struct caller *caller)
{
	assert_int_equal(
	        told_list_images(&told, &registry, "team/app", IMAGES_TAGGED, ignore_images, NULL),
	        0);
	fake_source_caller(&inner, STATUS_OK, caller);
	fake_source_images(&inner, "team/app", tags, true);
	settle(caller);
}

static void fail_to_list(enum status status)
{
	assert_int_equal(
	        told_list_images(&told, &registry, "team/app", IMAGES_TAGGED, ignore_images, NULL),
	        0);
	fake_source_caller(&inner, STATUS_OK, &alice);
	fake_source_fail_listing(&inner, FAKE_LIST_IMAGES, status);
	settle(&alice);
}

/* One tag is asked for by its name. */
static void ask(const char *tag, enum status status, int digit)
{
	struct image_reference reference = {.tag = tag};

	assert_int_equal(
	        told_find_image(&told, &registry, "team/app", &reference, ignore_image, NULL), 0);
	fake_source_caller(&inner, STATUS_OK, &alice);
	fake_source_image(&inner, tag, status, digit);
}

static void ask_for_repository(enum status status)
{
	assert_int_equal(
	        told_find_repository(&told, &registry, "team/app", ignore_repository, NULL), 0);
	fake_source_caller(&inner, STATUS_OK, &alice);
	fake_source_repository(&inner, "team/app", status);
	settle(&alice);
}

static uint64_t n_read(void)
{
	return atomic_load(&told.files.n_read);
}

static uint64_t n_damaged(void)
{
	return atomic_load(&told.files.n_damaged);
}

/* The path of the file of that kind that Alice was told. Heap. */
static char *file_of(enum listing_kind kind)
{
	struct told_identity identity;
	struct told_caller caller;
	char key[TOLD_KEY_SIZE], path[FOLDER_PATH_SIZE];

	assert_true(told_caller_copy(&alice, &caller));
	assert_true(told_caller_identify(&told.files, &caller, &identity));
	assert_true(told_caller_key(&caller, &identity, &registry, "team/app", key));
	assert_int_equal(told_files_path(kind, key, path), 0);
	return temp_dir_path(&dir, path);
}

static void a_listing_is_remembered_with_its_time(void **state)
{
	uint64_t told_ns = clock_realtime_ns(&fake.clock);
	struct memory memory;

	(void)state;
	list("v1=3 v2=4", &alice);
	fake_clock_advance(&fake, 5 * NS_PER_S);
	live_again();
	memory = recall(&registry, "team/app", &alice);
	assert_string_equal(memory.text, "[v1=3][v2=4]");
	assert_int_equal(memory.told_ns, told_ns);
	assert_false(memory.is_stale);
	assert_recalled("team/other", &alice, "");
}

static void repositories_are_remembered(void **state)
{
	(void)state;
	assert_int_equal(told_list_repositories(&told, &registry, ignore_repositories, NULL), 0);
	fake_source_caller(&inner, STATUS_OK, &alice);
	fake_source_repositories(&inner, "a b/c", false);
	fake_source_repositories(&inner, "d", true);
	settle(&alice);
	live_again();
	assert_recalled(NULL, &alice, "[a][b/c][d]");
}

static void count_pages(void *arg, const struct recalled *recalled)
{
	size_t *n = arg;

	if (!recalled)
		return;
	for (size_t i = 0; i < recalled->n; i++) {
		char tag[24];

		snprintf(tag, sizeof(tag), "v%zu", n[0]++);
		assert_string_equal(recalled->images[i].tags[0], tag);
	}
	n[1]++;
	assert_int_equal(recalled->is_first, n[1] == 1);
	assert_int_equal(recalled->is_last, n[0] == 2500);
	assert_int_equal(recalled->pages, 5);
}

static void a_long_listing_comes_page_by_page(void **state)
{
	static struct image_record records[500];
	static char tags[500][16];
	static const char *names[500];
	size_t n[2] = {0}; /* images, pages */

	(void)state;
	assert_int_equal(
	        told_list_images(&told, &registry, "team/app", IMAGES_TAGGED, ignore_images, NULL),
	        0);
	fake_source_caller(&inner, STATUS_OK, &alice);
	for (int page = 0; page < 5; page++) {
		for (int i = 0; i < 500; i++) {
			snprintf(tags[i], sizeof(tags[i]), "v%d", 500 * page + i);
			names[i] = tags[i];
			records[i] = (struct image_record){.tags = &names[i], .n_tags = 1};
		}
		fake_source_records(&inner, "team/app", records, 500, page == 4);
	}
	settle(&alice);
	assert_int_equal(told_recall_repository(&told, &registry, "team/app", count_pages, n), 0);
	settle(&alice);
	assert_int_equal(n[0], 2500);
	assert_int_equal(n[1], 3);
}

static void what_did_not_end_well_changes_nothing(void **state)
{
	(void)state;
	list("v1=3", &alice);
	fail_to_list(STATUS_TIMED_OUT);
	fail_to_list(STATUS_NO_CREDENTIALS);
	assert_recalled("team/app", &alice, "[v1=3]");
}

static void what_is_denied_or_gone_is_taken_off(void **state)
{
	static const enum status said[] = {STATUS_DENIED, STATUS_ABSENT,
	                                   STATUS_CREDENTIALS_REJECTED};

	(void)state;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		list("v1=3", &alice);
		assert_recalled("team/app", &alice, "[v1=3]");
		fail_to_list(said[i]);
		assert_recalled("team/app", &alice, "");
	}
}

static void another_key_is_told_nothing(void **state)
{
	(void)state;
	list("v1=3", &alice);
	assert_recalled("team/app", &bob, "");
	assert_recalled("team/app", &alice, "[v1=3]");
}

static void another_place_is_told_nothing(void **state)
{
	struct caller moved = alice;

	(void)state;
	moved.place = "aws eu-west-1";
	list("v1=3", &alice);
	assert_recalled("team/app", &moved, "");
}

static void keys_of_one_account_share_what_they_were_told(void **state)
{
	struct caller first = alice, second = bob, third = bob;

	(void)state;
	first.account = second.account = ACCOUNT;
	third.account = "999999999999";
	list("v1=3", &first);
	assert_recalled("team/app", &second, "[v1=3]");
	assert_recalled("team/app", &third, "");
}

static void the_account_of_a_key_is_remembered(void **state)
{
	struct caller known = alice;
	struct memory memory;

	(void)state;
	known.account = ACCOUNT;
	list("v1=3", &known);
	live_again();
	assert_recalled("team/app", &alice,
	                "[v1=3]"); /* nobody has told the account in this life */
	memory = recall(&own, NULL, &alice);
	assert_string_equal(memory.text, "[account " ACCOUNT "]");
	assert_false(memory.is_stale);
	assert_recalled(NULL, &alice, ""); /* that registry names its account itself */
	assert_string_equal(recall(&own, NULL, &bob).text, "");
}

static void without_credentials_it_is_who_came_from_there_last(void **state)
{
	struct caller elsewhere = nobody;
	struct memory memory;

	(void)state;
	elsewhere.source = "profile q";
	list("v1=3", &alice);
	live_again();
	memory = recall(&registry, "team/app", &nobody);
	assert_string_equal(memory.text, "[v1=3]");
	assert_true(memory.is_stale);
	assert_recalled("team/app", &elsewhere, "");
	list("v9=9", &bob); /* who comes from there, too */
	assert_recalled("team/app", &nobody, "[v9=9]");
}

static void when_nobody_can_ask_nothing_is_remembered(void **state)
{
	struct memory memory = {.ends = 0};

	(void)state;
	list("v1=3", &alice);
	assert_int_equal(told_recall_repository(&told, &registry, "team/app", take, &memory), 0);
	fake_source_caller(&inner, STATUS_NO_CREDENTIALS, NULL);
	assert_int_equal(memory.ends, 1);
	assert_string_equal(memory.text, "");
}

static void what_was_told_to_keys_that_were_exchanged_is_not_kept(void **state)
{
	(void)state;
	assert_int_equal(
	        told_list_images(&told, &registry, "team/app", IMAGES_TAGGED, ignore_images, NULL),
	        0);
	fake_source_caller(&inner, STATUS_OK, &alice);
	fake_source_images(&inner, "team/app", "v1=3", true);
	settle(&bob);
	assert_recalled("team/app", &alice, "");
	assert_recalled("team/app", &bob, "");
	assert_int_equal(atomic_load(&told.n_skipped), 1);
}

static void what_nobody_is_known_to_have_asked_is_not_kept(void **state)
{
	(void)state;
	assert_int_equal(
	        told_list_images(&told, &registry, "team/app", IMAGES_TAGGED, ignore_images, NULL),
	        0);
	fake_source_caller(&inner, STATUS_OK, &nobody);
	fake_source_images(&inner, "team/app", "v1=3", true);
	settle(&nobody);
	assert_recalled("team/app", &nobody, "");
	assert_int_equal(atomic_load(&told.n_skipped), 1);
}

static void answers_by_name_add_up(void **state)
{
	(void)state;
	ask("v1", STATUS_OK, 3);
	ask("v2", STATUS_OK, 4);
	settle(&alice);
	ask("v3", STATUS_OK, 5);
	ask_for_repository(STATUS_OK);
	ask("v1", STATUS_OK, 7);
	settle(&alice);
	live_again();
	assert_recalled("team/app", &alice,
	                "[image v1=7][repository team/app][image v3=5][image v2=4]");
}

static void answers_that_come_while_others_are_written_are_not_lost(void **state)
{
	struct memory memory;

	(void)state;
	for (int i = 1; i <= 40; i++) {
		char tag[16];

		snprintf(tag, sizeof(tag), "v%d", i);
		ask(tag, STATUS_OK, i);
		fake_source_caller(&inner, STATUS_OK, &alice);
		loop_run_once(loop); /* the disk is at it */
	}
	settle(&alice);
	memory = recall(&registry, "team/app", &alice);
	for (int i = 1; i <= 40; i++) {
		char text[48];

		snprintf(text, sizeof(text), "[image v%d=%d]", i, i);
		assert_non_null(strstr(memory.text, text));
	}
}

static void an_absence_is_kept_where_something_says_otherwise(void **state)
{
	(void)state;
	ask("never", STATUS_ABSENT, 0);
	settle(&alice);
	assert_recalled("team/app", &alice, "");
	list("v1=3", &alice);
	ask("v1", STATUS_ABSENT, 0);
	ask("v2", STATUS_DENIED, 0);
	settle(&alice);
	assert_recalled("team/app", &alice, "[v1=3][image v2 denied][image v1 absent]");
	ask("v1", STATUS_OK, 5);
	settle(&alice);
	assert_recalled("team/app", &alice, "[v1=3][image v1=5][image v2 denied]");
}

static void other_failures_are_no_answers(void **state)
{
	(void)state;
	ask("v1", STATUS_OK, 3);
	settle(&alice);
	ask("v1", STATUS_TIMED_OUT, 0);
	settle(&alice);
	assert_recalled("team/app", &alice, "[image v1=3]");
}

static void a_repository_that_is_gone_takes_all_along(void **state)
{
	(void)state;
	list("v1=3", &alice);
	ask("v2", STATUS_OK, 4);
	settle(&alice);
	ask_for_repository(STATUS_ABSENT);
	assert_recalled("team/app", &alice, "");
}

static void a_tag_that_was_pulled_is_an_answer(void **state)
{
	(void)state;
	assert_int_equal(told_pull_tag(&told, &registry, "team/app", "v1", ignore_pull, NULL), 0);
	fake_source_caller(&inner, STATUS_OK, &alice);
	fake_source_pulled(&inner, "v1", STATUS_OK, 3, "{}");
	settle(&alice);
	assert_recalled("team/app", &alice, "[image v1=3]");
}

static void only_the_newest_answers_are_kept(void **state)
{
	CLEANUP(free_string) char *path = NULL;
	struct stat once, twice;

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 1100; i++) {
			char tag[16];

			snprintf(tag, sizeof(tag), "%c%07d", 'a' + round, i);
			ask(tag, STATUS_OK, 3);
		}
		settle(&alice);
		if (!path)
			path = file_of(LISTING_ANSWERS);
		assert_int_equal(stat(path, round ? &twice : &once), 0);
	}
	assert_int_equal(once.st_size, twice.st_size);
	assert_memory_equal(recall(&registry, "team/app", &alice).text, "[image b",
	                    strlen("[image b"));
}

static void a_damaged_file_is_removed_and_counted(void **state)
{
	CLEANUP(free_string) char *path = NULL;

	(void)state;
	list("v1=3", &alice);
	path = file_of(LISTING_TAGS);
	assert_int_equal(truncate(path, 50), 0);
	assert_recalled("team/app", &alice, "");
	assert_int_equal(n_damaged(), 1);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_recalled("team/app", &alice, "");
	assert_int_equal(n_damaged(), 1);
}

/* As --fsck has it. */
static void a_file_is_checked_without_its_key_being_known(void **state)
{
	CLEANUP(free_string) char *path = NULL, *other = NULL;
	enum listing_kind kind;
	const char *name;

	(void)state;
	list("v1=3", &alice);
	path = file_of(LISTING_TAGS);
	other = file_of(LISTING_ANSWERS);
	name = strstr(path, "listings/");
	assert_true(told_files_name_parse(name + strlen("listings/"), &kind));
	assert_int_equal(kind, LISTING_TAGS);
	assert_false(told_files_name_parse("oci-layout", &kind));
	assert_int_equal(told_files_check(folder, name, LISTING_TAGS), 0);
	assert_int_equal(told_files_check(folder, name, LISTING_DIGESTS), 1);
	assert_int_equal(told_files_check(folder, strstr(other, "listings/"), LISTING_TAGS),
	                 -ENOENT);
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(told_files_check(folder, strstr(other, "listings/"), LISTING_TAGS), 1);
}

static void damaged_answers_begin_anew(void **state)
{
	CLEANUP(free_string) char *path = NULL;

	(void)state;
	ask("v1", STATUS_OK, 3);
	settle(&alice);
	path = file_of(LISTING_ANSWERS);
	assert_int_equal(truncate(path, 50), 0);
	ask("v2", STATUS_OK, 4);
	settle(&alice);
	assert_recalled("team/app", &alice, "[image v2=4]");
	assert_int_equal(n_damaged(), 1);
}

static void old_files_are_swept_away(void **state)
{
	CLEANUP(free_string) char *path = NULL;
	struct stat about;

	(void)state;
	list("v1=3", &alice);
	path = file_of(LISTING_TAGS);
	assert_int_equal(stat(path, &about), 0);
	fake_clock_set_realtime(&fake, ((uint64_t)about.st_mtime + TOLD_KEEP_S) * NS_PER_S);
	told_sweep(&told);
	settle(&alice);
	assert_int_equal(access(path, F_OK), 0);
	fake_clock_set_realtime(&fake, ((uint64_t)about.st_mtime + TOLD_KEEP_S + 60) * NS_PER_S);
	told_sweep(&told);
	settle(&alice);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void a_directory_of_many_is_swept_in_pieces(void **state)
{
	char name[64];

	(void)state;
	list("v1=3", &alice);
	for (int i = 0; i < 600; i++) {
		snprintf(name, sizeof(name), "listings/%d-t", i);
		temp_dir_write(&dir, name, "");
	}
	fake_clock_set_realtime(&fake, (uint64_t)INT64_MAX);
	told_sweep(&told);
	settle(&alice);
	for (int i = 0; i < 600; i++) {
		CLEANUP(free_string) char *path = NULL;

		snprintf(name, sizeof(name), "listings/%d-t", i);
		path = temp_dir_path(&dir, name);
		assert_int_not_equal(access(path, F_OK), 0);
	}
}

static void where_others_may_write_nothing_is_kept_or_believed(void **state)
{
	(void)state;
	list("v1=3", &alice);
	is_shared = true;
	live_again();
	assert_recalled("team/app", &alice, "");
	assert_int_equal(n_read(), 0);
	ask("v2", STATUS_OK, 4);
	settle(&alice);
	is_shared = false;
	live_again();
	assert_recalled("team/app", &alice, "[v1=3]");
}

static void who_waits_for_a_memory_at_the_end_is_answered(void **state)
{
	struct memory asking = {.ends = 0}, reading = {.ends = 0};

	(void)state;
	list("v1=3", &alice);
	assert_int_equal(told_recall_repository(&told, &registry, "team/app", take, &reading), 0);
	fake_source_caller(&inner, STATUS_OK, &alice); /* it is on its way to the disk */
	assert_int_equal(told_recall_repository(&told, &registry, "team/app", take, &asking), 0);
	stop();
	assert_int_equal(reading.ends, 1);
	assert_int_equal(asking.ends, 1);
	start();
}

static void callers_that_do_not_fit_have_nothing(void **state)
{
	struct caller endless = alice;
	struct told_caller copy;
	char place[2000];

	(void)state;
	memset(place, 'a', sizeof(place) - 1);
	place[sizeof(place) - 1] = '\0';
	endless.place = place;
	assert_false(told_caller_copy(&endless, &copy));
	list("v1=3", &endless);
	assert_recalled("team/app", &endless, "");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_listing_is_remembered_with_its_time),
	        cmocka_unit_test_fixture(repositories_are_remembered),
	        cmocka_unit_test_fixture(a_long_listing_comes_page_by_page),
	        cmocka_unit_test_fixture(what_did_not_end_well_changes_nothing),
	        cmocka_unit_test_fixture(what_is_denied_or_gone_is_taken_off),
	        cmocka_unit_test_fixture(another_key_is_told_nothing),
	        cmocka_unit_test_fixture(another_place_is_told_nothing),
	        cmocka_unit_test_fixture(keys_of_one_account_share_what_they_were_told),
	        cmocka_unit_test_fixture(the_account_of_a_key_is_remembered),
	        cmocka_unit_test_fixture(without_credentials_it_is_who_came_from_there_last),
	        cmocka_unit_test_fixture(when_nobody_can_ask_nothing_is_remembered),
	        cmocka_unit_test_fixture(what_was_told_to_keys_that_were_exchanged_is_not_kept),
	        cmocka_unit_test_fixture(what_nobody_is_known_to_have_asked_is_not_kept),
	        cmocka_unit_test_fixture(answers_by_name_add_up),
	        cmocka_unit_test_fixture(answers_that_come_while_others_are_written_are_not_lost),
	        cmocka_unit_test_fixture(an_absence_is_kept_where_something_says_otherwise),
	        cmocka_unit_test_fixture(other_failures_are_no_answers),
	        cmocka_unit_test_fixture(a_repository_that_is_gone_takes_all_along),
	        cmocka_unit_test_fixture(a_tag_that_was_pulled_is_an_answer),
	        cmocka_unit_test_fixture(only_the_newest_answers_are_kept),
	        cmocka_unit_test_fixture(a_damaged_file_is_removed_and_counted),
	        cmocka_unit_test_fixture(a_file_is_checked_without_its_key_being_known),
	        cmocka_unit_test_fixture(damaged_answers_begin_anew),
	        cmocka_unit_test_fixture(old_files_are_swept_away),
	        cmocka_unit_test_fixture(a_directory_of_many_is_swept_in_pieces),
	        cmocka_unit_test_fixture(where_others_may_write_nothing_is_kept_or_believed),
	        cmocka_unit_test_fixture(who_waits_for_a_memory_at_the_end_is_answered),
	        cmocka_unit_test_fixture(callers_that_do_not_fit_have_nothing),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
