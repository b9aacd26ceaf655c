/* Who waits for the AWS files, and how long: a FIFO that nobody writes to is a disk that hangs. */
#include "ecr/aws_files.h"
#include "base/cleanup.h"
#include "net/loop.h"
#include "tests/unit/aws_home.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/fake_timer.h"
#include "tests/unit/pump.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One who asks, and what it was told. */
struct reader {
	bool done;
	int error;
	char region[64];
	struct aws_files_question then; /* asked inside of the answer */
};

static struct {
	struct fake_clock clock;
	struct captured_log captured;
	struct temp_dir home;
	struct loop *loop;
	struct aws_files *files;
	int fifo; /* of which the disk thread reads */
	struct reader reader;
} f;

/* What the disk pool got. */
static struct {
	unsigned jobs;
	int refusal; /* of the next job */
} seen;

int __real_loop_disk(struct loop *loop, struct disk_job *job);
int __wrap_loop_disk(struct loop *loop, struct disk_job *job);

int __wrap_loop_disk(struct loop *loop, struct disk_job *job)
{
	int refusal = seen.refusal;

	seen.refusal = 0;
	if (refusal)
		return refusal;
	seen.jobs++;
	return __real_loop_disk(loop, job);
}

static void open_files(void)
{
	assert_int_equal(aws_files_new(f.loop, f.captured.log, &f.files), 0);
}

