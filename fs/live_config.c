/* config: the options that hold, and where each comes from. An option of the command line is a row
 * of the table here. Keys are no options, so there is no secret to leave out. */
#include "ecr/client.h"
#include "ecr/settings.h"
#include "fs/live_file.h"
#include "fs/mount.h"
#include "fs/option_texts.h"
#include "fs/units.h"

#include <string.h>

enum shape {
	DURATION,
	SIZE,
	NUMBER,
	OCTAL,
	FLAG,
	CHOICE, /* on or off, or left to the profile */
	TEXT,
};

struct row {
	const char *name;
	enum shape shape;
	size_t value;             /* offset in struct options */
	size_t given;             /* in struct option_texts: what the command line says */
	const char *variables[2]; /* that count where that says nothing */
	const char *without;      /* TEXT: what holds where nobody says anything */
	bool by_setuid;           /* that option decides, where this one is not given */
};

#define VALUE(shape, name, member, by_setuid)                                                      \
	{                                                                                          \
#name, shape, offsetof(struct options, member),                                    \
		        offsetof(struct option_texts, name), {NULL, NULL }, "", by_setuid          \
	}
#define TEXT_OF(name, member, first, second, without)                                              \
	{                                                                                          \
#name, TEXT, offsetof(struct options, member),                                     \
		        offsetof(struct option_texts, name), {first, second }, without, false      \
	}

#define CHOICE_OF(name, member, variable)                                                          \
	{                                                                                          \
#name, CHOICE, offsetof(struct options, member),                                   \
		        offsetof(struct option_texts, name),                                       \
		        {variable, NULL }, "(of the profile, else no)", false                      \
	}

