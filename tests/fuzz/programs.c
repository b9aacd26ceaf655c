/* credential_process: a line with the command, and the rest is what the program prints. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/shell_words.h"
#include "ecr/credentials.h"
#include "ecr/json_fields.h"
#include "ecr/profile.h"
#include "ecr/provider.h"
#include "ecr/provider_process.h"
#include "net/loop.h"
#include "net/process.h"
#include "tests/fuzz/credentials_check.h"
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <uv.h>

#define CONFIG "[default]\ncredential_process = program 'an argument'\n"

static struct loop *loop;
static struct log *log;
static struct profile *profile;
static struct provider *provider;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct provider_parts parts;
	int file = memfd_create("config", MFD_CLOEXEC);
	char path[64];

	(void)argc;
	(void)argv;
	MUST(write(file, CONFIG, strlen(CONFIG)) == (ssize_t)strlen(CONFIG));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	setenv("AWS_CONFIG_FILE", path, 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
	MUST(loop_new(&loop) == 0);
	MUST(log_new(clock_system(), LEVEL_ERROR, &log) == 0);
	MUST(log_to_file(log, "/dev/null") == 0);
	MUST(profile_new(loop, log, NULL, &profile) == 0);
	parts = (struct provider_parts){.loop = loop, .log = log, .profile = profile};
	provider = provider_process_new(&parts);
	MUST(provider);
	return 0;
}

/* In place of the program that was started. */
static struct process {
	process_fn done;
	void *arg;
} process;

int process_start(struct loop *where, const struct process_request *request, process_fn done,
                  void *arg, struct process **ret_process)
{
	MUST(where == loop && !process.done && request->max_output_bytes && request->limit_ns);
	MUST(strcmp(request->words[0], "program") == 0);
	MUST(strcmp(request->words[1], "an argument") == 0 && !request->words[2]);
	free(request->words);
	process.done = done;
	process.arg = arg;
	*ret_process = &process;
	return 0;
}

void process_kill(struct process *running)
{
	MUST(!running);
}

static void must_be_same(char *const *words, char *const *expected)
{
	for (; *words && *expected; words++, expected++)
		MUST(strcmp(*words, *expected) == 0);
	MUST(!*words && !*expected);
}

static void must_be_words(const char *text, char *const *expected)
{
	char **words;

	MUST(shell_words_split(text, &words) == SHELL_WORDS_FOUND);
	must_be_same(words, expected);
	free(words);
}

/* In single quotes all is as it is, but they themselves. */
static char *write_quoted(char *end, const char *word)
{
	*end++ = '\'';
	for (; *word; word++)
		end = *word == '\'' ? stpcpy(end, "'\\''") : stpncpy(end, word, 1);
	return stpcpy(end, "' ");
}

static char *write_escaped(char *end, const char *word)
{
	if (!*word)
		end = stpcpy(end, "\"\"");
	for (; *word; word++) {
		*end++ = '\\';
		*end++ = *word;
	}
	return stpcpy(end, "\t");
}

/* Written down again, they are the same words. */
static void check_written(char *const *words, size_t length, char *(*write)(char *, const char *))
{
	/* Four for each character, and three for each word, which has a character or quotes. */
	CLEANUP(free_string) char *text = calloc(1, 6 * length + 4);
	char *end = text;

	MUST(text);
	for (size_t i = 0; words[i]; i++)
		end = write(end, words[i]);
	must_be_words(text, words);
}

/* Without marks it is as strtok(3) does it. */
static void check_plain(char *text, char *const *words)
{
	char *rest, *word = strtok_r(text, " \t\r\n", &rest);

	for (; word && *words; words++, word = strtok_r(NULL, " \t\r\n", &rest))
		MUST(strcmp(word, *words) == 0);
	MUST(!word && !*words);
}

static void check_words(char *text, char *const *words)
{
	size_t length = strlen(text), stored = 0;

	for (size_t i = 0; words[i]; i++)
		stored += strlen(words[i]) + 1;
	MUST(stored <= length + 1);
	check_written(words, length, write_quoted);
	check_written(words, length, write_escaped);
	if (!strpbrk(text, "'\"\\"))
		check_plain(text, words);
}

static void check_command(char *text)
{
	char **words = NULL;

	switch (shell_words_split(text, &words)) {
	case SHELL_WORDS_FOUND:
		check_words(text, words);
		free(words);
		break;
	case SHELL_WORDS_OPEN_QUOTE:
		MUST(!words && strpbrk(text, "'\""));
		break;
	case SHELL_WORDS_NO_ESCAPED:
		MUST(!words && text[strlen(text) - 1] == '\\');
		break;
	case SHELL_WORDS_NO_MEMORY:
		MUST(false);
		break;
	}
}

/* What is said of the time counts. */
static void check_end(const struct credentials *credentials, const char *output, size_t size)
{
	struct json_fields *fields;
	const char *end;

	MUST(json_fields_read(output, size, &fields) == 0);
	end = json_fields_text(fields, "Expiration");
	if (end)
		credentials_check_end(credentials_expires_ns(credentials), end);
	else
		MUST(credentials_expires_ns(credentials) == 0);
	json_fields_free(fields);
}

/* What the program prints, and what came of it. */
struct answer {
	const char *output;
	size_t size;
	bool came;
};

static void credentials_came(void *arg, enum provider_answer answer, enum status status,
                             struct credentials *credentials)
{
	struct answer *self = arg;

	MUST(!self->came);
	self->came = true;
	MUST((answer == PROVIDER_FOUND) == (credentials != NULL));
	MUST((answer == PROVIDER_FAILED) == (status != STATUS_OK));
	MUST(answer != PROVIDER_NOT_CONFIGURED);
	if (!credentials)
		return;
	credentials_check(credentials);
	check_end(credentials, self->output, self->size);
	credentials_unref(credentials);
}

static void end_process(const char *output, size_t size)
{
	struct process_end end = {
	        .outcome = PROCESS_ENDED, .output = output, .output_size = size, .errors = ""};
	struct process ended = process;

	process.done = NULL;
	ended.done(ended.arg, &end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free_string) char *text = malloc(size + 1);
	struct answer answer = {.output = ""};
	const char *line;

	MUST(text);
	memcpy(text, data, size);
	text[size] = '\0';
	line = memchr(text, '\n', size);
	if (line) {
		answer.output = line + 1;
		answer.size = size - (size_t)(answer.output - text);
		text[line - text] = '\0';
	}
	check_command(text);
	provider->ops->fetch(provider, credentials_came, &answer);
	while (!process.done) {
		uv_run(loop_uv(loop), UV_RUN_ONCE);
		loop_run_once(loop);
	}
	end_process(answer.output, answer.size);
	MUST(answer.came);
	return 0;
}
