/* The command line, by libfuse's option parser: it knows commas, escapes and `-o` in pieces.
 *
 *   argv ─► texts (fs/option_texts.h) ─► checked values (struct options)
 */
#include "fs/options.h"
#include "fs/option_texts.h"

#include <fuse_opt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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
        TEXT(retry_mode),
        TEXT(max_attempts),
        TEXT(ttl),
        TEXT(immutable_ttl),
        TEXT(digest_ttl),
        TEXT(negative_ttl),
        TEXT(stale_after),
        TEXT(stale_ttl),
        TEXT(cache_size),
        TEXT(readahead),
        TEXT(timeout),
        TEXT(uid),
        TEXT(gid),
        TEXT(umask),
        TEXT(show),
        TEXT(log_level),
        TEXT(log_file),
        FLAG("no_verify_ssl", no_verify_ssl),
        FLAG("use_fips_endpoint", use_fips_endpoint),
        FLAG("use_dualstack_endpoint", use_dualstack_endpoint),
        FLAG("allow_other", allow_other),
        FLAG("nopull", nopull),
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
	else if (!option_texts_read(texts, &options))
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
