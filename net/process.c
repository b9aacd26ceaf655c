/* One run of a program:
 *
 *   SPAWNING ──disk──► RUNNING ──late──► TERMINATED ──grace──► KILLED ──grace──► given up
 *        │                └───────────────────┴──────────────────┴──► it ends: reaped, answered
 *        └── late: answered at once; killed as soon as it is there
 *
 * Whoever it was for may be gone before it is: then only its pidfd is watched, so that it is
 * reaped.
 */
#include "net/process.h"
#include "net/loop.h"
#include "net/process_spawn.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

/* Read at a time, so that a program that floods its pipe does not hold up the loop. */
#define CHUNK_SIZE 4096

/* A pipe holds so much unless it was told otherwise: what is left in it when the program ends. */
#define PIPE_CHUNKS (65536 / CHUNK_SIZE)

enum state {
	SPAWNING,
	RUNNING,
	TERMINATED,
	KILLED,
};

/* A descriptor of the parent's, and whether libuv has it. */
struct watch {
	uv_poll_t uv;
	int fd; /* -1: none */
	bool is_open;
};

struct stream {
	struct watch watch; /* first, so that a handle is its stream */
	size_t size, max;
	bool is_cut; /* what is too much is dropped, and no error */
	char *text;  /* max bytes and a NUL */
};

struct process {
	struct disk_job spawn; /* first, so that a job is its process */
	struct loop *loop;
	struct loop_timer *timer;
	enum state state;
	bool is_orphan; /* nobody waits for it; the loop does */
	process_fn done;
	void *arg;
	char **words;
	enum process_outcome outcome; /* so far */
	int error;                    /* -errno of PROCESS_FAILED */
	int spawn_error;              /* the same, of the disk thread's */
	pid_t pid;                    /* 0: it has not started */
	struct watch exit;            /* its pidfd */
	struct stream output, errors;
	unsigned open; /* handles that are not closed yet */
};

static void free_text(struct stream *stream)
{
	if (stream->text)
		explicit_bzero(stream->text, stream->max);
	free(stream->text);
}

static void process_free(struct process *process)
{
	if (process->is_orphan)
		loop_orphans(process->loop, -1);
	free_text(&process->output);
	free_text(&process->errors);
	loop_timer_free(process->timer);
	free(process->words);
	free(process);
}

static void handle_closed(uv_handle_t *handle)
{
	struct process *process = handle->data;

	if (--process->open == 0)
		process_free(process);
}

static void close_watch(struct watch *watch)
{
	if (watch->is_open)
		uv_close((uv_handle_t *)&watch->uv, handle_closed);
	if (watch->fd >= 0)
		close(watch->fd);
	watch->is_open = false;
	watch->fd = -1;
}

static void let_go(struct process *process)
{
	bool is_watched = process->open;

	close_watch(&process->output.watch);
	close_watch(&process->errors.watch);
	close_watch(&process->exit);
	if (!is_watched) /* else the last handle frees it */
		process_free(process);
}

/* The leader is not reaped yet, so that the number of the group is still its own. */
static void kill_group(const struct process *process, int signal)
{
	kill(-process->pid, signal);
}

/* Nobody waits for it any more: what is left to do is to reap it. */
static void orphan(struct process *process)
{
	process->done = NULL;
	process->is_orphan = true;
	loop_orphans(process->loop, 1);
	loop_timer_stop(process->timer);
	if (process->state == SPAWNING)
		return;
	uv_poll_stop(&process->output.watch.uv);
	uv_poll_stop(&process->errors.watch.uv);
	uv_unref((uv_handle_t *)&process->exit.uv);
}

static void answer(struct process *process, int wait_status)
{
	process_fn done = process->done;
	struct process_end end = {
	        .outcome = process->outcome,
	        .error = process->error,
	        .wait_status = wait_status,
	        .output = process->output.text,
	        .output_size = process->output.size,
	        .errors = process->errors.text,
	};

	process->done = NULL;
	done(process->arg, &end);
}

/* Answers whether there may be more just now. */
static bool read_chunk(struct stream *stream)
{
	struct process *process = stream->watch.uv.data;
	char chunk[CHUNK_SIZE];
	size_t room = stream->max - stream->size, kept;
	ssize_t n = read(stream->watch.fd, chunk, sizeof(chunk));

	if (n <= 0) {
		if (n == 0)
			uv_poll_stop(&stream->watch.uv);
		return n < 0 && errno == EINTR;
	}
	kept = (size_t)n < room ? (size_t)n : room;
	memcpy(stream->text + stream->size, chunk, kept);
	explicit_bzero(chunk, sizeof(chunk));
	stream->size += kept;
	if (kept < (size_t)n && !stream->is_cut && process->outcome == PROCESS_ENDED) {
		process->outcome = PROCESS_FLOODED;
		kill_group(process, SIGKILL);
	}
	return true;
}

static void is_readable(uv_poll_t *uv, int status, int events)
{
	(void)status; /* an error shows when it is read */
	(void)events;
	read_chunk((struct stream *)uv);
}

static void read_rest(struct stream *stream)
{
	for (int i = 0; i < PIPE_CHUNKS && read_chunk(stream); i++)
		continue;
}

