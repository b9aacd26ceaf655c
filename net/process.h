/* Programs that are run for what they print, with a limit of time and size.
 *
 * No thread waits for them: they are started on the disk pool, since loading a program may hang,
 * and watched on the loop. A program that is late is told to end (SIGTERM), and killed soon after,
 * with all that it has started and that is still in its process group.
 *
 * Threads: loop.
 */
#ifndef ECRFS_NET_PROCESS_H
#define ECRFS_NET_PROCESS_H

#include <stddef.h>
#include <stdint.h>

struct loop;
struct process;

/* Between SIGTERM and SIGKILL, and then until it is given up. */
#define PROCESS_GRACE_NS (2000000000ULL)

/* So much of its standard error is kept, the first bytes; the rest is read and dropped. */
#define PROCESS_ERRORS_SIZE 512

struct process_request {
	char **words; /* program, found by PATH, and arguments; NULL at the end */
	uint64_t limit_ns;
	size_t max_output_bytes; /* with more the program is killed */
};

enum process_outcome {
	PROCESS_ENDED,   /* by itself: see wait_status */
	PROCESS_FAILED,  /* it did not start, or cannot be watched: see error */
	PROCESS_LATE,    /* it was told to end, since its time was up */
	PROCESS_FLOODED, /* it was killed, since it printed too much */
};

struct process_end {
	enum process_outcome outcome;
	int error;          /* -errno; -ENOENT: there is no such program */
	int wait_status;    /* of waitpid(2) */
	const char *output; /* a NUL follows the last byte; wiped after the call */
	size_t output_size;
	const char *errors; /* what it said on standard error, as it came, NUL at the end */
};

/* `end` and all in it are borrowed for the call. */
typedef void (*process_fn)(void *arg, const struct process_end *end);

/* Runs the program, in the working directory and with the environment of this process; `done` is
 * called later on the loop thread, never inside this call, at most limit_ns and twice
 * PROCESS_GRACE_NS later. Takes `words`: one block from malloc(3), freed with the process, also on
 * failure. `ret_process` is good until `done`. Answers 0, -EBUSY (the disk pool is full) or
 * -ENOMEM. */
int process_start(struct loop *loop, const struct process_request *request, process_fn done,
                  void *arg, struct process **ret_process);

/* Kills it; `done` is not called any more. Accepts NULL. */
void process_kill(struct process *process);

#endif
