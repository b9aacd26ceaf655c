/* What is found out about the thread that made a request.
 *
 * A real thread keeps a signal pending, for as long as a test wants, while its process is stopped.
 */
#include "fs/caller.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Their line in the status file is longer than 8 KiB, and stands before the masks. */
#define MANY_GROUPS 2000

static const int fatal[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGILL, SIGABRT,   SIGSEGV, SIGPIPE,
                            SIGALRM, SIGTERM, SIGUSR1, SIGPWR, SIGVTALRM, SIGXCPU, 64};
static const int harmless[] = {SIGCHLD, SIGURG,  SIGWINCH, SIGCONT,
                               SIGSTOP, SIGTSTP, SIGTTIN,  SIGTTOU};

/* The masks of a thread; the kernel shows those of its own and of its process. */
struct masks {
	uint64_t own, shared, blocked, ignored, caught;
};

static uint64_t bit(int signal)
{
	return 1ULL << (signal - 1);
}

/* What the kernel writes. Static storage. */
static const char *status_of(const struct masks *masks)
{
	static char text[1024];

	snprintf(text, sizeof(text),
	         "Name:\tgrep\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t4711\nPid:\t4712\n"
	         "Groups:\t0 4 \nThreads:\t1\nSigQ:\t0/15606\nSigPnd:\t%016llx\nShdPnd:\t%016llx\n"
	         "SigBlk:\t%016llx\nSigIgn:\t%016llx\nSigCgt:\t%016llx\n"
	         "CapInh:\t0000000000000000\nCapPrm:\t000001ffffffffff\nSeccomp:\t0\n",
	         (unsigned long long)masks->own, (unsigned long long)masks->shared,
	         (unsigned long long)masks->blocked, (unsigned long long)masks->ignored,
	         (unsigned long long)masks->caught);
	return text;
}

static bool is_dying(struct masks masks)
{
	return caller_status_is_dying(status_of(&masks));
}

static void without_a_pending_signal_a_thread_lives(void **state)
{
	(void)state;
	assert_false(is_dying((struct masks){0}));
	assert_false(is_dying((struct masks){.blocked = ~0ULL}));
	assert_false(is_dying((struct masks){.caught = bit(SIGTERM), .ignored = bit(SIGPIPE)}));
}

static void a_killed_thread_dies_whatever_it_masks(void **state)
{
	uint64_t all = ~0ULL;

	(void)state;
	assert_true(is_dying((struct masks){.own = bit(SIGKILL)}));
	assert_true(is_dying((struct masks){.shared = bit(SIGKILL)}));
	assert_true(is_dying((struct masks){bit(SIGKILL), 0, all, all, all}));
}

static void a_signal_that_terminates_by_default_is_fatal(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(fatal); i++) {
		print_message("%d\n", fatal[i]);
		assert_true(is_dying((struct masks){.own = bit(fatal[i])}));
		assert_true(is_dying((struct masks){.shared = bit(fatal[i])}));
	}
}

static void a_signal_that_is_caught_blocked_or_ignored_is_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(fatal); i++) {
		uint64_t mask = bit(fatal[i]);

		print_message("%d\n", fatal[i]);
		assert_false(is_dying((struct masks){.shared = mask, .caught = mask}));
		assert_false(is_dying((struct masks){.shared = mask, .blocked = mask}));
		assert_false(is_dying((struct masks){.shared = mask, .ignored = mask}));
		assert_false(is_dying((struct masks){.own = mask, .caught = mask}));
		assert_false(is_dying((struct masks){.own = mask, .blocked = mask}));
	}
}

static void a_signal_that_does_nothing_or_stops_is_not(void **state)
{
	uint64_t all = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(harmless); i++) {
		print_message("%d\n", harmless[i]);
		assert_false(is_dying((struct masks){.own = bit(harmless[i])}));
		assert_false(is_dying((struct masks){.shared = bit(harmless[i])}));
		all |= bit(harmless[i]);
	}
	assert_false(is_dying((struct masks){.own = all, .shared = all}));
	assert_true(is_dying((struct masks){.own = all, .shared = bit(SIGTERM)}));
}

static void one_fatal_signal_among_others_is_enough(void **state)
{
	(void)state;
	assert_true(is_dying((struct masks){.own = bit(SIGURG) | bit(SIGINT) | bit(SIGTERM),
	                                    .caught = bit(SIGURG) | bit(SIGINT)}));
	assert_false(is_dying((struct masks){.own = bit(SIGINT),
	                                     .shared = bit(SIGTERM),
	                                     .blocked = bit(SIGINT),
	                                     .ignored = bit(SIGTERM)}));
}

static void a_text_that_was_cut_off_says_what_it_says(void **state)
{
	static const char head[] = "Name:\tgrep\nSigPnd:\t0000000000004000\nShdPnd:\t";

	(void)state;
	assert_false(caller_status_is_dying(""));
	assert_false(caller_status_is_dying("Name:\tgrep\nState:\tS (sleeping)\n"));
	assert_false(caller_status_is_dying("Name:\tgrep\nSigPnd:"));
	assert_false(caller_status_is_dying("Name:\tgrep\nSigPnd:\t"));
	assert_true(caller_status_is_dying(head)); /* nothing says that SIGTERM is caught */
	assert_false(caller_status_is_dying("Name:\tgrep\nSigPnd:\t0000000000400000\n"));
}

