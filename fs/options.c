/* The command line, by libfuse's option parser: it knows commas, escapes and `-o` in pieces.
 *
 *   argv ─► texts (struct option_texts) ─► checked values (struct options)
 */
#include "fs/options.h"
#include "ecr/endpoint.h"
#include "fs/units.h"

#include <errno.h>
#include <fuse_opt.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The arguments as given, before anything is checked. */
struct option_texts {
	char *region, *profile, *endpoint_url, *ca_bundle;
	char *connect_timeout, *read_timeout, *max_connections, *max_attempts;
	char *ttl, *digest_ttl, *negative_ttl, *cache_size, *timeout;
	char *uid, *gid, *umask, *log_level, *log_file;
	int no_verify_ssl, use_fips_endpoint, use_dualstack_endpoint;
	int allow_other, foreground, debug, help, version;
	char *positional[2];
	int n_positional;
};

enum key {
	KEY_IGNORE,
};

#define TEXT(name)                                                                                 \
	{                                                                                          \
#name "=%s", offsetof(struct option_texts, name), 0                                \
	}
#define FLAG(text, name)                                                                           \
	{                                                                                          \
		text, offsetof(struct option_texts, name), 1                                       \
	}

static const struct fuse_opt specs[] = {
        TEXT(region),
        TEXT(profile),
        TEXT(endpoint_url),
        TEXT(ca_bundle),
        TEXT(connect_timeout),
        TEXT(read_timeout),
        TEXT(max_connections),
        TEXT(max_attempts),
        TEXT(ttl),
        TEXT(digest_ttl),
        TEXT(negative_ttl),
        TEXT(cache_size),
        TEXT(timeout),
        TEXT(uid),
        TEXT(gid),
        TEXT(umask),
        TEXT(log_level),
        TEXT(log_file),
        FLAG("no_verify_ssl", no_verify_ssl),
        FLAG("use_fips_endpoint", use_fips_endpoint),
        FLAG("use_dualstack_endpoint", use_dualstack_endpoint),
        FLAG("allow_other", allow_other),
        FLAG("-f", foreground),
        FLAG("-d", debug),
        FLAG("debug", debug),
        FLAG("-h", help),
        FLAG("--help", help),
        FLAG("-V", version),
        FLAG("--version", version),
        /* What mount(8), fstab and systemd pass: the mount is read-only, without devices and
         * set-user-id programs, whatever they say. */
        FUSE_OPT_KEY("ro", KEY_IGNORE),
        FUSE_OPT_KEY("rw", KEY_IGNORE),
        FUSE_OPT_KEY("-n", KEY_IGNORE),
        FUSE_OPT_KEY("-s", KEY_IGNORE),
        FUSE_OPT_KEY("-v", KEY_IGNORE),
        FUSE_OPT_END,
};

/* More that mount(8) passes and that means nothing here. */
static const char *const ignored[] = {
        "auto",        "noauto",        "nofail",   "user",       "nouser",   "users",
        "owner",       "group",         "_netdev",  "defaults",   "dev",      "nodev",
        "suid",        "nosuid",        "exec",     "noexec",     "async",    "sync",
        "atime",       "noatime",       "diratime", "nodiratime", "relatime", "norelatime",
        "strictatime", "nostrictatime", "lazytime", "nolazytime", "iversion", "noiversion",
        "mand",        "nomand",        "dirsync",  "silent",     "loud",     "default_permissions",
};

static bool is_ignored(const char *option)
{
	if (!option[0] || strncmp(option, "x-", 2) == 0 || strncmp(option, "X-", 2) == 0 ||
	    strncmp(option, "comment=", strlen("comment=")) == 0)
		return true;
	for (size_t i = 0; i < COUNT(ignored); i++)
		if (strcmp(option, ignored[i]) == 0)
			return true;
	return false;
}

/* What no spec matched: libfuse's answers, 0 drops the argument, -1 is an error. */
static int take_other(void *data, const char *argument, int key, struct fuse_args *rest)
{
	struct option_texts *texts = data;

	(void)rest;
	if (key == KEY_IGNORE)
		return 0;
	if (key == FUSE_OPT_KEY_NONOPT) {
		if (texts->n_positional < (int)COUNT(texts->positional)) {
			texts->positional[texts->n_positional++] = strdup(argument);
			return 0;
		}
		fprintf(stderr,
		        "ecrfs: unexpected argument '%s'; several registries are joined "
		        "with commas\n",
		        argument);
		return -1;
	}
	if (is_ignored(argument))
		return 0;
	fprintf(stderr, "ecrfs: unknown option '%s'; see ecrfs --help\n", argument);
	return -1;
}

static bool invalid(const char *option, const char *text, const char *wanted)
{
	fprintf(stderr, "ecrfs: %s=%s is not valid: %s\n", option, text, wanted);
	return false;
}

