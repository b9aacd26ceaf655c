/* From texts to checked values. */
#include "fs/option_texts.h"
#include "base/cleanup.h"
#include "ecr/endpoint_choice.h"
#include "ecr/start_paths.h"
#include "fs/option_prefetch.h"
#include "fs/option_registries.h"
#include "fs/option_values.h"
#include "fs/units.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So that a wrong path is told at once; what is in the file, when it is used. The daemon works in
 * /, maybe with a home directory of another user. */
static bool find_ca_bundle(struct options *options)
{
	CLEANUP(free_string) char *path = NULL;
	struct start_paths start = {0};
	int r;

	if (!options->aws.ca_bundle)
		return true;
	r = start_paths_init(&start);
	if (r == 0)
		r = start_paths_resolve(&start, options->aws.ca_bundle, &path);
	start_paths_deinit(&start);
	if (r == 0 && !path)
		return option_value_invalid("ca_bundle", options->aws.ca_bundle,
		                            "there is no home directory");
	if (r == 0) {
		options->ca_bundle = realpath(path, NULL);
		r = options->ca_bundle ? 0 : -errno;
	}
	if (r < 0)
		return option_value_invalid("ca_bundle", options->aws.ca_bundle, strerror(-r));
	options->aws.ca_bundle = options->ca_bundle;
	return true;
}

/* What no region would mend. */
static bool check_endpoint(const struct aws_settings *aws)
{
	struct endpoint endpoint;
	enum endpoint_answer answer = endpoint_choose(aws, NULL, AWS_ECR, "us-east-1", &endpoint);
	const char *url = aws->endpoint_url;

	if (!url)
		url = aws->service_urls[AWS_ECR] ? aws->service_urls[AWS_ECR] : aws->common_url;
	if (!url || answer == ENDPOINT_FOUND)
		return true;
	return option_value_invalid("endpoint_url", url, endpoint_answer_text(answer));
}

/* Option, else environment, as in the AWS CLI, which also refuses to start with a wrong variable.
 * What neither says the profile may. */
static bool read_retries(const struct option_texts *texts, struct aws_settings *aws)
{
	const char *mode = texts->retry_mode, *attempts = aws_settings_variable("AWS_MAX_ATTEMPTS");

	if (!mode)
		mode = aws_settings_variable("AWS_RETRY_MODE");
	if (mode && !aws_settings_parse_retry_mode(mode, &aws->retry_mode))
		return option_value_invalid(texts->retry_mode ? "retry_mode" : "AWS_RETRY_MODE",
		                            mode, "give standard, adaptive or legacy");
	if (texts->max_attempts)
		return option_value_number("max_attempts", texts->max_attempts, 1,
		                           AWS_MAX_ATTEMPTS_LIMIT, &aws->max_attempts);
	if (attempts && !aws_settings_parse_attempts(attempts, &aws->max_attempts))
		return option_value_invalid("AWS_MAX_ATTEMPTS", attempts,
		                            "give a whole number above 0");
	return true;
}

static bool read_aws(const struct option_texts *texts, struct aws_settings *aws)
{
	*aws = (struct aws_settings){
	        .region = option_value_given(texts->region),
	        .profile = option_value_given(texts->profile),
	        .endpoint_url = option_value_given(texts->endpoint_url),
	        .ca_bundle = option_value_given(texts->ca_bundle),
	        .no_verify_ssl = texts->no_verify_ssl,
	        .use_fips_endpoint = texts->use_fips_endpoint ? AWS_CHOICE_ON : AWS_CHOICE_NONE,
	        .use_dualstack_endpoint =
	                texts->use_dualstack_endpoint ? AWS_CHOICE_ON : AWS_CHOICE_NONE,
	        /* So that a lost connection is tried again within one operation. */
	        .connect_timeout_ns = 3 * NS_PER_S,
	        .read_timeout_ns = 10 * NS_PER_S,
	        .max_connections = 8,
	        .account_profiles = texts->account_profiles,
	        .n_account_profiles = texts->n_account_profiles,
	};
	aws_settings_complete(aws);
	return option_value_region(aws->region) && check_endpoint(aws) &&
	       option_value_limit("connect_timeout", texts->connect_timeout,
	                          &aws->connect_timeout_ns) &&
	       option_value_limit("read_timeout", texts->read_timeout, &aws->read_timeout_ns) &&
	       option_value_number("max_connections", texts->max_connections, 1, 256,
	                           &aws->max_connections) &&
	       read_retries(texts, aws);
}

