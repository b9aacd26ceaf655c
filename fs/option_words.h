/* Words that may stand behind -o: those that mean nothing here, and what a misspelt one was meant
 * to be. Inside of fs/options.
 */
#ifndef ECRFS_FS_OPTION_WORDS_H
#define ECRFS_FS_OPTION_WORDS_H

#include <fuse_opt.h>
#include <stdbool.h>

/* Whether mount(8), fstab or systemd may pass the word, and there is nothing to do for it: the
 * mount is read-only, without devices and set-user-id programs, whatever they say. Threads: pure.
 */
bool option_words_mean_nothing(const char *word);

/* Whether it is for the kernel: a security context, or noexec. Threads: pure. */
bool option_words_are_for_kernel(const char *word);

/* The option that is spelt nearly as `word`, up to its '='; NULL when none is. `specs` are those
 * that have a meaning here; static storage, as theirs. Threads: pure. */
const char *option_words_nearest(const struct fuse_opt *specs, const char *word);

#endif
