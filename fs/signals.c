/* Signals to the daemon. */
#include "fs/signals.h"
#include "base/clock.h"
#include "base/log.h"
#include "cache/cache.h"
#include "ecr/client.h"
#include "fs/inodes.h"
#include "fs/mount.h"
#include "fs/registries.h"
#include "net/loop.h"
#include "net/loop_signal.h"

#include <errno.h>
#include <fuse_lowlevel.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct signals {
	struct mount *mount;
	_Atomic(struct fuse_session *) fuse; /* NULL: there is none yet, or no more */
	struct loop_signal *usr1, *hup;
	struct disk_job tell_kernel;
	bool is_telling; /* loop */
	bool tell_again; /* loop: it came while the kernel was told */
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

/* The kernel drops its copies of names and attributes: whoever comes asks. What it does not hold
 * any more is no error. */
static void tell(struct signals *signals)
{
	size_t n_registries;
	struct registries_entry *registries =
	        registries_all(signals->mount->registries, &n_registries);
	struct fuse_session *fuse;
	uint64_t *nodes = NULL;
	size_t n = inodes_directories(signals->mount->inodes, &nodes);

	for (size_t i = 0; i < n_registries && (fuse = signals->fuse); i++)
		(void)fuse_lowlevel_notify_inval_entry(fuse, INODE_ROOT_NUMBER, registries[i].name,
		                                       strlen(registries[i].name));
	for (size_t i = 0; i < n && (fuse = signals->fuse); i++)
		(void)fuse_lowlevel_notify_inval_inode(fuse, nodes[i], 0, 0);
	free(registries);
	free(nodes);
}

static struct signals *of_job(struct disk_job *job)
{
	return (struct signals *)((char *)job - offsetof(struct signals, tell_kernel));
}

/* Not on the loop thread: the kernel may hold a directory while somebody waits for an answer of
 * that. */
static void work(struct disk_job *job)
{
	tell(of_job(job));
}

static void begin_to_tell(struct signals *signals)
{
	int r = loop_disk(signals->mount->loop, &signals->tell_kernel);

	signals->is_telling = r == 0;
	if (r < 0)
		log_write(signals->mount->log, LEVEL_WARNING,
		          "SIGHUP: the kernel cannot be told to forget now: %s; its copies expire "
		          "with ttl",
		          strerror(-r));
}

static void told(struct disk_job *job)
{
	struct signals *signals = of_job(job);

	signals->is_telling = false;
	if (signals->tell_again && signals->fuse)
		begin_to_tell(signals);
	signals->tell_again = false;
}

static void forget(void *arg)
{
	struct signals *signals = arg;

	client_forget(signals->mount->client);
	cache_forget(signals->mount->cache);
	log_write(signals->mount->log, LEVEL_INFO, "SIGHUP: all that was cached is forgotten");
	if (signals->is_telling)
		signals->tell_again = true;
	else
		begin_to_tell(signals);
}

int signals_new(struct mount *mount, struct signals **ret_signals)
{
	struct signals *signals = calloc(1, sizeof(*signals));
	bool has_terminal = mount->options->foreground && isatty(STDIN_FILENO);
	int r;

	if (!signals)
		return -ENOMEM;
	signals->mount = mount;
	signals->tell_kernel = (struct disk_job){.work = work, .done = told};
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

void signals_serve(struct signals *signals, struct fuse_session *fuse)
{
	signals->fuse = fuse;
}

void signals_end(struct signals *signals)
{
	struct timespec pause = {.tv_nsec = NS_PER_MS};

	if (!signals->fuse)
		return;
	signals->fuse = NULL;
	while (signals->is_telling) { /* not for long: the kernel has let go */
		loop_run_once(signals->mount->loop);
		nanosleep(&pause, NULL);
	}
}

void signals_free(struct signals *signals)
{
	if (!signals)
		return;
	loop_signal_free(signals->usr1);
	loop_signal_free(signals->hup);
	free(signals);
}
