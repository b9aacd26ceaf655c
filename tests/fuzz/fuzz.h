/* What the fuzz targets have in common. A target is one file, which hands the bytes that libFuzzer
 * makes up to one part of ecrfs, and states what must hold whatever they are.
 */
#ifndef ECRFS_TESTS_FUZZ_FUZZ_H
#define ECRFS_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* libFuzzer calls these. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Ends the program where something does not hold: that is a finding. */
#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			dprintf(STDERR_FILENO, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,   \
			        #condition);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* The bytes as a string, of heap, up to a NUL in them. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);

	MUST(text);
	return text;
}

/* Cuts the text into lines, in place. Answers how many there are; further ones are left out. */
static inline size_t fuzz_cut_lines(char *text, const char **lines, size_t max)
{
	size_t n = 0;
	char *line;

	while (n < max && (line = strsep(&text, "\n")))
		lines[n++] = line;
	return n;
}

/* What is before the first line of "----", or all, is taken off. Answers its size. */
static inline size_t fuzz_cut_part(const char **text, size_t *size)
{
	static const char divider[] = "\n----\n";
	const size_t length = sizeof(divider) - 1;
	size_t part = 0, cut;

	while (part + length <= *size && memcmp(*text + part, divider, length) != 0)
		part++;
	cut = part + length;
	if (cut > *size)
		part = cut = *size;
	*text += cut;
	*size -= cut;
	return part;
}

/* Whether two strings, or NULLs, are the same. */
static inline bool fuzz_is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

#endif
