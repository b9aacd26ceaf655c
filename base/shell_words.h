/* A command line, cut into words as a POSIX shell would, without expanding anything: what Python's
 * shlex.split() does, which is how the AWS SDK for Python reads credential_process. */
#ifndef ECRFS_BASE_SHELL_WORDS_H
#define ECRFS_BASE_SHELL_WORDS_H

enum shell_words_answer {
	SHELL_WORDS_FOUND,
	SHELL_WORDS_OPEN_QUOTE, /* a quotation mark without its other one */
	SHELL_WORDS_NO_ESCAPED, /* a backslash at the end */
	SHELL_WORDS_NO_MEMORY,
};

/* Blanks separate words; '…' keeps all as it is, "…" all but \" and \\, and a backslash outside
 * keeps what follows. `ret_words` ends with NULL and is one block for free(3). Threads: pure. */
enum shell_words_answer shell_words_split(const char *text, char ***ret_words);

#endif
