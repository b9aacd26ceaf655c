/* Programs that are run for what they print. */
#include "net/process.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/shell_words.h"
#include "net/loop.h"
#include "tests/unit/pump.h"
#include "tests/unit/temp_dir.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_OUTPUT   1000
#define DISK_THREADS 4 /* libuv has so many unless told otherwise */

struct result {
	bool done;
	enum process_outcome outcome;
	int error;
	int wait_status;
	char output[MAX_OUTPUT + 1];
	size_t output_size;
	char errors[PROCESS_ERRORS_SIZE];
};

static struct loop *loop;
static struct temp_dir dir;

static int set_up(void **state)
{
	(void)state;
	temp_dir_init(&dir);
	return loop_new(&loop);
}

static int tear_down(void **state)
{
	bool is_free = loop_free(loop);

	(void)state;
	temp_dir_deinit(&dir);
	/* Whatever was started has been reaped. */
	return is_free && waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD ? 0 : -1;
}

static void has_ended(void *arg, const struct process_end *end)
{
	struct result *result = arg;

	assert_false(result->done);
	result->done = true;
	result->outcome = end->outcome;
	result->error = end->error;
	result->wait_status = end->wait_status;
	result->output_size = end->output_size;
	memcpy(result->output, end->output, end->output_size + 1);
	strcpy(result->errors, end->errors);
}

static struct process *start(const char *command, uint64_t limit_ns, struct result *result)
{
	struct process_request request = {.limit_ns = limit_ns, .max_output_bytes = MAX_OUTPUT};
	struct process *process;

	*result = (struct result){0};
	assert_int_equal(shell_words_split(command, &request.words), SHELL_WORDS_FOUND);
	assert_int_equal(process_start(loop, &request, has_ended, result, &process), 0);
	assert_false(result->done);
	return process;
}

static struct result run_within(const char *command, uint64_t limit_ns)
{
	struct result result;

	start(command, limit_ns, &result);
	pump_until(loop, &result.done);
	return result;
}

static struct result run(const char *command)
{
	return run_within(command, 60 * NS_PER_S);
}

static void what_it_prints_is_the_answer(void **state)
{
	struct result result = run("echo hello");

	(void)state;
	assert_int_equal(result.outcome, PROCESS_ENDED);
	assert_true(WIFEXITED(result.wait_status) && WEXITSTATUS(result.wait_status) == 0);
	assert_string_equal(result.output, "hello\n");
	assert_int_equal(result.output_size, 6);
	assert_string_equal(result.errors, "");
}

static void how_it_ended_is_told(void **state)
{
	struct result result = run("sh -c 'echo bad luck >&2; exit 3'");

	(void)state;
	assert_int_equal(result.outcome, PROCESS_ENDED);
	assert_int_equal(WEXITSTATUS(result.wait_status), 3);
	assert_string_equal(result.errors, "bad luck\n");
	result = run("sh -c 'kill -SEGV $$'");
	assert_int_equal(result.outcome, PROCESS_ENDED);
	assert_true(WIFSIGNALED(result.wait_status));
	assert_int_equal(WTERMSIG(result.wait_status), SIGSEGV);
}

static void a_program_that_is_not_there_is_an_error(void **state)
{
	CLEANUP(free_string) char *path = NULL;

	(void)state;
	assert_int_equal(run("/nowhere/program").outcome, PROCESS_FAILED);
	assert_int_equal(run("/nowhere/program").error, -ENOENT);
	assert_int_equal(run("no-such-program-of-ecrfs").error, -ENOENT);
	assert_int_equal(run("''").error, -ENOENT);
	temp_dir_write(&dir, "plain", "text");
	path = temp_dir_path(&dir, "plain");
	assert_int_equal(run(path).error, -EACCES);
}

/* All that a thread of the loop has blocked, or a daemon ignores, is as at the start of a program.
 */