static const struct row rows[] = {
        TEXT_OF(profile, aws.profile, "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "default"),
        TEXT_OF(endpoint_url, aws.endpoint_url, "AWS_ENDPOINT_URL_ECR", "AWS_ENDPOINT_URL",
                "(of profile or region)"),
        TEXT_OF(ca_bundle, aws.ca_bundle, "AWS_CA_BUNDLE", NULL, "(of profile or system)"),
        VALUE(FLAG, no_verify_ssl, aws.no_verify_ssl, false),
        CHOICE_OF(use_fips_endpoint, aws.use_fips_endpoint, "AWS_USE_FIPS_ENDPOINT"),
        CHOICE_OF(use_dualstack_endpoint, aws.use_dualstack_endpoint, "AWS_USE_DUALSTACK_ENDPOINT"),
        VALUE(DURATION, connect_timeout, aws.connect_timeout_ns, false),
        VALUE(DURATION, read_timeout, aws.read_timeout_ns, false),
        VALUE(NUMBER, max_connections, aws.max_connections, false),
        VALUE(DURATION, ttl, cache.ttl_ns, false),
        VALUE(DURATION, immutable_ttl, cache.immutable_ttl_ns, false),
        VALUE(DURATION, digest_ttl, cache.digest_ttl_ns, false),
        VALUE(DURATION, negative_ttl, cache.negative_ttl_ns, false),
        VALUE(DURATION, stale_after, cache.stale_after_ns, false),
        VALUE(DURATION, stale_ttl, cache.stale_ttl_ns, false),
        VALUE(DURATION, timeout, timeout_ns, false),
        VALUE(SIZE, cache_size, cache.max_bytes, false),
        TEXT_OF(cache_dir, cache_dir, NULL, NULL, "(none: nothing is kept)"),
        VALUE(SIZE, cache_dir_size, store.max_bytes, false),
        VALUE(FLAG, cache_dir_shared, store.folder.is_shared, false),
        VALUE(FLAG, nopull, cache.no_pull, false),
        VALUE(NUMBER, uid, uid, true),
        VALUE(NUMBER, gid, gid, true),
        VALUE(OCTAL, umask, umask, false),
        VALUE(FLAG, allow_other, allow_other, false),
        VALUE(FLAG, auto_unmount, auto_unmount, true),
        TEXT_OF(log_file, log_file, NULL, NULL, "(none: journal or syslog)"),
        VALUE(FLAG, debug, debug, false),
};

static void write_line(FILE *out, const char *name, const char *value, const char *source)
{
	fprintf(out, "%-24s %-32s %s\n", name, value, source);
}

static const char *text_at(const struct option_texts *texts, size_t offset)
{
	const char *text = *(char *const *)((const char *)texts + offset);

	return text && text[0] ? text : NULL;
}

/* "environment: AWS_REGION" for the first that is set, else NULL. */
static const char *of_environment(const char *first, const char *second, char *text, size_t size)
{
	const char *name = NULL;

	if (first && aws_settings_variable(first))
		name = first;
	else if (second && aws_settings_variable(second))
		name = second;
	if (!name)
		return NULL;
	snprintf(text, size, "environment: %s", name);
	return text;
}

static bool is_given(const struct row *row, const struct option_texts *texts)
{
	if (row->shape == FLAG || row->shape == CHOICE)
		return *(const int *)((const char *)texts + row->given);
	return text_at(texts, row->given);
}

/* `text` has room for a number. */
static const char *format(const struct row *row, const struct options *options,
                          char text[static UNITS_TEXT_SIZE])
{
	const char *at = (const char *)options + row->value;
	const char *string;

	switch (row->shape) {
	case DURATION:
		units_format_duration(*(const uint64_t *)at, text);
		return text;
	case SIZE:
		units_format_size(*(const size_t *)at, text);
		return text;
	case NUMBER:
		snprintf(text, UNITS_TEXT_SIZE, "%u", *(const unsigned *)at);
		return text;
	case OCTAL:
		snprintf(text, UNITS_TEXT_SIZE, "%03o", *(const mode_t *)at);
		return text;
	case FLAG:
		return *(const bool *)at ? "yes" : "no";
	case CHOICE:
		if (*(const enum aws_choice *)at == AWS_CHOICE_NONE)
			return row->without;
		return *(const enum aws_choice *)at == AWS_CHOICE_ON ? "yes" : "no";
	case TEXT:
		break;
	}
	string = *(const char *const *)at;
	return string ? string : row->without;
}

/* Of these the settings have the option's value alone. */
static bool is_read_later(const struct row *row)
{
	return strcmp(row->name, "profile") == 0 || strcmp(row->name, "endpoint_url") == 0;
}

static void write_account_profiles(const struct options *options, FILE *out)
{
	const struct aws_settings *aws = &options->aws;
	char name[sizeof("profile.") + REGISTRY_ACCOUNT_DIGITS];

	for (size_t i = 0; i < aws->n_account_profiles; i++) {
		snprintf(name, sizeof(name), "profile.%s", aws->account_profiles[i].account);
		write_line(out, name, aws->account_profiles[i].profile, "command line");
	}
}

/* A name that no option gives is the environment's. */
static void write_row(const struct options *options, const struct row *row, FILE *out)
{
	char number[UNITS_TEXT_SIZE], text[64];
	const char *value = format(row, options, number), *source = NULL;

	if (is_given(row, options->texts)) {
		source = "command line";
	} else if (row->by_setuid && options->run_as.is_given) {
		source = "setuid";
	} else {
		source = of_environment(row->variables[0], row->variables[1], text, sizeof(text));
		if (source && is_read_later(row))
			value = aws_settings_variable(strchr(source, 'A'));
	}
	write_line(out, row->name, value, source ? source : "default");
}

/* Region, retry mode and attempts may be the profile's, which is read with the first call. */
static void write_region(const struct mount *mount, FILE *out)
{
	const struct options *options = mount->options;
	struct client_settings settings;
	char text[64];
	const char *source = "profile";

	client_settings(mount->client, &settings);
	if (options->texts->region && options->texts->region[0])
		source = "command line";
	else if (options->aws.region)
		source = of_environment("AWS_REGION", "AWS_DEFAULT_REGION", text, sizeof(text));
	if (!settings.region)
		write_line(out, "region", "(not looked up yet)", "");
	else
		write_line(out, "region", settings.region, source ? source : "registry");
}

static const char *source_of_retries(const char *given, const char *variable, bool of_profile,
                                     char *text, size_t size)
{
	const char *source = given && given[0] ? "command line" : NULL;

	if (!source)
		source = of_environment(variable, NULL, text, size);
	if (!source && of_profile)
		source = "profile";
	return source ? source : "default";
}

static void write_retries(const struct mount *mount, FILE *out)
{
	const struct option_texts *texts = mount->options->texts;
	struct client_settings settings;
	char number[16], text[64];

	client_settings(mount->client, &settings);
	write_line(out, "retry_mode", settings.adaptive ? "adaptive" : "standard",
	           source_of_retries(texts->retry_mode, "AWS_RETRY_MODE", settings.mode_of_profile,
	                             text, sizeof(text)));
	snprintf(number, sizeof(number), "%u", settings.max_attempts);
	write_line(out, "max_attempts", number,
	           source_of_retries(texts->max_attempts, "AWS_MAX_ATTEMPTS",
	                             settings.attempts_of_profile, text, sizeof(text)));
}

static const char *source_of(const char *given)
{
	return given && given[0] ? "command line" : "default";
}

/* What no table can tell. */
static void write_others(const struct mount *mount, FILE *out)
{
	const struct options *options = mount->options;
	const struct option_texts *texts = options->texts;
	const char *show = texts->show && texts->show[0] ? texts->show : "(nothing more)";
	const char *setuid = texts->setuid && texts->setuid[0] ? texts->setuid : "(nobody else)";
	enum level level = log_level(mount->log);
	const char *source = source_of(texts->log_level);

	write_line(out, "readahead", options->cache.readahead_calls ? "on" : "off",
	           texts->nopull ? "nopull" : source_of(texts->readahead));
	write_line(out, "show", show, source_of(texts->show));
	write_line(out, "setuid", setuid, source_of(texts->setuid));
	if (level != options->log_level)
		source = "SIGUSR1";
	else if (texts->debug && !texts->log_level)
		source = "debug";
	write_line(out, "log_level", log_level_name(level), source);
	if (options->for_kernel)
		write_line(out, "(for FUSE)", options->for_kernel, "command line");
}

static void write_config(struct mount *mount, FILE *out)
{
	write_line(out, "# option", "value", "from");
	write_line(out, "registry", mount->options->source,
	           mount->options->texts->n_positional > 1 ? "command line" : "default");
	write_line(out, "mountpoint", mount->options->mountpoint, "command line");
	write_region(mount, out);
	write_retries(mount, out);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		write_row(mount->options, &rows[i], out);
	write_account_profiles(mount->options, out);
	write_others(mount, out);
}

const struct live_file live_config = {"config", write_config};
