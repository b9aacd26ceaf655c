/* The AWS config and credentials files: sections of `key = value` with the AWS CLI's rules.
 *
 * Parsed here because no library has this grammar: `[profile NAME]` sections, keys in any case,
 * continuation lines, one nested level (`ecr =` and indented keys below it), values of any length
 * (Debian's inih cuts lines at 200 bytes, a session token has over 1,000).
 *
 *   lines      `#` and `;` begin a comment; blank lines mean nothing; CRLF is fine
 *   sections   `[NAME]`, `[KIND NAME]`, `[KIND "NAME WITH BLANKS"]`
 *   keys       `key = value` or `key: value`. In a value ` #` and ` ;` begin a comment: so the SDKs
 *              read it; the CLI, which does not, cannot use such a value
 *   deeper     a line that is indented deeper than the key before it is one more line of its value,
 *              or, where that is empty, a nested key
 *
 * Threads: pure (profile_file_read: disk).
 */
#ifndef ECRFS_ECR_PROFILE_FILE_H
#define ECRFS_ECR_PROFILE_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct profile_file;

/* Larger files are refused: no such file that a person or a tool writes comes near. */
#define PROFILE_FILE_MAX_BYTES (1024 * 1024)

/* Called for each line that could not be used, with its number, counted from 1. `what` is static
 * and tells nothing of what the line holds. */
typedef void (*profile_warn_fn)(void *arg, unsigned line, const char *what);

/* Parses text (need not end in NUL). Bad lines are skipped with a warning, never fatal; equal
 * sections merge, the last equal key wins. Returns new, or NULL when out of memory. */
struct profile_file *profile_file_parse(const char *text, size_t size, profile_warn_fn warn,
                                        void *arg);

/* Reads and parses. Answers 0, -ENOENT (no such file), -EFBIG, -ENOMEM or -errno. Threads: disk. */
int profile_file_read(const char *path, profile_warn_fn warn, void *arg,
                      struct profile_file **ret_file);

/* Accepts NULL. All values are wiped. */
void profile_file_free(struct profile_file *file);

/* Whether there is such a section: `kind` is "profile", "sso-session", "services" or "" for the
 * plain `[NAME]` of the credentials file. `[default]` counts as `[profile default]`. */
bool profile_file_has(const struct profile_file *file, const char *kind, const char *name);

/* The value of a key (lower case), or NULL. Nested keys are "ecr.endpoint_url". Borrowed. */
const char *profile_file_get(const struct profile_file *file, const char *kind, const char *name,
                             const char *key);

#endif