/* What it has started may live on, as with any program that ends by itself; not so where it was
 * made to end. */
static void has_ended(uv_poll_t *uv, int status, int events)
{
	struct process *process = uv->data;
	int wait_status = 0;
	pid_t pid;

	(void)status;
	(void)events;
	if (process->done) {
		read_rest(&process->output);
		read_rest(&process->errors);
	}
	if (!process->done || process->outcome != PROCESS_ENDED)
		kill_group(process, SIGKILL);
	do
		pid = waitpid(process->pid, &wait_status, WNOHANG);
	while (pid < 0 && errno == EINTR);
	if (pid == 0)
		return;
	if (pid < 0 && process->outcome == PROCESS_ENDED) { /* SIGCHLD is ignored */
		process->error = -errno;
		process->outcome = PROCESS_FAILED;
	}
	if (process->done)
		answer(process, wait_status);
	let_go(process);
}

static void is_late(void *arg)
{
	struct process *process = arg;

	if (process->outcome == PROCESS_ENDED)
		process->outcome = PROCESS_LATE;
	switch (process->state) {
	case RUNNING:
		process->state = TERMINATED;
		kill_group(process, SIGTERM);
		loop_timer_set(process->timer, PROCESS_GRACE_NS);
		return;
	case TERMINATED:
		process->state = KILLED;
		kill_group(process, SIGKILL);
		loop_timer_set(process->timer, PROCESS_GRACE_NS);
		return;
	case SPAWNING: /* there is nothing to kill yet */
	case KILLED:   /* a disk does not let go of it, or it runs as another user */
		answer(process, 0);
		orphan(process);
		return;
	}
}

/* Answers 0 or -errno. */
static int open_watch(struct process *process, struct watch *watch, uv_poll_cb callback)
{
	int r = uv_poll_init(loop_uv(process->loop), &watch->uv, watch->fd);

	if (r < 0)
		return r;
	watch->uv.data = process;
	watch->is_open = true;
	process->open++;
	return uv_poll_start(&watch->uv, UV_READABLE, callback);
}

static int open_watches(struct process *process)
{
	int r = open_watch(process, &process->exit, has_ended);

	if (r == 0)
		r = open_watch(process, &process->output.watch, is_readable);
	return r == 0 ? open_watch(process, &process->errors.watch, is_readable) : r;
}

static void run_spawn(struct disk_job *job)
{
	struct process *process = (struct process *)job;
	struct spawned spawned = {.pidfd = -1, .output = -1, .errors = -1};
	int r = process_spawn(process->words, &spawned);

	process->spawn_error = r;
	process->pid = spawned.pid;
	process->exit.fd = spawned.pidfd;
	process->output.watch.fd = spawned.output;
	process->errors.watch.fd = spawned.errors;
}

/* It has not started, or runs and cannot be watched. */
static void drop(struct process *process, int error)
{
	if (process->pid > 0) {
		kill_group(process, SIGKILL);
		waitpid(process->pid, NULL, WNOHANG);
	}
	process->error = error;
	process->outcome = PROCESS_FAILED;
	if (process->done)
		answer(process, 0);
	let_go(process);
}

static void spawn_done(struct disk_job *job)
{
	struct process *process = (struct process *)job;
	int r = process->spawn_error;

	if (r == 0)
		r = open_watches(process);
	if (r < 0) {
		drop(process, r);
		return;
	}
	process->state = RUNNING;
	if (process->done)
		return;
	uv_unref((uv_handle_t *)&process->exit.uv);
	uv_poll_stop(&process->output.watch.uv);
	uv_poll_stop(&process->errors.watch.uv);
	kill_group(process, SIGKILL);
}

static int make_text(struct stream *stream, size_t max)
{
	stream->watch.fd = -1;
	stream->max = max;
	stream->text = calloc(1, max + 1);
	return stream->text ? 0 : -ENOMEM;
}

/* Answers 0 or -ENOMEM. */
static int prepare(struct process *process, const struct process_request *request)
{
	int r = make_text(&process->output, request->max_output_bytes);

	process->exit.fd = -1;
	process->errors.is_cut = true;
	if (r == 0)
		r = make_text(&process->errors, PROCESS_ERRORS_SIZE - 1);
	return r == 0 ? loop_timer_new(process->loop, is_late, process, &process->timer) : r;
}

int process_start(struct loop *loop, const struct process_request *request, process_fn done,
                  void *arg, struct process **ret_process)
{
	struct process *process = calloc(1, sizeof(*process));
	int r;

	if (!process) {
		free(request->words);
		return -ENOMEM;
	}
	process->spawn = (struct disk_job){.work = run_spawn, .done = spawn_done};
	process->loop = loop;
	process->done = done;
	process->arg = arg;
	process->words = request->words;
	r = prepare(process, request);
	if (r == 0)
		r = loop_disk(loop, &process->spawn);
	if (r < 0) {
		process_free(process);
		return r;
	}
	loop_timer_set(process->timer, request->limit_ns);
	*ret_process = process;
	return 0;
}

void process_kill(struct process *process)
{
	if (!process)
		return;
	if (process->state != SPAWNING)
		kill_group(process, SIGKILL);
	orphan(process);
}