static bool read_cache(const struct option_texts *texts, struct cache_config *cache)
{
	*cache = (struct cache_config){
	        .ttl_ns = 60 * NS_PER_S,
	        .immutable_ttl_ns = 24 * 3600 * NS_PER_S,
	        .digest_ttl_ns = 7 * 24 * 3600 * NS_PER_S,
	        .negative_ttl_ns = 5 * NS_PER_S,
	        .stale_after_ns = NS_PER_S,
	        .stale_ttl_ns = 24 * 3600 * NS_PER_S,
	        .max_bytes = 64 << 20,
	        .no_pull = texts->nopull,
	};
	if (texts->cache_size && !units_parse_size(texts->cache_size, &cache->max_bytes))
		return option_value_invalid(
		        "cache_size", texts->cache_size,
		        "give a number of bytes, or one with K, M or G, as in 64M");
	return option_value_duration("ttl", texts->ttl, &cache->ttl_ns) &&
	       option_value_duration("immutable_ttl", texts->immutable_ttl,
	                             &cache->immutable_ttl_ns) &&
	       option_value_duration("digest_ttl", texts->digest_ttl, &cache->digest_ttl_ns) &&
	       option_value_duration("negative_ttl", texts->negative_ttl,
	                             &cache->negative_ttl_ns) &&
	       option_value_duration("stale_after", texts->stale_after, &cache->stale_after_ns) &&
	       option_value_duration("stale_ttl", texts->stale_ttl, &cache->stale_ttl_ns);
}

/* Absolute, without touching the disk, which may hang. Answers NULL when out of memory. */
static char *absolute_path(const char *path)
{
	CLEANUP(free_string) char *here = path[0] == '/' ? NULL : get_current_dir_name();
	char *whole = NULL;

	if (path[0] == '/')
		return strdup(path);
	return here && asprintf(&whole, "%s/%s", here, path) > 0 ? whole : NULL;
}

static bool read_store(const struct option_texts *texts, struct options *options)
{
	struct store_config *store = &options->store;
	size_t max_bytes = (size_t)1 << 30;

	if (texts->cache_dir_size && !units_parse_size(texts->cache_dir_size, &max_bytes))
		return option_value_invalid(
		        "cache_dir_size", texts->cache_dir_size,
		        "give a number of bytes, or one with K, M or G, as in 10G");
	store->max_bytes = max_bytes;
	store->folder.is_shared = texts->cache_dir_shared;
	if (!option_value_given(texts->cache_dir))
		return true;
	options->cache_dir = absolute_path(texts->cache_dir);
	if (!options->cache_dir)
		return option_value_invalid("cache_dir", texts->cache_dir, strerror(errno));
	*store = (struct store_config){
	        .folder = {.path = options->cache_dir, .is_shared = texts->cache_dir_shared},
	        .max_bytes = max_bytes,
	        .digest_ttl_ns = options->cache.digest_ttl_ns,
	        .stale_ttl_ns = options->cache.stale_ttl_ns,
	        .no_pull = options->cache.no_pull,
	        .region = options->aws.region,
	};
	return true;
}

static bool read_readahead(const char *text, struct options *options)
{
	if (text && strcmp(text, "on") != 0 && strcmp(text, "off") != 0)
		return option_value_invalid("readahead", text, "give on or off");
	if (!text || strcmp(text, "on") == 0)
		options->cache.readahead_calls = options->aws.max_connections;
	if (options->cache.no_pull)
		options->cache.readahead_calls = 0;
	return true;
}

