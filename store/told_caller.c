/* Callers on disk. */
#include "store/told_caller.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How old what is kept about a source may become before it is written again. */
#define REMEMBER_NS (60 * NS_PER_S)

/* Answers whether it fits. */
__attribute__((format(printf, 3, 4))) static bool print(char *to, size_t size, const char *format,
                                                        ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(to, size, format, arguments);
	va_end(arguments);
	return length >= 0 && (size_t)length < size;
}

bool told_caller_copy(const struct caller *caller, struct told_caller *ret_caller)
{
	struct told_caller copy = {.key = ""};
	struct digest digest;

	if (caller->key_id) {
		if (digest_compute(caller->key_id, strlen(caller->key_id), &digest) < 0)
			return false;
		digest_format_hex(&digest, copy.key);
	}
	if (!print(copy.place, sizeof(copy.place), "%s", caller->place) ||
	    !print(copy.source, sizeof(copy.source), "%s", caller->source) ||
	    !print(copy.account, sizeof(copy.account), "%s",
	           caller->account ? caller->account : ""))
		return false;
	*ret_caller = copy;
	return true;
}

/* Keys of files about callers. Another user's source is another one. */
static bool key_of_key(const struct told_caller *caller, char key[static TOLD_KEY_SIZE])
{
	return print(key, TOLD_KEY_SIZE, "place %s\nkey %s", caller->place, caller->key);
}

static bool key_of_source(const struct told_caller *caller, char key[static TOLD_KEY_SIZE])
{
	return print(key, TOLD_KEY_SIZE, "place %s\nuser %u\nsource %s", caller->place,
	             (unsigned)geteuid(), caller->source);
}

/* The text that is kept under a key. */
static bool read_text(struct told_files *files, const char *key, char *text, size_t size,
                      uint64_t *ret_told_ns)
{
	struct told_file file;
	const char *kept;
	bool is_read;

	if (told_files_read(files, LISTING_CALLER, key, &file) < 0)
		return false;
	kept = listing_read_account(&file.reader);
	is_read = kept && print(text, size, "%s", kept);
	*ret_told_ns = file.reader.head.told_ns;
	told_file_deinit(&file);
	return is_read;
}

static void write_text(struct told_files *files, const char *key, const char *text)
{
	struct listing_writer writer;

	listing_writer_begin(&writer, LISTING_CALLER);
	listing_write_account(&writer, text);
	/* Without it the next life asks; what could be wrong with the disk has been logged. */
	(void)told_files_write(files, LISTING_CALLER, key, &writer, clock_realtime_ns(files->clock),
	                       1);
	listing_writer_deinit(&writer);
}

static bool set_account(struct told_identity *identity, const char *account, uint64_t told_ns)
{
	if (!registry_is_account(account))
		return false;
	identity->account_told_ns = told_ns;
	strcpy(identity->account, account);
	return print(identity->text, sizeof(identity->text), "account %s", account);
}

static bool identify_by_source(struct told_files *files, const struct told_caller *caller,
                               struct told_identity *identity)
{
	char key[TOLD_KEY_SIZE];
	uint64_t told_ns;

	identity->is_guess = true;
	if (!key_of_source(caller, key) ||
	    !read_text(files, key, identity->text, sizeof(identity->text), &told_ns))
		return false;
	if (strncmp(identity->text, "account ", strlen("account ")) == 0)
		return set_account(identity, identity->text + strlen("account "), told_ns);
	return true;
}

bool told_caller_identify(struct told_files *files, const struct told_caller *caller,
                          struct told_identity *ret_identity)
{
	char key[TOLD_KEY_SIZE], account[REGISTRY_ACCOUNT_DIGITS + 1];
	uint64_t now_ns = clock_realtime_ns(files->clock), told_ns;

	*ret_identity = (struct told_identity){.is_guess = false};
	if (!caller->key[0])
		return identify_by_source(files, caller, ret_identity);
	if (caller->account[0])
		return set_account(ret_identity, caller->account, now_ns);
	/* It was told at some time, and is as true as if it had been now. */
	if (key_of_key(caller, key) && read_text(files, key, account, sizeof(account), &told_ns) &&
	    set_account(ret_identity, account, now_ns))
		return true;
	return print(ret_identity->text, sizeof(ret_identity->text), "key %s", caller->key);
}

void told_caller_remember(struct told_files *files, const struct told_caller *caller,
                          const struct told_identity *identity)
{
	char key[TOLD_KEY_SIZE], kept[sizeof(identity->text)];
	uint64_t now_ns = clock_realtime_ns(files->clock), told_ns;

	if (identity->is_guess)
		return;
	if (caller->account[0] && key_of_key(caller, key) &&
	    (!read_text(files, key, kept, sizeof(kept), &told_ns) ||
	     strcmp(kept, caller->account) != 0))
		write_text(files, key, caller->account);
	if (key_of_source(caller, key) && (!read_text(files, key, kept, sizeof(kept), &told_ns) ||
	                                   strcmp(kept, identity->text) != 0 || told_ns > now_ns ||
	                                   now_ns - told_ns >= REMEMBER_NS))
		write_text(files, key, identity->text);
}

bool told_caller_key(const struct told_caller *caller, const struct told_identity *identity,
                     const struct registry *registry, const char *repository,
                     char ret_key[static TOLD_KEY_SIZE])
{
	return print(ret_key, TOLD_KEY_SIZE, "place %s\ncaller %s\nregistry %s\nrepository %s",
	             caller->place, identity->text,
	             registry->account[0] ? registry->account : "default", repository);
}
