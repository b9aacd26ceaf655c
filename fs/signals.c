/* Signals to the daemon. */
#include "fs/signals.h"
#include "base/log.h"
#include "fs/mount.h"
#include "fs/refresh.h"
#include "net/loop_signal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct signals {
	struct mount *mount;
	struct loop_signal *usr1, *hup;
};

/* error ─► warning ─► info ─► debug ─► error */
static void change_level(void *arg)
{
	struct signals *signals = arg;
	struct log *log = signals->mount->log;
	enum level level = (log_level(log) + 1) % (LEVEL_DEBUG + 1);

	log_set_level(log, level);
	log_write(log, LEVEL_ERROR, "SIGUSR1: the log level is %s now", log_level_name(level));
}

static void forget(void *arg)
{
	struct signals *signals = arg;
	int r = refresh_everything(signals->mount->refresh);

	if (r < 0)
		log_write(signals->mount->log, LEVEL_WARNING,
		          "SIGHUP: nothing is forgotten: %s; send it again", strerror(-r));
}

int signals_new(struct mount *mount, struct signals **ret_signals)
{
	struct signals *signals = calloc(1, sizeof(*signals));
	bool has_terminal = mount->options->foreground && isatty(STDIN_FILENO);
	int r;

	if (!signals)
		return -ENOMEM;
	signals->mount = mount;
	r = loop_signal_new(mount->loop, SIGUSR1, change_level, signals, &signals->usr1);
	if (r == 0 && !has_terminal)
		r = loop_signal_new(mount->loop, SIGHUP, forget, signals, &signals->hup);
	if (r < 0) {
		signals_free(signals);
		return r;
	}
	*ret_signals = signals;
	return 0;
}

void signals_free(struct signals *signals)
{
	if (!signals)
		return;
	loop_signal_free(signals->usr1);
	loop_signal_free(signals->hup);
	free(signals);
}