static bool read_duration(const char *option, const char *text, uint64_t *ret_ns)
{
	if (!text || units_parse_duration(text, ret_ns))
		return true;
	return invalid(option, text,
	               "give a number with ms, s, m, h or d, as in 90s; or 0, or "
	               "forever");
}

/* A limit that must bound something: neither 0 nor forever. */
static bool read_limit(const char *option, const char *text, uint64_t *ret_ns)
{
	if (!text || (units_parse_duration(text, ret_ns) && *ret_ns && *ret_ns < NS_FOREVER / 4))
		return true;
	return invalid(option, text, "give a number above 0 with ms, s, m, h or d, as in 15s");
}

static bool read_number(const char *option, const char *text, unsigned long min, unsigned long max,
                        unsigned *ret_number)
{
	unsigned long number = *ret_number;
	char wanted[80];

	if (!text || units_parse_number(text, min, max, &number)) {
		*ret_number = (unsigned)number;
		return true;
	}
	snprintf(wanted, sizeof(wanted), "give a whole number from %lu to %lu", min, max);
	return invalid(option, text, wanted);
}

static bool read_umask(const char *text, mode_t *ret_umask)
{
	unsigned long mask;

	if (!text)
		return true;
	mask = strtoul(text, NULL, 8);
	if (!text[0] || text[strspn(text, "01234567")] || mask > 0777)
		return invalid("umask", text, "give octal digits, as in 022");
	*ret_umask = (mode_t)mask;
	return true;
}

/* A value of nothing counts as not given, as for the AWS CLI. */
static const char *given(const char *text)
{
	return text && text[0] ? text : NULL;
}

/* libcurl opens the file at each connection: it must be there, and stay there when the daemon has
 * changed to /. */
static bool find_ca_bundle(struct options *options)
{
	if (!options->aws.ca_bundle)
		return true;
	options->ca_bundle = realpath(options->aws.ca_bundle, NULL);
	if (!options->ca_bundle)
		return invalid("ca_bundle", options->aws.ca_bundle, strerror(errno));
	options->aws.ca_bundle = options->ca_bundle;
	return true;
}

/* What no region would mend. */
static bool check_endpoint(const struct aws_settings *aws)
{
	struct endpoint endpoint;
	enum endpoint_answer answer =
	        endpoint_resolve("us-east-1", aws->use_fips_endpoint, aws->use_dualstack_endpoint,
	                         aws->endpoint_url, &endpoint);

	if (!aws->endpoint_url || answer == ENDPOINT_FOUND)
		return true;
	return invalid("endpoint_url", aws->endpoint_url, endpoint_answer_text(answer));
}

static bool read_region(const char *text)
{
	if (!text || (registry_region_length(text) && !text[registry_region_length(text)]))
		return true;
	return invalid("region", text, "give the name of an AWS region, as in eu-west-1");
}

static bool read_aws(const struct option_texts *texts, struct aws_settings *aws)
{
	*aws = (struct aws_settings){
	        .region = given(texts->region),
	        .profile = given(texts->profile),
	        .endpoint_url = given(texts->endpoint_url),
	        .ca_bundle = given(texts->ca_bundle),
	        .no_verify_ssl = texts->no_verify_ssl,
	        .use_fips_endpoint = texts->use_fips_endpoint,
	        .use_dualstack_endpoint = texts->use_dualstack_endpoint,
	        .connect_timeout_ns = 5 * NS_PER_S,
	        .read_timeout_ns = 30 * NS_PER_S,
	        .max_connections = 8,
	        .max_attempts = 3, /* AWS SDKs, standard retry mode */
	};
	aws_settings_complete(aws);
	return read_region(aws->region) && check_endpoint(aws) &&
	       read_limit("connect_timeout", texts->connect_timeout, &aws->connect_timeout_ns) &&
	       read_limit("read_timeout", texts->read_timeout, &aws->read_timeout_ns) &&
	       read_number("max_connections", texts->max_connections, 1, 256,
	                   &aws->max_connections) &&
	       read_number("max_attempts", texts->max_attempts, 1, 100, &aws->max_attempts);
}

static bool read_cache(const struct option_texts *texts, struct cache_config *cache)
{
	*cache = (struct cache_config){
	        .ttl_ns = 60 * NS_PER_S,
	        .digest_ttl_ns = 7 * 24 * 3600 * NS_PER_S,
	        .negative_ttl_ns = 5 * NS_PER_S,
	        .max_bytes = 64 << 20,
	};
	if (texts->cache_size && !units_parse_size(texts->cache_size, &cache->max_bytes))
		return invalid("cache_size", texts->cache_size,
		               "give a number of bytes, or one with K, M or G, as in 64M");
	return read_duration("ttl", texts->ttl, &cache->ttl_ns) &&
	       read_duration("digest_ttl", texts->digest_ttl, &cache->digest_ttl_ns) &&
	       read_duration("negative_ttl", texts->negative_ttl, &cache->negative_ttl_ns);
}