static int set_up(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	memset(&seen, 0, sizeof(seen));
	fake_timer = (struct fake_timer){0};
	fake_clock_init(&f.clock);
	captured_log_init(&f.captured, &f.clock.clock);
	aws_home_init(&f.home);
	aws_home_write_config(&f.home, "[default]\nregion = eu-west-1\n[profile b]\nregion = b\n");
	assert_int_equal(loop_new(&f.loop), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	aws_files_unref(f.files);
	loop_run_once(f.loop);
	loop_free(f.loop);
	temp_dir_deinit(&f.home);
	captured_log_deinit(&f.captured);
	return 0;
}

static void was_read(void *arg, int error, const struct profile_content *content)
{
	struct reader *reader = arg;

	assert_false(reader->done);
	assert_int_equal(error != 0, content == NULL);
	reader->done = true;
	reader->error = error;
	if (content && profile_get(content, "region"))
		strcpy(reader->region, profile_get(content, "region"));
	if (reader->then.done)
		assert_int_equal(aws_files_read(f.files, &reader->then), 0);
}

static struct aws_files_question question_of(struct reader *reader)
{
	return (struct aws_files_question){
	        .owner = &f, .name = "default", .done = was_read, .arg = reader};
}

static void ask(struct reader *reader)
{
	struct aws_files_question question = question_of(reader);

	assert_int_equal(aws_files_read(f.files, &question), 0);
	assert_false(reader->done);
}

static void ask_without(struct reader *reader)
{
	struct aws_files_question question = question_of(reader);

	question.can_do_without = true;
	assert_int_equal(aws_files_read(f.files, &question), 0);
	assert_false(reader->done);
}

/* The config file does not answer from now on. */
static void hang(void)
{
	CLEANUP(free_string) char *path = temp_dir_path(&f.home, "fifo");

	assert_int_equal(mkfifo(path, 0600), 0);
	setenv("AWS_CONFIG_FILE", path, 1);
	open_files();
}

/* As soon as the disk thread waits there. */
static void wait_until_it_hangs(void)
{
	CLEANUP(free_string) char *path = temp_dir_path(&f.home, "fifo");

	f.fifo = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(f.fifo >= 0);
}

/* It does. */
static void let_go(void)
{
	CLEANUP(free_string) char *path = temp_dir_path(&f.home, "fifo");

	assert_int_equal(unlink(path), 0);
	temp_dir_write(&f.home, "fifo", "[default]\nregion = again\n");
	close(f.fifo);
	pump_disk(f.loop);
}

static void time_passes(uint64_t delay_ns)
{
	assert_int_equal(fake_timer.delay_ns, delay_ns);
	fake_timer.delay_ns = 0;
	fake_timer.fire(fake_timer.arg);
	loop_run_once(f.loop);
}

static void assert_read(const struct reader *reader, const char *region)
{
	assert_true(reader->done);
	assert_int_equal(reader->error, 0);
	assert_string_equal(reader->region, region);
}

static void assert_timed_out(const struct reader *reader)
{
	assert_true(reader->done);
	assert_int_equal(reader->error, -ETIMEDOUT);
}

/* Who comes while a reading is under way may want to see what was written since it began. */
static void all_who_come_meanwhile_share_the_next_reading(void **state)
{
	struct reader readers[50] = {0};

	(void)state;
	open_files();
	for (unsigned i = 0; i < 50; i++)
		ask(&readers[i]);
	pump_disk(f.loop);
	for (unsigned i = 0; i < 50; i++)
		assert_read(&readers[i], "eu-west-1");
	assert_int_equal(seen.jobs, 2);
	assert_int_equal(fake_timer.delay_ns, 0);
}

static void each_is_answered_for_its_own_profile(void **state)
{
	struct reader other = {0};
	struct aws_files_question question = question_of(&other);

	(void)state;
	open_files();
	question.name = "b";
	ask(&f.reader);
	assert_int_equal(aws_files_read(f.files, &question), 0);
	pump_disk(f.loop);
	assert_read(&f.reader, "eu-west-1");
	assert_read(&other, "b");
}

static void who_can_do_without_waits_a_second(void **state)
{
	struct reader needs = {0}, again = {0};

	(void)state;
	hang();
	ask_without(&f.reader);
	ask(&needs);
	wait_until_it_hangs();
	time_passes(AWS_FILES_SLOW_NS);
	assert_timed_out(&f.reader);
	assert_false(needs.done);
	ask_without(&again); /* and from now on not at all */
	loop_run_once(f.loop);
	assert_timed_out(&again);
	assert_int_equal(seen.jobs, 1);
	assert_int_equal(captured_log_count(&f.captured, "fifo is not read after 1 s"), 1);
	let_go();
	assert_read(&needs, "again");
}

static void while_they_hang_everybody_is_answered_at_once(void **state)
{
	struct reader readers[300] = {0};

	(void)state;
	hang();
	ask(&f.reader);
	wait_until_it_hangs();
	time_passes(AWS_FILES_SLOW_NS);
	time_passes(AWS_FILES_HUNG_NS - AWS_FILES_SLOW_NS);
	assert_timed_out(&f.reader);
	for (unsigned i = 0; i < 300; i++) {
		ask(&readers[i]);
		loop_run_once(f.loop);
		assert_timed_out(&readers[i]);
	}
	assert_int_equal(seen.jobs, 1); /* the disk pool has this one job */
	assert_int_equal(captured_log_count(&f.captured, "fifo: no answer after 10 s"), 1);
	let_go();
}

static void when_the_disk_answers_all_is_as_before(void **state)
{
	struct reader after = {0};

	(void)state;
	hang();
	ask(&f.reader);
	wait_until_it_hangs();
	time_passes(AWS_FILES_SLOW_NS);
	time_passes(AWS_FILES_HUNG_NS - AWS_FILES_SLOW_NS);
	let_go();
	assert_int_equal(captured_log_count(&f.captured, "can be read again"), 1);
	ask(&after);
	pump_disk(f.loop);
	assert_read(&after, "again");
	assert_int_equal(seen.jobs, 2);
}

static void they_may_be_freed_while_they_hang(void **state)
{
	(void)state;
	hang();
	ask(&f.reader);
	wait_until_it_hangs();
	aws_files_unref(f.files);
	f.files = NULL;
	let_go();
	assert_false(f.reader.done);
}

static void who_is_answered_may_ask_again(void **state)
{
	struct reader after = {0};

	(void)state;
	open_files();
	f.reader.then = question_of(&after);
	ask(&f.reader);
	pump_disk(f.loop);
	assert_read(&f.reader, "eu-west-1");
	assert_read(&after, "eu-west-1");
	assert_int_equal(seen.jobs, 2);
}

static void who_forgets_is_not_answered(void **state)
{
	struct reader other = {0}, third = {0};
	struct aws_files_question question = question_of(&third);

	(void)state;
	open_files();
	question.owner = &third;
	ask(&f.reader);
	ask(&other);
	assert_int_equal(aws_files_read(f.files, &question), 0);
	aws_files_forget(f.files, &f, &other);
	aws_files_forget(f.files, &third, NULL);
	pump_disk(f.loop);
	assert_true(f.reader.done);
	assert_false(other.done);
	assert_false(third.done);
}

static void a_full_disk_pool_is_an_answer(void **state)
{
	struct aws_files_question question = question_of(&f.reader);

	(void)state;
	open_files();
	seen.refusal = -EBUSY;
	assert_int_equal(aws_files_read(f.files, &question), -EBUSY);
	loop_run_once(f.loop);
	assert_false(f.reader.done);
}

static void a_pool_that_is_full_by_then_is_an_answer_too(void **state)
{
	struct reader next = {0};

	(void)state;
	open_files();
	ask(&f.reader);
	ask(&next);
	seen.refusal = -EBUSY;
	pump_disk(f.loop);
	assert_read(&f.reader, "eu-west-1");
	assert_true(next.done);
	assert_int_equal(next.error, -EBUSY);
}

/* Settings are looked for again and again: that is no news. */
static void what_can_be_done_without_is_complained_of_once(void **state)
{
	CLEANUP(free_string) char *path = temp_dir_path(&f.home, "directory");

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	setenv("AWS_CONFIG_FILE", path, 1);
	open_files();
	for (unsigned i = 0; i < 3; i++) {
		struct reader reader = {0};

		ask_without(&reader);
		pump_disk(f.loop);
		assert_int_equal(reader.error, -EISDIR);
		fake_clock_advance(&f.clock, 60 * NS_PER_S);
	}
	assert_int_equal(captured_log_count(&f.captured, "cannot read"), 1);
	ask(&f.reader);
	pump_disk(f.loop);
	assert_int_equal(captured_log_count(&f.captured, "cannot read"), 2);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(all_who_come_meanwhile_share_the_next_reading),
	        cmocka_unit_test_fixture(each_is_answered_for_its_own_profile),
	        cmocka_unit_test_fixture(who_can_do_without_waits_a_second),
	        cmocka_unit_test_fixture(while_they_hang_everybody_is_answered_at_once),
	        cmocka_unit_test_fixture(when_the_disk_answers_all_is_as_before),
	        cmocka_unit_test_fixture(they_may_be_freed_while_they_hang),
	        cmocka_unit_test_fixture(who_is_answered_may_ask_again),
	        cmocka_unit_test_fixture(who_forgets_is_not_answered),
	        cmocka_unit_test_fixture(a_full_disk_pool_is_an_answer),
	        cmocka_unit_test_fixture(a_pool_that_is_full_by_then_is_an_answer_too),
	        cmocka_unit_test_fixture(what_can_be_done_without_is_complained_of_once),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
