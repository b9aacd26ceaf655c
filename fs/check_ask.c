/* From one thread to the other and back. */
#include "fs/check_ask.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "ecr/client.h"
#include "fs/options.h"
#include "net/loop.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utlist.h>

struct check_question {
	struct check_question *next;
	struct loop_task task;
	struct check_asker *asker;
	struct trial trial;
	bool is_answered; /* under the lock */
};

/* What the layers below say of a failure goes to memory, and from there to its finding. */
static int open_log(struct check_asker *asker)
{
	bool debug = asker->options->debug;
	char path[64];
	int r = log_new(clock_system(), debug ? LEVEL_DEBUG : LEVEL_WARNING, &asker->log);

	if (r < 0 || debug)
		return r;
	asker->log_file = memfd_create("ecrfs-check", MFD_CLOEXEC);
	if (asker->log_file < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", asker->log_file);
	return log_to_file(asker->log, path);
}

static void init_lock(struct check_asker *asker)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&asker->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&asker->answered, &attributes);
	pthread_condattr_destroy(&attributes);
}

int check_asker_init(struct check_asker *asker, const struct options *options)
{
	int r;

	*asker = (struct check_asker){.options = options, .log_file = -1};
	init_lock(asker);
	r = open_log(asker);
	if (r == 0)
		r = run_as_seal(&options->run_as);
	if (r == 0)
		r = run_as_apply(&options->run_as); /* whose are the files of the AWS CLI */
	if (r == 0)
		r = loop_new(&asker->loop);
	if (r == 0)
		r = client_new(asker->loop, clock_system(), asker->log, &options->aws,
		               &asker->client);
	if (r == 0)
		r = loop_start(asker->loop);
	return r;
}

bool check_asker_deinit(struct check_asker *asker)
{
	struct check_question *question, *next;
	bool is_clean = true;

	if (asker->loop) {
		loop_stop(asker->loop);
		client_free(asker->client);
		loop_run_once(asker->loop);
		is_clean = loop_free(asker->loop);
	}
	LL_FOREACH_SAFE(asker->questions, question, next)
	{
		free(question);
	}
	pthread_cond_destroy(&asker->answered);
	pthread_mutex_destroy(&asker->lock);
	log_free(asker->log);
	if (asker->log_file >= 0)
		close(asker->log_file);
	return is_clean;
}

static void ask(struct loop_task *task)
{
	struct check_question *question =
	        (struct check_question *)((char *)task - offsetof(struct check_question, task));

	trial_ask(&question->trial, client_api(question->asker->client));
}

static void answered(struct trial *trial)
{
	struct check_question *question =
	        (struct check_question *)((char *)trial - offsetof(struct check_question, trial));

	SCOPED_LOCK(&question->asker->lock);
	question->is_answered = true;
	pthread_cond_signal(&question->asker->answered);
}

/* Answers whether the answer came. */
static bool wait_for(struct check_asker *asker, const struct check_question *question)
{
	struct timespec end = clock_deadline(asker->options->timeout_ns);
	int r = 0;

	SCOPED_LOCK(&asker->lock);
	while (r == 0 && !question->is_answered)
		r = pthread_cond_timedwait(&asker->answered, &asker->lock, &end);
	return question->is_answered;
}

void check_ask(struct check_asker *asker, struct trial *trial)
{
	struct check_question *question = calloc(1, sizeof(*question));

	if (!question) {
		trial->status = STATUS_NO_MEMORY;
		return;
	}
	question->asker = asker;
	question->task.run = ask;
	question->trial = *trial;
	question->trial.done = answered;
	LL_PREPEND(asker->questions, question);
	loop_post(asker->loop, &question->task);
	if (wait_for(asker, question))
		*trial = question->trial;
	else
		trial->status = STATUS_TIMED_OUT; /* the answer may yet be written there */
}

/* Without time and name of the program: "2026-01-02T03:04:05Z ecrfs: ". */
static const char *text_of(const char *line)
{
	const char *name = strstr(line, " ecrfs: ");

	return name ? name + strlen(" ecrfs: ") : line;
}

void check_asker_read_log(struct check_asker *asker, char *ret_line, size_t size)
{
	char lines[16 << 10], *line, *rest = lines;
	ssize_t n;

	ret_line[0] = '\0';
	if (asker->log_file < 0)
		return;
	n = pread(asker->log_file, lines, sizeof(lines) - 1, asker->log_read);
	if (n <= 0)
		return;
	asker->log_read += n;
	lines[n] = '\0';
	while ((line = strsep(&rest, "\n")))
		if (line[0])
			snprintf(ret_line, size, "%s", text_of(line));
}
