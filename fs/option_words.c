/* Words for other programs, and misspelt ones. */
#include "fs/option_words.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Longer words are no options. */
#define WORD_MAX 32

/* So many letters may be wrong, missing or too many: one of three. */
#define LETTERS_FOR_ONE 3

static const char *const nothing[] = {
        "auto",        "noauto",        "nofail",
        "user",        "nouser",        "users",
        "owner",       "group",         "_netdev",
        "defaults",    "dev",           "nodev",
        "nosuid",      "async",         "sync",
        "atime",       "noatime",       "diratime",
        "nodiratime",  "relatime",      "norelatime",
        "strictatime", "nostrictatime", "lazytime",
        "nolazytime",  "iversion",      "noiversion",
        "mand",        "nomand",        "dirsync",
        "silent",      "loud",          "default_permissions",
};

/* With a value. The last four are what the kernel shows of a mount, which remounting repeats. */
static const char *const starts[] = {
        "x-", "X-", "comment=", "user=", "user_id=", "group_id=", "max_read=", "blksize="};

static const char *const for_kernel[] = {
        "exec", "noexec", "context=", "fscontext=", "defcontext=", "rootcontext="};

static bool begins_with(const char *word, const char *start)
{
	return strncmp(word, start, strlen(start)) == 0;
}

bool option_words_mean_nothing(const char *word)
{
	if (!word[0])
		return true;
	for (size_t i = 0; i < COUNT(starts); i++)
		if (begins_with(word, starts[i]))
			return true;
	for (size_t i = 0; i < COUNT(nothing); i++)
		if (strcmp(word, nothing[i]) == 0)
			return true;
	return false;
}

bool option_words_are_for_kernel(const char *word)
{
	for (size_t i = 0; i < COUNT(for_kernel); i++)
		if (strchr(for_kernel[i], '=') ? begins_with(word, for_kernel[i])
		                               : strcmp(word, for_kernel[i]) == 0)
			return true;
	return false;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance of the word, up to its '=', from `name`, likewise. */
static size_t distance(const char *word, const char *name)
{
	size_t word_length = strcspn(word, "="), name_length = strcspn(name, "=");
	size_t row[WORD_MAX + 1];

	if (word_length > WORD_MAX || name_length > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= name_length; j++)
		row[j] = j;
	for (size_t i = 1; i <= word_length; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= name_length; j++) {
			size_t replaced = diagonal + (word[i - 1] != name[j - 1]);

			diagonal = row[j];
			row[j] = least(replaced, least(row[j], row[j - 1]) + 1);
		}
	}
	return row[name_length];
}

const char *option_words_nearest(const struct fuse_opt *specs, const char *word)
{
	size_t nearest = strcspn(word, "=") / LETTERS_FOR_ONE + 1;
	const char *found = NULL;

	for (const struct fuse_opt *spec = specs; spec->templ; spec++) {
		size_t far = distance(word, spec->templ);

		if (spec->templ[0] == '-' || far >= nearest)
			continue;
		nearest = far;
		found = spec->templ;
	}
	return found;
}
