/* ecrfs: mounts Amazon ECR registries as a read-only filesystem. The map of its sources:
 *
 *   fs/     main.c, options.c, daemon.c, mount.c, session.c    from argv to a running mount
 *           mountpoint.c, occupant.c, mountinfo.c              what is mounted there already
 *           run_as.c, keeper.c, notify.c                       root, kill -9 and systemd
 *           refresh.c, refresh_command.c                       what is to be forgotten
 *           request.c, lookup.c, file.c, readdir.c, xattr.c    from a FUSE request to a reply
 *           check.c; fsck.c                                    a mount, a cache_dir: is it well
 *           prefetch.c                                         a cache_dir, filled beforehand
 *           path.c, resolve.c, registries.c                    what a name stands for
 *           inodes.c, attributes.c                             what the kernel holds and shows
 *           image_files.c, file_kind.h, links.c                files of ours
 *           live.c, live_status.c, live_metrics.c, …           the mount about itself
 *   cache/  cache.c, catalog.c, repository.c, images.c         what is known, and since when
 *           manifests.c, readahead.c                           bytes, also before they are wanted
 *   store/  store.c, question.c, blobs.c, worker.c             what is kept on disk
 *   ecr/    client.c, listing.c, batch.c, api.c                questions to Amazon ECR
 *           sigv4.c, json.c, chain.c                           how they are signed and answered
 *   net/    loop.c, http.c                                     the one network thread
 *   base/   bytes.c, clock.c, digest.c, log.c, status.c
 */
#include "base/log.h"
#include "fs/check.h"
#include "fs/daemon.h"
#include "fs/fsck.h"
#include "fs/keeper.h"
#include "fs/mount.h"
#include "fs/mountpoint.h"
#include "fs/notify.h"
#include "fs/options.h"
#include "fs/prefetch.h"
#include "fs/refresh_command.h"
#include "fs/session.h"
#include "net/loop.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct program {
	struct options options;
	struct daemon daemon;
	struct log *log;
	int mountpoint_lock; /* until it is mounted; -1: none */
	bool is_stuck;       /* a disk job hangs, for which exit(3) would wait */
};

static bool open_log(struct program *program)
{
	const char *file = program->options.log_file;
	int r = log_new(clock_system(), program->options.log_level, &program->log);

	if (r == 0 && file)
		r = log_to_file(program->log, file);
	else if (r == 0)
		log_to_system_if_service(program->log, program->options.mountpoint);
	if (r < 0)
		fprintf(stderr, "ecrfs: cannot write the log%s%s: %s\n", file ? " " : "",
		        file ? file : "", strerror(-r));
	return r == 0;
}

static void unlock_mountpoint(struct program *program)
{
	if (program->mountpoint_lock >= 0)
		close(program->mountpoint_lock);
	program->mountpoint_lock = -1;
}

/* The mount can be used. */
static void ready(void *arg)
{
	struct program *program = arg;

	unlock_mountpoint(program);
	if (!program->options.foreground)
		log_to_system(program->log, program->options.mountpoint);
	log_write(program->log, LEVEL_INFO, "%s is mounted read-only at %s",
	          program->options.source, program->options.mountpoint);
	notify_ready(program->log, program->options.source, program->options.mountpoint);
	if (!program->options.foreground)
		daemon_ready(&program->daemon);
}

/* Serves until the end. Answers the exit code. */
static int serve(struct program *program, struct mount *mount)
{
	struct session *session;
	int r = session_new(mount, ready, program, &session);

	if (r < 0) {
		fprintf(stderr, "ecrfs: could not mount %s at %s\n", program->options.source,
		        program->options.mountpoint);
		mount_deinit(mount);
		return EXIT_MOUNT;
	}
	r = session_run(session);
	if (r != 0)
		log_write(program->log, r < 0 ? LEVEL_ERROR : LEVEL_INFO, "%s ends: %s",
		          program->options.mountpoint, r < 0 ? strerror(-r) : strsignal(r));
	notify_stopping(program->log);
	mount_stop(mount); /* answers what is parked, for which the session must be there */
	session_free(session);
	log_write(program->log, LEVEL_INFO, "%s is unmounted", program->options.mountpoint);
	program->is_stuck = !mount_deinit(mount);
	return r < 0 ? EXIT_SYSTEM : EXIT_SUCCESS;
}