static void signals_are_as_at_the_start_of_a_program(void **state)
{
	unsigned long blocked, ignored;
	struct result result;
	sigset_t all, before;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	result = run("sed -n '/^Sig[BI]/s/.*://p' /proc/self/status");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	signal(SIGPIPE, SIG_DFL);
	assert_int_equal(sscanf(result.output, "%lx %lx", &blocked, &ignored), 2);
	assert_int_equal(blocked, 0);
	/* glibc ignores those of its own, 32 and 33, in what it spawns. */
	assert_int_equal(ignored & 0x7fffffff, 0);
}

static void nothing_of_the_parent_is_open_in_it(void **state)
{
	int leak = open("/dev/null", O_RDONLY); /* not closed by exec */
	struct result result = run("sh -c 'ls /proc/$$/fd; readlink /proc/$$/fd/0; cat'");

	(void)state;
	close(leak);
	assert_string_equal(result.output, "0\n1\n2\n/dev/null\n");
}

static void it_works_where_the_parent_has_no_standard_input(void **state)
{
	int in = dup(STDIN_FILENO);
	struct result result;

	(void)state;
	close(STDIN_FILENO);
	result = run("sh -c 'readlink /proc/$$/fd/0; echo err >&2'");
	dup2(in, STDIN_FILENO);
	close(in);
	assert_string_equal(result.output, "/dev/null\n");
	assert_string_equal(result.errors, "err\n");
}

static void it_has_a_session_of_its_own(void **state)
{
	struct result result = run("sh -c 'cut -d\" \" -f1,5,6 /proc/$$/stat'");
	int pid, group, session;

	(void)state;
	assert_int_equal(sscanf(result.output, "%d %d %d", &pid, &group, &session), 3);
	assert_int_equal(group, pid);
	assert_int_equal(session, pid);
}

static void too_much_output_is_an_error(void **state)
{
	struct result result = run("yes");

	(void)state;
	assert_int_equal(result.outcome, PROCESS_FLOODED);
	assert_int_equal(result.output_size, MAX_OUTPUT);
	assert_int_equal(run("head -c 1000 /dev/zero").outcome, PROCESS_ENDED);
	assert_int_equal(run("head -c 1001 /dev/zero").outcome, PROCESS_FLOODED);
}

static void more_errors_than_are_kept_do_no_harm(void **state)
{
	struct result result = run("sh -c 'yes | head -c 300000 >&2; echo done'");

	(void)state;
	assert_int_equal(result.outcome, PROCESS_ENDED);
	assert_string_equal(result.output, "done\n");
	assert_int_equal(strlen(result.errors), PROCESS_ERRORS_SIZE - 1);
}

static void what_it_leaves_behind_is_not_waited_for(void **state)
{
	struct result result = run("sh -c 'sleep 1000 & echo $!'");

	(void)state;
	assert_int_equal(result.outcome, PROCESS_ENDED);
	assert_int_equal(kill(atoi(result.output), SIGKILL), 0); /* it may live on */
}

static bool is_gone(pid_t pid)
{
	char path[64], line[256] = "";
	FILE *stream;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	stream = fopen(path, "r");
	if (!stream)
		return true;
	(void)!fgets(line, sizeof(line), stream);
	fclose(stream);
	return strstr(line, ") Z "); /* init may take its time */
}

static void one_that_is_late_ends_with_all_that_it_started(void **state)
{
	struct result result =
	        run_within("sh -c 'sh -c \"trap : TERM; sleep 1000; sleep 1000\" & echo $!; wait'",
	                   500 * NS_PER_MS);

	(void)state;
	assert_int_equal(result.outcome, PROCESS_LATE);
	while (!is_gone(atoi(result.output)))
		usleep(1000);
}

static void one_that_will_not_end_is_killed(void **state)
{
	struct result result = run_within("sh -c 'trap \"\" TERM; echo started; exec sleep 1000'",
	                                  300 * NS_PER_MS);

	(void)state;
	assert_int_equal(result.outcome, PROCESS_LATE);
	assert_string_equal(result.output, "started\n");
}

/* Then nobody can tell how its children end. */
static void a_parent_that_ignores_its_children_is_an_error(void **state)
{
	struct result result;

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	result = run("true");
	signal(SIGCHLD, SIG_DFL);
	assert_int_equal(result.outcome, PROCESS_FAILED);
	assert_true(result.error == -ECHILD || result.error == -ESRCH);
}

