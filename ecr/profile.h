/* The profile in use: which files, which name, and what they say about keys and region.
 *
 * Files: AWS_CONFIG_FILE (else ~/.aws/config) and AWS_SHARED_CREDENTIALS_FILE (else
 * ~/.aws/credentials). Name: the option, else AWS_PROFILE, else AWS_DEFAULT_PROFILE, else
 * "default". An empty variable counts as none. `~` is HOME, else the home directory of the passwd
 * entry. The files are read on the disk pool: a home directory may hang.
 */
#ifndef ECRFS_ECR_PROFILE_H
#define ECRFS_ECR_PROFILE_H

#include "base/status.h"
#include "ecr/profile_content.h"

#include <stdbool.h>

struct log;
struct loop;
struct profile;

/* `profile_option` may be NULL. Looks at the environment now, at the files when asked. Answers 0,
 * -ENOMEM, or -ENOENT (a path is
 * relative, and the working directory is gone). */
int profile_new(struct loop *loop, struct log *log, const char *profile_option,
                struct profile **ret_profile);

/* Another profile of the same files, which counts as named. Answers 0 or -ENOMEM. Threads: loop. */
int profile_new_of(const struct profile *profile, const char *name, struct profile **ret_profile);

/* Readers that wait are not called any more; a file that is being read just now does no harm.
 * Accepts NULL. Threads: loop. */
void profile_free(struct profile *profile);

/* The name in use, and whether somebody named it (then it must exist). Borrowed. */
const char *profile_name(const struct profile *profile);
bool profile_is_named(const struct profile *profile);

/* A path that the environment or the profile names: a relative one is meant from where the process
 * was started. Answers 0 (with a string of heap), -ENOENT (nobody knows where that was) or -ENOMEM.
 * Threads: any. */
int profile_absolute_path(const struct profile *profile, const char *path, char **ret_path);

/* The path of a file of the AWS CLI: what the variable says (NULL: there is none), else
 * `otherwise`. A leading `~` is the home directory. Answers as above, and 0 without a path where
 * there is no home directory. Threads: loop. */
int profile_choose_path(const struct profile *profile, const char *variable, const char *otherwise,
                        char **ret_path);

/* `content` is borrowed for the call, NULL when a file could not be read (-errno in `error`), which
 * has been logged. Missing files are empty, not an error. */
typedef void (*profile_fn)(void *arg, int error, const struct profile_content *content);

/* Reads the files again; `done` is called later on the loop thread. Answers 0, -EBUSY (the disk
 * pool is full) or -ENOMEM. Threads: loop. */
int profile_read(struct profile *profile, profile_fn done, void *arg);

/* Readers that gave this `arg` are not called any more. Threads: loop. */
void profile_forget(struct profile *profile, const void *arg);

#endif
