/* Turns of libuv's loop, bounded in time. */
#include "tests/unit/pump.h"
#include "net/loop.h"
#include "tests/unit/unit_test.h"

#include <uv.h>

#define LIMIT_MS 20000

struct pump {
	uv_timer_t limit;
	uv_prepare_t before_waiting;
	const bool *done; /* NULL: when no disk job is under way */
	bool late;
	unsigned open; /* handles that are not closed yet */
};

static bool is_done(const struct pump *pump)
{
	return pump->done ? *pump->done : pump->limit.loop->active_reqs.count == 0;
}

static void time_is_up(uv_timer_t *timer)
{
	((struct pump *)timer->data)->late = true;
}

/* What was waited for may have come from a timer of this very turn: then it must not wait. */
static void about_to_wait(uv_prepare_t *prepare)
{
	if (is_done(prepare->data))
		uv_stop(prepare->loop);
}

static void closed(uv_handle_t *handle)
{
	((struct pump *)handle->data)->open--;
}

static void run(struct loop *loop, const bool *done)
{
	struct pump pump = {.done = done, .open = 2};
	uv_loop_t *uv = loop_uv(loop);

	uv_timer_init(uv, &pump.limit);
	uv_prepare_init(uv, &pump.before_waiting);
	pump.limit.data = &pump;
	pump.before_waiting.data = &pump;
	uv_update_time(uv);
	uv_timer_start(&pump.limit, time_is_up, LIMIT_MS, 0);
	uv_prepare_start(&pump.before_waiting, about_to_wait);
	loop_run_once(loop);
	while (!pump.late && !is_done(&pump)) {
		uv_run(uv, UV_RUN_ONCE);
		loop_run_once(loop);
	}
	uv_close((uv_handle_t *)&pump.limit, closed);
	uv_close((uv_handle_t *)&pump.before_waiting, closed);
	while (pump.open)
		uv_run(uv, UV_RUN_NOWAIT);
	assert_false(pump.late);
}

void pump_until(struct loop *loop, const bool *done)
{
	run(loop, done);
}

void pump_disk(struct loop *loop)
{
	run(loop, NULL);
}