/* Its own home directory, unless env.HOME says otherwise: that of root it may not read. */
static bool read_user(const struct option_texts *texts, struct options *options)
{
	struct run_as *run_as = &options->run_as;
	int r;

	if (!texts->setuid)
		return true;
	if (geteuid() != 0)
		return option_value_invalid("setuid", texts->setuid,
		                            "only root can work as another user");
	r = run_as_find(texts->setuid, run_as);
	if (r < 0)
		return option_value_invalid("setuid", texts->setuid,
		                            r == -ENOENT ? "there is no such user" : strerror(-r));
	options->auto_unmount = true; /* which it may not do itself then */
	options->uid = run_as->uid;
	options->gid = run_as->gid;
	if (run_as->home && !texts->has_home)
		setenv("HOME", run_as->home, 1);
	return true;
}

static bool read_daemon(const struct option_texts *texts, struct options *options)
{
	options->timeout_ns = 15 * NS_PER_S;
	options->uid = getuid();
	options->gid = getgid();
	options->allow_other = texts->allow_other;
	options->auto_unmount = texts->auto_unmount;
	options->for_kernel = texts->for_kernel;
	options->by_mount = texts->by_mount;
	options->fake = texts->by_mount && texts->foreground;
	options->remount = texts->remount;
	/* mount.fuse passes both when nobody has asked for either. */
	options->wants_write = texts->rw && !texts->suid;
	options->debug = texts->debug;
	options->foreground = (texts->foreground && !texts->by_mount) || texts->debug;
	options->log_level = texts->debug ? LEVEL_DEBUG : LEVEL_INFO;
	options->log_file = option_value_given(texts->log_file);
	if (texts->log_level && !log_level_parse(texts->log_level, &options->log_level))
		return option_value_invalid("log_level", texts->log_level,
		                            "give error, warning, info or debug");
	return option_value_limit("timeout", texts->timeout, &options->timeout_ns) &&
	       read_user(texts, options) &&
	       option_value_number("uid", texts->uid, 0, UINT_MAX - 1, &options->uid) &&
	       option_value_number("gid", texts->gid, 0, UINT_MAX - 1, &options->gid) &&
	       option_value_umask(texts->umask, &options->umask) &&
	       option_value_show(texts->show, &options->show);
}

/* The one argument of --check may be the registry: a mount point is told by its slash. */
static bool is_mountpoint_given(const struct option_texts *texts)
{
	if (texts->prefetch)
		return false;
	return texts->n_positional == 2 ||
	       (texts->n_positional == 1 && (!texts->check || strchr(texts->positional[0], '/')));
}

/* `--fsck DIR`: one argument, and it is a directory. */
static bool read_fsck(const struct option_texts *texts, struct options *options)
{
	if (texts->n_positional != 1 || texts->check) {
		fprintf(stderr, "ecrfs: --fsck wants one directory: ecrfs --fsck DIR\n");
		return false;
	}
	options->cache_dir = absolute_path(texts->positional[0]);
	options->store.folder = (struct folder_config){
	        .path = options->cache_dir,
	        .is_shared = texts->cache_dir_shared,
	};
	return options->cache_dir ||
	       option_value_invalid("--fsck", texts->positional[0], strerror(errno));
}

bool option_texts_read(const struct option_texts *texts, struct options *options)
{
	bool has_mountpoint = is_mountpoint_given(texts);
	bool has_source = texts->n_positional == 2 || (texts->n_positional == 1 && !has_mountpoint);
	const char *source = has_source ? texts->positional[0] : "default";

	if (texts->prefetch && !option_prefetch_read(texts, options))
		return false;
	if (texts->fsck)
		return read_fsck(texts, options);
	if (!texts->check && !texts->prefetch && texts->n_positional == 0) {
		fprintf(stderr, "ecrfs: no mount point given; see ecrfs --help\n");
		return false;
	}
	if (!texts->check && texts->json) {
		fprintf(stderr, "ecrfs: --json is for --check alone\n");
		return false;
	}
	options->json = texts->json;
	if (has_mountpoint)
		options->mountpoint = strdup(texts->positional[texts->n_positional - 1]);
	return read_aws(texts, &options->aws) && read_cache(texts, &options->cache) &&
	       read_store(texts, options) && read_readahead(texts->readahead, options) &&
	       read_daemon(texts, options) && find_ca_bundle(options) &&
	       option_registries_read(source, !option_value_given(texts->region), options);
}