/* First what must come before any thread. Answers 0 or -errno. */
static int start_loop(const struct options *options, struct loop *loop)
{
	int r = options->auto_unmount ? keeper_start(options->mountpoint) : 0;

	if (r == 0)
		r = run_as_seal(&options->run_as);
	return r == 0 ? loop_start(loop) : r;
}

static int run(struct program *program)
{
	struct mount mount;
	int r = mount_init(&mount, &program->options, program->log);

	if (r == 0 && (r = start_loop(&program->options, mount.loop)) < 0)
		mount_deinit(&mount);
	if (r < 0) {
		fprintf(stderr, "ecrfs: cannot start: %s\n", strerror(-r));
		return EXIT_SYSTEM;
	}
	if (!program->options.foreground && chdir("/") < 0) {
		fprintf(stderr, "ecrfs: cannot change to /: %s\n", strerror(errno));
		mount_deinit(&mount);
		return EXIT_SYSTEM;
	}
	return serve(program, &mount);
}

/* In the background, unless asked not to. */
static int start(struct program *program)
{
	int exit_code;

	if (program->options.fake)
		return EXIT_SUCCESS;
	if (program->options.remount) {
		fprintf(stderr,
		        "ecrfs: %s cannot be remounted: to change options, unmount it and "
		        "mount it again\n",
		        program->options.mountpoint);
		return EXIT_MOUNT;
	}
	if (program->options.wants_write && !program->options.by_mount)
		fprintf(stderr, "ecrfs: rw is not possible: the mount is read-only\n");
	if (!mountpoint_prepare(&program->options.mountpoint, &program->mountpoint_lock))
		return EXIT_MOUNT;
	if (!open_log(program))
		return EXIT_SYSTEM;
	if (program->options.foreground)
		return run(program);
	switch (daemon_fork(&program->daemon, &exit_code)) {
	case DAEMON_CHILD:
		return run(program);
	case DAEMON_PARENT:
		return exit_code;
	case DAEMON_FAILED:
		break;
	}
	fprintf(stderr, "ecrfs: cannot start the daemon: %s\n", strerror(errno));
	return EXIT_SYSTEM;
}

int main(int argc, char **argv)
{
	struct program program = {.daemon = {.ready_pipe = -1}, .mountpoint_lock = -1};
	int exit_code = EXIT_SUCCESS;

	/* Whoever started this may ignore it, and then nobody knows how children end. */
	signal(SIGCHLD, SIG_DFL);
	/* Few threads, and little to do under malloc's lock: what one has freed another can use. */
	mallopt(M_ARENA_MAX, 1);
	switch (options_parse(argc, argv, &program.options)) {
	case OPTIONS_MOUNT:
		exit_code = start(&program);
		break;
	case OPTIONS_CHECK:
		exit_code = check_run(&program.options, &program.is_stuck);
		break;
	case OPTIONS_REFRESH:
		exit_code = refresh_command(program.options.refresh_path);
		break;
	case OPTIONS_FSCK:
		exit_code = fsck_run(&program.options);
		break;
	case OPTIONS_PREFETCH:
		exit_code = prefetch_run(&program.options, &program.is_stuck);
		break;
	case OPTIONS_HELP:
		options_print_help();
		break;
	case OPTIONS_VERSION:
		options_print_version();
		break;
	case OPTIONS_INVALID:
		exit_code = EXIT_USAGE;
		break;
	}
	if (program.is_stuck)
		_exit(exit_code);
	log_free(program.log);
	options_deinit(&program.options);
	return exit_code;
}