static void never_called(void *arg, const struct process_end *end)
{
	(void)arg;
	(void)end;
	fail();
}

/* The tear-down finds it reaped. */
static void one_that_nobody_waits_for_any_more_is_killed(void **state)
{
	struct process_request request = {.limit_ns = 60 * NS_PER_S, .max_output_bytes = 1};
	struct process *process;
	struct result result;

	(void)state;
	assert_int_equal(shell_words_split("sleep 1000", &request.words), SHELL_WORDS_FOUND);
	assert_int_equal(process_start(loop, &request, never_called, NULL, &process), 0);
	process_kill(process); /* before it is there */
	process = start("sh -c 'echo $$ >&2; exec sleep 1000'", 60 * NS_PER_S, &result);
	pump_disk(loop);
	process_kill(process);
	assert_false(result.done);
}

static void do_nothing(struct disk_job *job)
{
	(void)job;
}

static void a_full_disk_pool_is_busy(void **state)
{
	static struct disk_job jobs[LOOP_MAX_DISK_JOBS];
	struct process_request request = {.limit_ns = NS_PER_S};
	struct process *process = NULL;

	(void)state;
	for (unsigned i = 0; i < LOOP_MAX_DISK_JOBS; i++) {
		jobs[i] = (struct disk_job){.work = do_nothing, .done = do_nothing};
		assert_int_equal(loop_disk(loop, &jobs[i]), 0);
	}
	assert_int_equal(shell_words_split("true", &request.words), SHELL_WORDS_FOUND);
	assert_int_equal(process_start(loop, &request, never_called, NULL, &process), -EBUSY);
	assert_null(process);
	pump_disk(loop);
}

static int gate[2];

static void wait_at_gate(struct disk_job *job)
{
	char byte;

	(void)job;
	(void)!read(gate[0], &byte, 1);
}

/* As where the program is on a disk that hangs. It ends as soon as it has been started. */
static void one_that_cannot_be_started_in_time_is_late(void **state)
{
	static struct disk_job jobs[DISK_THREADS];
	struct result result;

	(void)state;
	assert_int_equal(pipe(gate), 0);
	for (int i = 0; i < DISK_THREADS; i++) {
		jobs[i] = (struct disk_job){.work = wait_at_gate, .done = do_nothing};
		assert_int_equal(loop_disk(loop, &jobs[i]), 0);
	}
	result = run_within("sleep 1000", 50 * NS_PER_MS);
	assert_int_equal(result.outcome, PROCESS_LATE);
	close(gate[1]);
	pump_disk(loop);
	close(gate[0]);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(what_it_prints_is_the_answer),
	        cmocka_unit_test_fixture(how_it_ended_is_told),
	        cmocka_unit_test_fixture(a_program_that_is_not_there_is_an_error),
	        cmocka_unit_test_fixture(signals_are_as_at_the_start_of_a_program),
	        cmocka_unit_test_fixture(nothing_of_the_parent_is_open_in_it),
	        cmocka_unit_test_fixture(it_works_where_the_parent_has_no_standard_input),
	        cmocka_unit_test_fixture(it_has_a_session_of_its_own),
	        cmocka_unit_test_fixture(too_much_output_is_an_error),
	        cmocka_unit_test_fixture(more_errors_than_are_kept_do_no_harm),
	        cmocka_unit_test_fixture(what_it_leaves_behind_is_not_waited_for),
	        cmocka_unit_test_fixture(one_that_is_late_ends_with_all_that_it_started),
	        cmocka_unit_test_fixture(one_that_will_not_end_is_killed),
	        cmocka_unit_test_fixture(a_parent_that_ignores_its_children_is_an_error),
	        cmocka_unit_test_fixture(one_that_nobody_waits_for_any_more_is_killed),
	        cmocka_unit_test_fixture(a_full_disk_pool_is_busy),
	        cmocka_unit_test_fixture(one_that_cannot_be_started_in_time_is_late),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
