/* In the place of the loop's timers. */
#include "tests/unit/fake_timer.h"

#include <stddef.h>

struct fake_timer fake_timer;

int __wrap_loop_timer_new(struct loop *loop, loop_timer_fn fire, void *arg,
                          struct loop_timer **ret_timer);
void __wrap_loop_timer_set(struct loop_timer *timer, uint64_t delay_ns);
void __wrap_loop_timer_stop(struct loop_timer *timer);
void __wrap_loop_timer_free(struct loop_timer *timer);

int __wrap_loop_timer_new(struct loop *loop, loop_timer_fn fire, void *arg,
                          struct loop_timer **ret_timer)
{
	(void)loop;
	fake_timer.fire = fire;
	fake_timer.arg = arg;
	*ret_timer = NULL;
	return 0;
}

void __wrap_loop_timer_set(struct loop_timer *timer, uint64_t delay_ns)
{
	(void)timer;
	fake_timer.delay_ns = delay_ns;
	fake_timer.n_set++;
}

void __wrap_loop_timer_stop(struct loop_timer *timer)
{
	(void)timer;
	fake_timer.delay_ns = 0;
}

void __wrap_loop_timer_free(struct loop_timer *timer)
{
	(void)timer;
}
