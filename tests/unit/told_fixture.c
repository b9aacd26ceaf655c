/* What ECR told, on a real disk. */
#include "tests/unit/told_fixture.h"
#include "tests/unit/captured_log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const struct registry registry = {.account = "111122223333"};
const struct caller alice = {.place = "aws us-east-1", .source = "profile p", .key_id = "A"};
const struct caller bob = {.place = "aws us-east-1", .source = "profile p", .key_id = "B"};

struct temp_dir dir;
struct fake_clock fake;
struct fake_source inner;
struct loop *loop;
struct folder *folder;
struct told told;
bool is_shared;

static struct captured_log captured;
static struct worker *worker;

void start(void)
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

void stop(void)
{
	fake_source_caller(&inner, STATUS_SERVER_ERROR, NULL);
	told_close(&told);
	assert_true(worker_free(worker));
	loop_run_once(loop);
	assert_true(loop_free(loop));
	folder_free(folder);
}

int told_fixture_set_up(void **state)
{
	(void)state;
	is_shared = false;
	temp_dir_init(&dir);
	fake_clock_init(&fake);
	captured_log_init(&captured, &fake.clock);
	start();
	return 0;
}

int told_fixture_tear_down(void **state)
{
	(void)state;
	stop();
	captured_log_deinit(&captured);
	temp_dir_deinit(&dir);
	return 0;
}

void live_again(void)
{
	stop();
	start();
}

void settle(const struct caller *caller)
{
	do {
		fake_source_caller(&inner, STATUS_OK, caller);
		loop_run_once(loop);
		usleep(1000);
	} while (worker_jobs(worker) || told.groups || told.is_posted || told.recollections ||
	         fake_source_is_open(&inner, FAKE_FIND_CALLER, NULL));
}

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

void take(void *arg, const struct recalled *recalled)
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

struct memory recall(const struct registry *of, const char *repository, const struct caller *caller)
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

void assert_recalled(const char *repository, const struct caller *caller, const char *text)
{
	struct memory memory = recall(&registry, repository, caller);

	assert_string_equal(memory.text, text);
}

void ignore_images(void *arg, enum status status, const struct image_record *records, size_t n,
                   bool last)
{
	(void)arg, (void)status, (void)records, (void)n, (void)last;
}

static void ignore_image(void *arg, enum status status, const struct image_record *record)
{
	(void)arg, (void)status, (void)record;
}

void list(const char *tags, const struct caller *caller)
{
	assert_int_equal(
	        told_list_images(&told, &registry, "team/app", IMAGES_TAGGED, ignore_images, NULL),
	        0);
	fake_source_caller(&inner, STATUS_OK, caller);
	fake_source_images(&inner, "team/app", tags, true);
	settle(caller);
}

void ask(const char *tag, enum status status, int digit)
{
	struct image_reference reference = {.tag = tag};

	assert_int_equal(
	        told_find_image(&told, &registry, "team/app", &reference, ignore_image, NULL), 0);
	fake_source_caller(&inner, STATUS_OK, &alice);
	fake_source_image(&inner, tag, status, digit);
}
