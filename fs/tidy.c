/* Giving memory back. */
#include "fs/tidy.h"
#include "base/clock.h"

#include <malloc.h>

/* About 2 MB of inodes: less is not worth the milliseconds. */
#define MANY 10000

/* The kernel forgets in bursts. */
#define PAUSE_NS NS_PER_S

static void set_timer(struct loop_task *task)
{
	struct tidy *tidy = (struct tidy *)((char *)task - offsetof(struct tidy, task));

	loop_timer_set(tidy->timer, PAUSE_NS);
}

static void give_back(void *arg)
{
	struct tidy *tidy = arg;

	atomic_store(&tidy->is_posted, false);
	atomic_store(&tidy->forgotten, 0);
	malloc_trim(0);
}

int tidy_init(struct tidy *tidy, struct loop *loop)
{
	tidy->loop = loop;
	tidy->task.run = set_timer;
	return loop_timer_new(loop, give_back, tidy, &tidy->timer);
}

void tidy_deinit(struct tidy *tidy)
{
	if (tidy->loop)
		loop_unpost(tidy->loop, &tidy->task);
	loop_timer_free(tidy->timer);
}

void tidy_forgotten(struct tidy *tidy, size_t n)
{
	if (atomic_fetch_add(&tidy->forgotten, n) + n >= MANY &&
	    !atomic_exchange(&tidy->is_posted, true))
		loop_post(tidy->loop, &tidy->task);
}
