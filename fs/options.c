/* The command line, by libfuse's option parser: it knows commas, escapes and `-o` in pieces.
 *
 *   argv ─► texts (fs/option_texts.h) ─► checked values (struct options)
 */
#include "fs/options.h"
#include "fs/option_profiles.h"
#include "fs/option_texts.h"
#include "fs/option_words.h"

#include <errno.h>
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
        TEXT(cache_dir),
        TEXT(cache_dir_size),
        TEXT(readahead),
        TEXT(timeout),
        TEXT(uid),
        TEXT(gid),
        TEXT(umask),
        TEXT(setuid),
        TEXT(show),
        TEXT(log_level),
        TEXT(log_file),
        FLAG("no_verify_ssl", no_verify_ssl),
        FLAG("use_fips_endpoint", use_fips_endpoint),
        FLAG("use_dualstack_endpoint", use_dualstack_endpoint),
        FLAG("allow_other", allow_other),
        FLAG("auto_unmount", auto_unmount),
        FLAG("nopull", nopull),
        FLAG("cache_dir_shared", cache_dir_shared),
        FLAG("-f", foreground),
        FLAG("-d", debug),
        FLAG("debug", debug),
        FLAG("--check", check),
        FLAG("--fsck", fsck),
        FLAG("--prefetch", prefetch),
        FLAG("--json", json),
        FLAG("--refresh", refresh),
        FLAG("-h", help),
        FLAG("--help", help),
        FLAG("-V", version),
        FLAG("--version", version),
        /* What mount(8) passes, see option_words.h for more. */
        FLAG("-s", sloppy),
        FLAG("remount", remount),
        FLAG("rw", rw),
        FLAG("suid", suid),
        FUSE_OPT_KEY("ro", KEY_IGNORE),
        FUSE_OPT_KEY("-n", KEY_IGNORE),
        FUSE_OPT_KEY("-v", KEY_IGNORE),
        FUSE_OPT_END,
};

/* Where everybody can read them: in /etc/fstab, in the list of processes. */
static const char *const secrets[] = {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
                                      "AWS_SECURITY_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN"};

/* env.NAME=VALUE: mount units have no environment, and no HOME. Answers 0, or -1 when it was said
 * what is wrong. */
static int set_variable(struct option_texts *texts, const char *assignment)
{
	const char *equals = strchr(assignment, '=');
	char name[64];

	if (!equals || equals == assignment || equals - assignment >= (ptrdiff_t)sizeof(name)) {
		fprintf(stderr,
		        "ecrfs: env.%s is not valid: give a name and a value, as in "
		        "env.HOME=/root\n",
		        assignment);
		return -1;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(equals - assignment), assignment);
	for (size_t i = 0; i < COUNT(secrets); i++) {
		if (strcmp(name, secrets[i]) != 0)
			continue;
		fprintf(stderr,
		        "ecrfs: env.%s is refused: a secret in an option can be read by "
		        "everybody; use profile=\n",
		        name);
		return -1;
	}
	texts->has_home |= strcmp(name, "HOME") == 0;
	if (setenv(name, equals + 1, 1) == 0)
		return 0;
	fprintf(stderr, "ecrfs: env.%s is not valid: %s\n", name, strerror(errno));
	return -1;
}

static int take_positional(struct option_texts *texts, const char *argument)
{
	if (texts->n_positional < (int)COUNT(texts->positional)) {
		texts->positional[texts->n_positional++] = strdup(argument);
		return 0;
	}
	fprintf(stderr,
	        "ecrfs: unexpected argument '%s'; several registries are joined with commas\n",
	        argument);
	return -1;
}

/* mount(8) -s: what is unknown may be for another system. */
static int take_unknown(struct option_texts *texts, const char *argument)
{
	const char *nearest = option_words_nearest(specs, argument);

	if (argument[0] != '-' && nearest)
		fprintf(stderr, "ecrfs: unknown option '%s': is %.*s meant? See ecrfs --help\n",
		        argument, (int)strcspn(nearest, "="), nearest);
	else
		fprintf(stderr, "ecrfs: unknown option '%s'; see ecrfs --help\n", argument);
	return texts->sloppy ? 0 : -1;
}

/* What no spec matched: libfuse's answers, 0 drops the argument, -1 is an error. */
static int take_other(void *data, const char *argument, int key, struct fuse_args *rest)
{
	struct option_texts *texts = data;

	(void)rest;
	if (key == KEY_IGNORE)
		return 0;
	if (key == FUSE_OPT_KEY_NONOPT)
		return take_positional(texts, argument);
	if (strncmp(argument, "env.", 4) == 0)
		return set_variable(texts, argument + 4);
	if (strncmp(argument, "profile.", 8) == 0)
		return option_profiles_add(texts, argument + 8);
	if (option_words_are_for_kernel(argument))
		return fuse_opt_add_opt_escaped(&texts->for_kernel, argument);
	return option_words_mean_nothing(argument) ? 0 : take_unknown(texts, argument);
}

static void free_texts(struct option_texts *texts)
{
	for (const struct fuse_opt *spec = specs; spec->templ; spec++)
		if (strstr(spec->templ, "=%s"))
			free(*(char **)((char *)texts + spec->offset));
	free(texts->positional[0]);
	free(texts->positional[1]);
	free(texts->for_kernel);
	option_profiles_free(texts);
	free(texts);
}

/* Whether mount(8) has called: as mount.ecrfs. */
static bool is_mount_helper(const char *program)
{
	const char *slash = strrchr(program, '/');

	return strncmp(slash ? slash + 1 : program, "mount.", strlen("mount.")) == 0;
}

/* mount(8) may name the type: -t ecrfs. A spec for it would also take words behind -o that begin
 * like that. */
static int drop_type(int argc, char **argv)
{
	int n = 0;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "-t") == 0 && i + 1 < argc)
			i++;
		else
			argv[n++] = argv[i];
	}
	return n;
}

/* --refresh PATH: nothing else is read, nor needed. */
static enum options_action take_refresh(const struct option_texts *texts, struct options *options)
{
	if (texts->n_positional != 1) {
		fprintf(stderr, "ecrfs: --refresh takes one path; see ecrfs --help\n");
		return OPTIONS_INVALID;
	}
	options->refresh_path = texts->positional[0];
	return OPTIONS_REFRESH;
}

enum options_action options_parse(int argc, char **argv, struct options *ret_options)
{
	bool by_mount = is_mount_helper(argv[0]);
	struct option_texts *texts = calloc(1, sizeof(*texts));
	struct fuse_args arguments = FUSE_ARGS_INIT(by_mount ? drop_type(argc, argv) : argc, argv);
	struct options options = {.texts = texts};
	enum options_action action = OPTIONS_MOUNT;

	if (texts)
		texts->by_mount = by_mount;
	if (!texts || fuse_opt_parse(&arguments, texts, specs, take_other) < 0)
		action = OPTIONS_INVALID;
	else if (texts->help)
		action = OPTIONS_HELP;
	else if (texts->version)
		action = OPTIONS_VERSION;
	else if (texts->refresh)
		action = take_refresh(texts, &options);
	else if (!option_texts_read(texts, &options))
		action = OPTIONS_INVALID;
	else if (texts->fsck)
		action = OPTIONS_FSCK;
	else if (texts->prefetch)
		action = OPTIONS_PREFETCH;
	else if (texts->check)
		action = OPTIONS_CHECK;
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
	free(options->cache_dir);
	run_as_deinit(&options->run_as);
}
