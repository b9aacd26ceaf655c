/* One reading at a time, and who waits for which.
 *
 *   aws_files_read ─► waiter ─┬─ nothing under way: its reading begins ──disk──► answer
 *                             └─ else: for the next one, which begins then
 */
#include "ecr/aws_files.h"
#include "base/log.h"
#include "ecr/aws_reading.h"
#include "ecr/settings.h"
#include "ecr/start_paths.h"
#include "net/loop.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <utlist.h>

enum pace {
	PROMPT,
	SLOW, /* who can do without is answered at once */
	HUNG, /* everybody is */
};

struct waiter {
	struct waiter *prev, *next;
	struct aws_files_question question;
	uint64_t wants; /* the number of the reading */
};

struct aws_files {
	unsigned refs;
	struct loop *loop;
	struct log *log;
	struct start_paths start;
	char *paths[N_AWS_FILES]; /* NULL where there is no home directory */
	struct waiter *waiters;
	struct aws_reading *reading; /* under way, or NULL */
	uint64_t n_readings;         /* begun so far */
	enum pace pace;
	struct loop_timer *limit; /* of this pace */
	struct loop_task not_now; /* answers those who need not wait */
	int last_error;           /* of the reading before */
};

static int begin_reading(struct aws_files *files);

/* Answers one of those who may be answered, or false. Who is called may ask again, or forget. */
static bool answer_next(struct aws_files *files, uint64_t number, bool without_too, int error,
                        struct profile_content *content)
{
	struct aws_files_question question;
	struct waiter *waiter;

	DL_FOREACH (files->waiters, waiter) {
		if (waiter->wants <= number || (without_too && waiter->question.can_do_without))
			break;
	}
	if (!waiter)
		return false;
	DL_DELETE(files->waiters, waiter);
	question = waiter->question;
	free(waiter);
	if (content)
		content->name = question.name;
	question.done(question.arg, error, content);
	return true;
}

static void answer_without(struct aws_files *files)
{
	uint64_t number = files->pace == HUNG ? UINT64_MAX : 0;

	aws_files_ref(files);
	while (files->pace != PROMPT && answer_next(files, number, true, -ETIMEDOUT, NULL))
		;
	aws_files_unref(files);
}

static void not_now(struct loop_task *task)
{
	answer_without((struct aws_files *)((char *)task - offsetof(struct aws_files, not_now)));
}

static void limit_passed(void *arg)
{
	struct aws_files *files = arg;

	if (files->pace == PROMPT) {
		files->pace = SLOW;
		loop_timer_set(files->limit, AWS_FILES_HUNG_NS - AWS_FILES_SLOW_NS);
		log_event(files->log, LEVEL_WARNING, "aws files slow",
		          "%s is not read after %" PRIu64 " s: going on without what a profile may "
		          "say of endpoints and certificates; look whether its file system hangs",
		          aws_reading_path(files->reading),
		          (uint64_t)(AWS_FILES_SLOW_NS / NS_PER_S));
	} else {
		files->pace = HUNG;
		log_event(files->log, LEVEL_ERROR, "aws files hung",
		          "cannot read %s: no answer after %" PRIu64 " s; its file system hangs. "
		          "Mount it again, or set AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE "
		          "to files elsewhere",
		          aws_reading_path(files->reading),
		          (uint64_t)(AWS_FILES_HUNG_NS / NS_PER_S));
	}
	answer_without(files);
}

static int choose_path(struct aws_files *files, enum aws_file file, const char *variable,
                       const char *otherwise)
{
	const char *path = aws_settings_variable(variable);

	return start_paths_resolve(&files->start, path ? path : otherwise, &files->paths[file]);
}

int aws_files_new(struct loop *loop, struct log *log, struct aws_files **ret_files)
{
	struct aws_files *files = calloc(1, sizeof(*files));
	int r;

	if (!files)
		return -ENOMEM;
	files->refs = 1;
	files->loop = loop;
	files->log = log;
	files->not_now.run = not_now;
	r = loop_timer_new(loop, limit_passed, files, &files->limit);
	if (r == 0)
		r = start_paths_init(&files->start);
	if (r == 0)
		r = choose_path(files, CREDENTIALS_FILE, "AWS_SHARED_CREDENTIALS_FILE",
		                "~/.aws/credentials");
	if (r == 0)
		r = choose_path(files, CONFIG_FILE, "AWS_CONFIG_FILE", "~/.aws/config");
	if (r < 0) {
		aws_files_unref(files);
		return r;
	}
	*ret_files = files;
	return 0;
}

