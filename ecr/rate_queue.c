/* A rate limit, a list, and one timer for the head of the list. */
#include "ecr/rate_queue.h"
#include "ecr/rate_limit.h"
#include "net/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

struct rate_queue {
	const struct clock *clock;
	struct rate_limit limit;
	struct rate_turn *turns; /* in order of arrival */
	struct loop_timer *timer;
};

static double now_s(const struct rate_queue *queue)
{
	return (double)clock_monotonic_ns(queue->clock) / (double)NS_PER_S;
}

/* Lets go whose turn it is; who goes may enter again. */
static void let_go(void *arg)
{
	struct rate_queue *queue = arg;
	struct rate_turn *turn;
	double wait_s;

	while ((turn = queue->turns)) {
		if (!rate_limit_acquire(&queue->limit, now_s(queue), &wait_s)) {
			loop_timer_set(queue->timer, (uint64_t)(wait_s * (double)NS_PER_S) + 1);
			return;
		}
		rate_queue_leave(queue, turn);
		turn->go(turn);
	}
}

int rate_queue_new(struct loop *loop, const struct clock *clock, struct rate_queue **ret_queue)
{
	struct rate_queue *queue = calloc(1, sizeof(*queue));

	if (!queue || loop_timer_new(loop, let_go, queue, &queue->timer) < 0) {
		free(queue);
		return -ENOMEM;
	}
	queue->clock = clock;
	rate_limit_init(&queue->limit, now_s(queue));
	*ret_queue = queue;
	return 0;
}

void rate_queue_free(struct rate_queue *queue)
{
	if (!queue)
		return;
	loop_timer_free(queue->timer);
	free(queue);
}

bool rate_queue_enter(struct rate_queue *queue, struct rate_turn *turn)
{
	double wait_s = 0;

	/* Nobody overtakes those who wait, whose timer is set. */
	if (!queue->turns && rate_limit_acquire(&queue->limit, now_s(queue), &wait_s))
		return true;
	if (!queue->turns)
		loop_timer_set(queue->timer, (uint64_t)(wait_s * (double)NS_PER_S) + 1);
	DL_APPEND(queue->turns, turn);
	turn->waiting = true;
	return false;
}

void rate_queue_leave(struct rate_queue *queue, struct rate_turn *turn)
{
	if (!turn->waiting)
		return;
	DL_DELETE(queue->turns, turn);
	turn->waiting = false;
}

void rate_queue_answered(struct rate_queue *queue, bool throttled)
{
	rate_limit_answered(&queue->limit, now_s(queue), throttled);
	if (queue->turns)
		loop_timer_set(queue->timer, 0); /* the head's wait is another one now */
}
