/* Signals, by libuv. */
#include "net/loop_signal.h"
#include "net/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <uv.h>

struct loop_signal {
	uv_signal_t uv;
	loop_signal_fn fire;
	void *arg;
};

static void signalled(uv_signal_t *uv, int number)
{
	struct loop_signal *signal = uv->data;

	(void)number;
	signal->fire(signal->arg);
}

static void free_signal(uv_handle_t *uv)
{
	free(uv->data);
}

int loop_signal_new(struct loop *loop, int number, loop_signal_fn fire, void *arg,
                    struct loop_signal **ret_signal)
{
	struct loop_signal *signal = calloc(1, sizeof(*signal));
	int r;

	if (!signal)
		return -ENOMEM;
	r = uv_signal_init(loop_uv(loop), &signal->uv);
	if (r < 0) {
		free(signal);
		return r;
	}
	signal->uv.data = signal;
	signal->fire = fire;
	signal->arg = arg;
	r = uv_signal_start(&signal->uv, signalled, number);
	if (r < 0) {
		loop_signal_free(signal);
		return r;
	}
	*ret_signal = signal;
	return 0;
}

void loop_signal_free(struct loop_signal *signal)
{
	if (signal)
		uv_close((uv_handle_t *)&signal->uv, free_signal);
}
