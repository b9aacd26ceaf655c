/* The AWS files: first the credentials file, then, behind a line of "----", the config file. Read
 * as they are, and by the provider of credentials, with which a request is signed.
 */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "ecr/credentials.h"
#include "ecr/profile.h"
#include "ecr/profile_file.h"
#include "ecr/provider.h"
#include "ecr/provider_keys.h"
#include "ecr/provider_profile.h"
#include "net/loop.h"
#include "tests/fuzz/credentials_check.h"
#include "tests/fuzz/fuzz.h"

#include <ctype.h>
#include <sys/mman.h>
#include <uv.h>

static struct loop *loop;
static struct log *log;
static int files[2]; /* credentials, config */

static void make_file(int i, const char *variable)
{
	char path[64];

	files[i] = memfd_create(variable, MFD_CLOEXEC);
	MUST(files[i] >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", files[i]);
	setenv(variable, path, 1);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	make_file(0, "AWS_SHARED_CREDENTIALS_FILE");
	make_file(1, "AWS_CONFIG_FILE");
	MUST(loop_new(&loop) == 0);
	MUST(log_new(clock_system(), LEVEL_ERROR, &log) == 0);
	MUST(log_to_file(log, "/dev/null") == 0);
	return 0;
}

struct warnings {
	unsigned n, last_line;
};

static void warn(void *arg, unsigned line, const char *what)
{
	struct warnings *warnings = arg;

	MUST(line > warnings->last_line && what[0]);
	warnings->last_line = line;
	warnings->n++;
}

/* A value of one line can be written down again. */
static void check_value(const char *value)
{
	CLEANUP(free_string) char *text = NULL;
	struct warnings warnings = {0};
	struct profile_file *file;

	MUST(!isspace((unsigned char)value[0]));
	MUST(!value[0] || !isspace((unsigned char)value[strlen(value) - 1]));
	if (!value[0] || strchr(value, '\n'))
		return;
	MUST(asprintf(&text, "[profile x]\nkey=%s\n", value) > 0);
	file = profile_file_parse(text, strlen(text), warn, &warnings);
	MUST(file && warnings.n == 0);
	MUST(fuzz_is_same(profile_file_get(file, "profile", "x", "key"), value));
	profile_file_free(file);
}

static void check_file(const char *text, size_t size)
{
	static const char *const kinds[] = {"", "profile", "services"};
	static const char *const names[] = {"default", "prod", "a b"};
	static const char *const keys[] = {
	        "region", "aws_access_key_id", "aws_session_token", "retry_mode",
	        "ecr",    "ecr.endpoint_url"};
	struct warnings warnings = {0};
	struct profile_file *file = profile_file_parse(text, size, warn, &warnings);

	MUST(file);
	for (size_t i = 0; i < 3 * 3 * 6; i++) {
		const char *kind = kinds[i % 3], *name = names[i / 3 % 3];
		const char *value = profile_file_get(file, kind, name, keys[i / 9]);

		MUST(!value || profile_file_has(file, kind, name));
		if (value)
			check_value(value);
	}
	profile_file_free(file);
}

static void credentials_came(void *arg, enum provider_answer answer, enum status status,
                             struct credentials *credentials)
{
	bool *done = arg;

	MUST(!*done);
	*done = true;
	MUST((answer == PROVIDER_FOUND) == (credentials != NULL));
	MUST((answer == PROVIDER_FAILED) == (status != STATUS_OK));
	if (!credentials)
		return;
	credentials_check(credentials);
	credentials_unref(credentials);
}

static void fetch_credentials(const char *name,
                              struct provider *(*create)(const struct provider_parts *parts))
{
	struct provider_parts parts;
	struct provider *provider;
	struct profile *profile;
	bool done = false;

	MUST(profile_new(loop, log, name, &profile) == 0);
	parts = (struct provider_parts){.loop = loop, .log = log, .profile = profile};
	provider = create(&parts);
	MUST(provider);
	provider->ops->fetch(provider, credentials_came, &done);
	while (!done) {
		uv_run(loop_uv(loop), UV_RUN_ONCE);
		loop_run_once(loop);
	}
	provider->ops->free(provider);
	profile_free(profile);
}

static void write_file(int i, const char *text, size_t size)
{
	MUST(ftruncate(files[i], 0) == 0);
	MUST(pwrite(files[i], text, size, 0) == (ssize_t)size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *second = text;
	size_t second_size = size;
	size_t first = fuzz_cut_part(&second, &second_size);

	check_file(text, first);
	check_file(second, second_size);
	write_file(0, text, first);
	write_file(1, second, second_size);
	fetch_credentials(size % 2 ? "prod" : NULL, provider_profile_new);
	fetch_credentials(size % 2 ? "prod" : NULL, provider_credentials_file_new);
	fetch_credentials(size % 2 ? "prod" : NULL, provider_config_file_new);
	return 0;
}
