/* A job, and one who waits for it. */
#include "store/opening.h"
#include "base/cleanup.h"

#include <string.h>

static void open_folder(struct worker_job *job)
{
	struct opening *opening = (struct opening *)job;
	char why[FOLDER_WHY_SIZE] = "";
	int error = folder_open(opening->folder, why);
	SCOPED_LOCK(&opening->lock);

	opening->error = error;
	memcpy(opening->why, why, sizeof(why));
	opening->has_ended = true;
	pthread_cond_signal(&opening->ended);
}

static void ended(struct worker_job *job)
{
	struct opening *opening = (struct opening *)job;

	opening->opened(opening->arg);
}

static void is_late(struct worker_job *job)
{
	(void)job; /* who mounts has waited as long, and says so */
}

static void stays(struct worker_job *job)
{
	(void)job;
}

static void begin(struct loop_task *task)
{
	struct opening *opening = (struct opening *)((char *)task - offsetof(struct opening, task));

	(void)worker_submit(opening->worker, &opening->job);
}

void opening_init(struct opening *opening, struct loop *loop, struct worker *worker,
                  struct folder *folder, void (*opened)(void *arg), void *arg)
{
	pthread_condattr_t monotonic;

	*opening = (struct opening){
	        .job = {.work = open_folder, .ended = ended, .late = is_late, .free = stays},
	        .task.run = begin,
	        .loop = loop,
	        .worker = worker,
	        .folder = folder,
	        .opened = opened,
	        .arg = arg,
	};
	pthread_mutex_init(&opening->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&opening->ended, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

bool opening_wait(struct opening *opening, int *ret_error, char why[FOLDER_WHY_SIZE])
{
	struct timespec until = clock_deadline(WORKER_DEADLINE_NS);
	int r = 0;

	if (loop_is_current(opening->loop))
		begin(&opening->task);
	else
		loop_post(opening->loop, &opening->task);
	SCOPED_LOCK(&opening->lock);

	while (!opening->has_ended && r == 0)
		r = pthread_cond_timedwait(&opening->ended, &opening->lock, &until);
	if (!opening->has_ended)
		return false;
	*ret_error = opening->error;
	memcpy(why, opening->why, sizeof(opening->why));
	return true;
}

void opening_cancel(struct opening *opening)
{
	loop_unpost(opening->loop, &opening->task);
}

void opening_deinit(struct opening *opening)
{
	pthread_cond_destroy(&opening->ended);
	pthread_mutex_destroy(&opening->lock);
}
