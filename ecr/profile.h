/* The profile in use: its name, and what the two AWS files say of it (ecr/aws_files.h).
 *
 * Name: the option, else AWS_PROFILE, else AWS_DEFAULT_PROFILE, else "default". An empty variable
 * counts as none.
 */
#ifndef ECRFS_ECR_PROFILE_H
#define ECRFS_ECR_PROFILE_H

#include "base/status.h"
#include "ecr/aws_files.h"
#include "ecr/profile_content.h"

#include <stdbool.h>

struct log;
struct loop;
struct profile;

/* `profile_option` may be NULL. Looks at the environment now, at the files when asked. Answers 0,
 * -ENOMEM, or the -errno of getcwd(3). */
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

/* Reads the files again; `done` is called later on the loop thread, after AWS_FILES_HUNG_NS at the
 * latest. Answers 0, -EBUSY (the disk pool is full) or -ENOMEM. Threads: loop. */
int profile_read(struct profile *profile, profile_fn done, void *arg);

/* The same for what can go on without the profile: after AWS_FILES_SLOW_NS at the latest. */
int profile_read_soon(struct profile *profile, profile_fn done, void *arg);

/* Readers that gave this `arg` are not called any more. Threads: loop. */
void profile_forget(struct profile *profile, const void *arg);

/* What an error of reading is to those who need the profile: a shortage, STATUS_TIMED_OUT where
 * the files hang, or else `otherwise`. Threads: pure. */
enum status profile_trouble(int error, enum status otherwise);

/* A path that environment or profile names, as start_paths_resolve() reads it; -ENOENT where it is
 * below a home directory that there is not. Threads: any. */
int profile_absolute_path(const struct profile *profile, const char *path, char **ret_path);

/* The path of a file of the AWS CLI: what the variable says (NULL: there is none), else
 * `otherwise`. Answers as above, and 0 without a path where there is no home directory. Threads:
 * loop. */
int profile_choose_path(const struct profile *profile, const char *variable, const char *otherwise,
                        char **ret_path);

#endif
