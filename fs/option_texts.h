/* The command line taken apart, before anything is checked: inside of fs/options. */
#ifndef ECRFS_FS_OPTION_TEXTS_H
#define ECRFS_FS_OPTION_TEXTS_H

#include "fs/options.h"

/* NULL or 0: not given. */
struct option_texts {
	char *region, *profile, *endpoint_url, *ca_bundle;
	char *connect_timeout, *read_timeout, *max_connections;
	char *retry_mode, *max_attempts;
	char *ttl, *immutable_ttl, *digest_ttl, *negative_ttl, *stale_after, *stale_ttl,
	        *cache_size, *cache_dir, *cache_dir_size, *readahead, *timeout;
	char *uid, *gid, *umask, *setuid, *show, *log_level, *log_file;
	int no_verify_ssl, use_fips_endpoint, use_dualstack_endpoint;
	int nopull, cache_dir_shared, allow_other, auto_unmount, foreground, debug, check, fsck,
	        prefetch, json, refresh, help, version;
	int sloppy, remount, rw, suid;
	bool by_mount;                            /* mount(8) has called */
	bool has_home;                            /* env.HOME was given */
	char *for_kernel;                         /* options, joined with commas and escaped */
	struct account_profile *account_profiles; /* whose names are heap */
	size_t n_account_profiles;
	char *positional[2];
	int n_positional;
};

/* Checks the texts and fills in the options and their defaults. What is wrong is said on standard
 * error. Answers whether all is well. */
bool option_texts_read(const struct option_texts *texts, struct options *options);

#endif
