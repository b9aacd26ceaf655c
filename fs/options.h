/* The command line: what was asked for, checked, with the defaults filled in. */
#ifndef ECRFS_FS_OPTIONS_H
#define ECRFS_FS_OPTIONS_H

#include "base/log.h"
#include "cache/cache.h"
#include "ecr/settings.h"
#include "fs/run_as.h"
#include "store/store.h"

#include <sys/types.h>

/* Exit codes of mount(8). */
#define EXIT_USAGE  1
#define EXIT_SYSTEM 2
#define EXIT_MOUNT  32

enum options_action {
	OPTIONS_MOUNT,
	OPTIONS_CHECK, /* the mount point may be NULL */
	OPTIONS_REFRESH,
	OPTIONS_FSCK, /* of store.folder; nothing else is set */
	OPTIONS_PREFETCH,
	OPTIONS_HELP,
	OPTIONS_VERSION,
	OPTIONS_INVALID, /* it was said on standard error what is wrong */
};

struct option_texts;

/* A registry named on the command line, under the name that was given. */
struct named_registry {
	struct registry registry;
	char *name;
};

struct options {
	char *source; /* as given: "default" where nothing was */
	char *mountpoint;
	struct named_registry *registries;
	size_t n_registries;
	struct aws_settings aws;
	struct cache_config cache;
	struct store_config store; /* used where there is a cache_dir */
	uint64_t timeout_ns;       /* of one file operation */
	uid_t uid;
	gid_t gid;
	mode_t umask;
	unsigned show; /* bits of enum show: directories that are hidden else */
	bool allow_other;
	bool auto_unmount;
	struct run_as run_as;
	const char *for_kernel; /* further options for libfuse, or NULL */
	bool by_mount;          /* mount(8) has called */
	bool fake;              /* mount -f: only whether it would be tried */
	bool remount;
	bool wants_write;
	bool foreground;
	bool debug;
	bool json; /* what is found by --check */
	const char *refresh_path;
	const char *prefetch_path; /* of a repository, or of some that are below; NULL: all */
	enum level log_level;
	const char *log_file;
	char *ca_bundle; /* absolute: the daemon works in / */
	char *cache_dir; /* likewise; NULL: nothing is kept on disk */

	struct option_texts *texts; /* what the borrowed strings above point into */
};

/* Reads the command line and the environment. */
enum options_action options_parse(int argc, char **argv, struct options *ret_options);
void options_deinit(struct options *options);

/* To standard output: for --help and --version. */
void options_print_help(void);
void options_print_version(void);

#endif