static void a_program_cannot_forge_the_masks_by_its_name(void **state)
{
	(void)state;
	/* The kernel shows a newline in a name as "\n", two characters. */
	assert_false(caller_status_is_dying("Name:\ta\\nSigPnd:\t0000000000000100\n"
	                                    "SigPnd:\t0000000000000000\n"));
}

/* A child that has stopped itself. `is_blocked`: it blocks SIGTERM. -1: it could not be a member of
 * so many groups. */
static pid_t stopped_child(size_t n_groups, bool is_blocked)
{
	pid_t child = fork();
	int how;

	assert_true(child >= 0);
	if (child == 0) {
		gid_t groups[MANY_GROUPS];
		sigset_t set;

		for (size_t i = 0; i < n_groups; i++)
			groups[i] = (gid_t)(100000 + i);
		sigemptyset(&set);
		sigaddset(&set, SIGTERM);
		if ((n_groups && setgroups(n_groups, groups) < 0) ||
		    (is_blocked && sigprocmask(SIG_BLOCK, &set, NULL) < 0))
			_exit(1);
		raise(SIGSTOP);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &how, WUNTRACED), child);
	return WIFSTOPPED(how) ? child : -1;
}

static void end_child(pid_t child)
{
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void a_real_thread_is_looked_up(void **state)
{
	pid_t child = stopped_child(0, false);

	(void)state;
	assert_false(caller_is_dying(getpid()));
	assert_false(caller_is_dying(child));
	kill(child, SIGURG);
	assert_false(caller_is_dying(child));
	kill(child, SIGTERM);
	assert_true(caller_is_dying(child));
	end_child(child);
}

static void what_a_real_thread_blocks_does_not_end_it(void **state)
{
	pid_t child = stopped_child(0, true);

	(void)state;
	kill(child, SIGTERM);
	assert_false(caller_is_dying(child));
	kill(child, SIGHUP);
	assert_true(caller_is_dying(child));
	end_child(child);
}

static void a_member_of_many_groups_dies_like_others(void **state)
{
	pid_t child = stopped_child(MANY_GROUPS, false);

	(void)state;
	if (child < 0)
		skip(); /* only root may */
	assert_false(caller_is_dying(child));
	kill(child, SIGTERM);
	assert_true(caller_is_dying(child));
	end_child(child);
}

static void a_thread_that_cannot_be_looked_up_counts_as_dying(void **state)
{
	pid_t child = stopped_child(0, false);

	(void)state;
	end_child(child);
	assert_true(caller_is_dying(child));
	assert_true(caller_is_dying(0)); /* FUSE: of another pid namespace */
	assert_true(caller_is_dying(-1));
}

static void *first_process(void *ret_process)
{
	*(pid_t *)ret_process = caller_process(gettid());
	return NULL;
}

static void a_thread_belongs_to_a_process(void **state)
{
	pid_t process = 0;
	pthread_t thread;

	(void)state;
	assert_int_equal(caller_process(getpid()), getpid());
	assert_int_equal(pthread_create(&thread, NULL, first_process, &process), 0);
	pthread_join(thread, NULL);
	assert_int_equal(process, getpid());
	assert_int_equal(caller_process(0), 0);
	assert_int_equal(caller_process(-1), 0);
}

static void who_writes_into_a_pipe_may_be_cut_off(void **state)
{
	int before = dup(STDOUT_FILENO), ends[2], nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	bool to_pipe, to_file;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	fflush(stdout);
	dup2(ends[1], STDOUT_FILENO);
	to_pipe = caller_may_be_cut_off(getpid());
	dup2(nowhere, STDOUT_FILENO);
	to_file = caller_may_be_cut_off(getpid());
	dup2(before, STDOUT_FILENO);
	assert_true(to_pipe);
	assert_false(to_file);
	close(ends[0]);
	close(ends[1]);
	close(nowhere);
	close(before);
}

static void who_cannot_be_looked_up_may_be_cut_off(void **state)
{
	pid_t child = stopped_child(0, false);

	(void)state;
	end_child(child);
	assert_true(caller_may_be_cut_off(child));
	assert_int_equal(caller_process(child), 0);
	assert_true(caller_may_be_cut_off(0));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(without_a_pending_signal_a_thread_lives),
	        cmocka_unit_test(a_killed_thread_dies_whatever_it_masks),
	        cmocka_unit_test(a_signal_that_terminates_by_default_is_fatal),
	        cmocka_unit_test(a_signal_that_is_caught_blocked_or_ignored_is_not),
	        cmocka_unit_test(a_signal_that_does_nothing_or_stops_is_not),
	        cmocka_unit_test(one_fatal_signal_among_others_is_enough),
	        cmocka_unit_test(a_text_that_was_cut_off_says_what_it_says),
	        cmocka_unit_test(a_program_cannot_forge_the_masks_by_its_name),
	        cmocka_unit_test(a_real_thread_is_looked_up),
	        cmocka_unit_test(what_a_real_thread_blocks_does_not_end_it),
	        cmocka_unit_test(a_member_of_many_groups_dies_like_others),
	        cmocka_unit_test(a_thread_that_cannot_be_looked_up_counts_as_dying),
	        cmocka_unit_test(a_thread_belongs_to_a_process),
	        cmocka_unit_test(who_writes_into_a_pipe_may_be_cut_off),
	        cmocka_unit_test(who_cannot_be_looked_up_may_be_cut_off),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