static bool read_daemon(const struct option_texts *texts, struct options *options)
{
	options->timeout_ns = 15 * NS_PER_S;
	options->uid = getuid();
	options->gid = getgid();
	options->allow_other = texts->allow_other;
	options->debug = texts->debug;
	options->foreground = texts->foreground || texts->debug;
	options->log_level = texts->debug ? LEVEL_DEBUG : LEVEL_INFO;
	options->log_file = texts->log_file;
	if (texts->log_level && !log_level_parse(texts->log_level, &options->log_level))
		return invalid("log_level", texts->log_level, "give error, warning, info or debug");
	return read_limit("timeout", texts->timeout, &options->timeout_ns) &&
	       read_number("uid", texts->uid, 0, UINT_MAX - 1, &options->uid) &&
	       read_number("gid", texts->gid, 0, UINT_MAX - 1, &options->gid) &&
	       read_umask(texts->umask, &options->umask);
}

static bool is_named_already(const struct options *options, const struct registry *registry)
{
	for (size_t i = 0; i < options->n_registries; i++) {
		const struct registry *other = &options->registries[i].registry;

		if (strcmp(other->account, registry->account) == 0 &&
		    strcmp(other->region, registry->region) == 0)
			return true;
	}
	return false;
}

static bool add_registry(struct options *options, const char *name)
{
	struct named_registry *named = &options->registries[options->n_registries];

	if (strcmp(name, "none") == 0 || strcmp(name, "ecrfs") == 0)
		name = "default"; /* what people write in fstab where nothing is needed */
	switch (registry_parse(name, &named->registry)) {
	case REGISTRY_ACCOUNT:
	case REGISTRY_HOST:
	case REGISTRY_DEFAULT:
		break;
	case REGISTRY_PUBLIC:
		fprintf(stderr,
		        "ecrfs: %s is not supported: only private registries can be mounted\n",
		        name);
		return false;
	case REGISTRY_INVALID:
		fprintf(stderr,
		        "ecrfs: '%s' is not a registry: give a 12-digit account id, a host name "
		        "such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com, or 'default'\n",
		        name);
		return false;
	}
	if (is_named_already(options, &named->registry)) {
		fprintf(stderr, "ecrfs: registry %s is named twice\n", name);
		return false;
	}
	named->name = strdup(name);
	options->n_registries++;
	return true;
}

/* The mount's region, where no option says: that of the first host name. */
static void take_region_of_host(const struct option_texts *texts, struct options *options)
{
	for (size_t i = 0; !given(texts->region) && i < options->n_registries; i++) {
		if (!options->registries[i].registry.region[0])
			continue;
		options->aws.region = options->registries[i].registry.region;
		return;
	}
}

static bool read_registries(const struct option_texts *texts, struct options *options)
{
	const char *source = texts->n_positional == 2 ? texts->positional[0] : "default";
	char *list = strdup(source), *rest = list, *name;
	bool done = true;

	options->source = strdup(source);
	options->registries = calloc(strlen(source) + 1, sizeof(*options->registries));
	while (done && (name = strsep(&rest, ",")))
		done = add_registry(options, name);
	free(list);
	take_region_of_host(texts, options);
	return done;
}

static bool read_all(const struct option_texts *texts, struct options *options)
{
	if (texts->n_positional == 0) {
		fprintf(stderr, "ecrfs: no mount point given; see ecrfs --help\n");
		return false;
	}
	options->mountpoint = strdup(texts->positional[texts->n_positional - 1]);
	return read_aws(texts, &options->aws) && find_ca_bundle(options) &&
	       read_cache(texts, &options->cache) && read_daemon(texts, options) &&
	       read_registries(texts, options);
}

static void free_texts(struct option_texts *texts)
{
	for (const struct fuse_opt *spec = specs; spec->templ; spec++)
		if (strstr(spec->templ, "=%s"))
			free(*(char **)((char *)texts + spec->offset));
	free(texts->positional[0]);
	free(texts->positional[1]);
	free(texts);
}

enum options_action options_parse(int argc, char **argv, struct options *ret_options)
{
	struct option_texts *texts = calloc(1, sizeof(*texts));
	struct fuse_args arguments = FUSE_ARGS_INIT(argc, argv);
	struct options options = {.texts = texts};
	enum options_action action = OPTIONS_MOUNT;

	if (!texts || fuse_opt_parse(&arguments, texts, specs, take_other) < 0)
		action = OPTIONS_INVALID;
	else if (texts->help)
		action = OPTIONS_HELP;
	else if (texts->version)
		action = OPTIONS_VERSION;
	else if (!read_all(texts, &options))
		action = OPTIONS_INVALID;
	fuse_opt_free_args(&arguments);
	*ret_options = options;
	return action;
}

void options_deinit(struct options *options)
{
	if (options->texts)
		free_texts(options->texts);
	for (size_t i = 0; i < options->n_registries; i++)
		free(options->registries[i].name);
	free(options->registries);
	free(options->source);
	free(options->mountpoint);
	free(options->ca_bundle);
}