struct aws_files *aws_files_ref(struct aws_files *files)
{
	files->refs++;
	return files;
}

void aws_files_unref(struct aws_files *files)
{
	struct waiter *waiter, *next;

	if (!files || --files->refs)
		return;
	if (files->reading)
		files->reading->files = NULL; /* freed when the disk is done with it */
	DL_FOREACH_SAFE (files->waiters, waiter, next)
		free(waiter);
	loop_unpost(files->loop, &files->not_now);
	loop_timer_free(files->limit);
	for (int i = 0; i < N_AWS_FILES; i++)
		free(files->paths[i]);
	start_paths_deinit(&files->start);
	free(files);
}

/* Whether only those wait who can do without: they ask again and again. */
static bool is_of_little_use(const struct aws_files *files)
{
	const struct waiter *waiter;

	DL_FOREACH (files->waiters, waiter) {
		if (waiter->wants <= files->n_readings && !waiter->question.can_do_without)
			return false;
	}
	return true;
}

static void end_limit(struct aws_files *files)
{
	loop_timer_stop(files->limit);
	if (files->pace != PROMPT)
		log_event(files->log, LEVEL_INFO, "aws files", "the AWS files can be read again");
	files->pace = PROMPT;
}

/* Those who came meanwhile, and nobody's answer has begun a reading for. */
static void go_on(struct aws_files *files)
{
	int r = files->waiters && !files->reading ? begin_reading(files) : 0;

	while (r < 0 && answer_next(files, UINT64_MAX, true, r, NULL))
		;
}

static void answer_readers(struct aws_files *files, const struct aws_reading *reading)
{
	struct profile_content content = {0};
	uint64_t number = files->n_readings;
	bool quiet = is_of_little_use(files);
	int error = 0;

	aws_files_ref(files);
	for (int i = 0; i < N_AWS_FILES; i++) {
		content.files[i] = reading->of[i].file;
		error = error ? error : reading->of[i].error;
	}
	if (!error || !quiet || error != files->last_error)
		aws_reading_log(reading, files->log);
	files->last_error = error;
	while (answer_next(files, number, false, error, error ? NULL : &content))
		;
	go_on(files);
	aws_files_unref(files);
}

static void files_were_read(struct disk_job *job)
{
	struct aws_reading *reading = (struct aws_reading *)job;
	struct aws_files *files = reading->files;

	if (files) {
		files->reading = NULL;
		end_limit(files);
		answer_readers(files, reading);
	}
	aws_reading_free(reading);
}

/* Answers 0, -EBUSY or -ENOMEM. */
static int begin_reading(struct aws_files *files)
{
	struct aws_reading *reading;
	int r = aws_reading_new(files->paths, &reading);

	if (r < 0)
		return r;
	reading->job.done = files_were_read;
	reading->files = files;
	r = loop_disk(files->loop, &reading->job);
	if (r < 0) {
		aws_reading_free(reading);
		return r;
	}
	files->reading = reading;
	files->n_readings++;
	loop_timer_set(files->limit, AWS_FILES_SLOW_NS);
	return 0;
}

int aws_files_read(struct aws_files *files, const struct aws_files_question *question)
{
	struct waiter *waiter = calloc(1, sizeof(*waiter));
	bool is_next = files->reading;
	int r = waiter ? 0 : -ENOMEM;

	if (r == 0 && !files->reading)
		r = begin_reading(files);
	if (r < 0) {
		free(waiter);
		return r;
	}
	waiter->question = *question;
	waiter->wants = files->n_readings + is_next;
	DL_APPEND(files->waiters, waiter);
	if (files->pace == HUNG || (files->pace == SLOW && question->can_do_without)) {
		loop_unpost(files->loop, &files->not_now);
		loop_post(files->loop, &files->not_now);
	}
	return 0;
}

void aws_files_forget(struct aws_files *files, const void *owner, const void *arg)
{
	struct waiter *waiter, *next;

	DL_FOREACH_SAFE (files->waiters, waiter, next) {
		if (waiter->question.owner != owner || (arg && waiter->question.arg != arg))
			continue;
		DL_DELETE(files->waiters, waiter);
		free(waiter);
	}
}

int aws_files_resolve(const struct aws_files *files, const char *path, char **ret_path)
{
	return start_paths_resolve(&files->start, path, ret_path);
}
