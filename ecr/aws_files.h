/* The AWS config and credentials files, read on the disk pool for whoever asks: all profiles of a
 * mount share one object.
 *
 * Files: AWS_CONFIG_FILE (else ~/.aws/config) and AWS_SHARED_CREDENTIALS_FILE (else
 * ~/.aws/credentials). A home directory may hang. So one reading is under way at a time; those who
 * can do without its answer wait AWS_FILES_SLOW_NS for it, the others AWS_FILES_HUNG_NS; while it
 * takes longer, they are answered at once. When it ends at last, all is as before.
 *
 * Threads: loop.
 */
#ifndef ECRFS_ECR_AWS_FILES_H
#define ECRFS_ECR_AWS_FILES_H

#include "base/clock.h"
#include "ecr/profile_content.h"

struct aws_files;
struct log;
struct loop;

/* Long for a local disk, short for who waits for a file. */
#define AWS_FILES_SLOW_NS (1 * NS_PER_S)

/* Automounted home directories take seconds; the operation's own limit is 15 s, unless set. */
#define AWS_FILES_HUNG_NS (10 * NS_PER_S)

/* `content` is borrowed for the call, NULL when a file could not be read (-errno in `error`;
 * -ETIMEDOUT: not in time), which has been logged. Missing files are empty, not an error. */
typedef void (*profile_fn)(void *arg, int error, const struct profile_content *content);

struct aws_files_question {
	const void *owner; /* for aws_files_forget() */
	const char *name;  /* of the profile; borrowed until the answer */
	bool can_do_without;
	profile_fn done;
	void *arg;
};

/* Looks at the environment now, at the files when asked. Borrows loop and log. Returns a reference.
 * Answers 0, -ENOMEM, or the -errno of getcwd(3). */
int aws_files_new(struct loop *loop, struct log *log, struct aws_files **ret_files);
struct aws_files *aws_files_ref(struct aws_files *files);

/* A file that is being read just now does no harm. Accepts NULL. */
void aws_files_unref(struct aws_files *files);

/* Answers with what the files say from now on: a reading that has begun does not count. `done` is
 * called later. Answers 0, -EBUSY (the disk pool is full) or -ENOMEM. */
int aws_files_read(struct aws_files *files, const struct aws_files_question *question);

/* The questions of the owner with this `arg`, or all of the owner's where it is NULL, are not
 * answered any more. */
void aws_files_forget(struct aws_files *files, const void *owner, const void *arg);

/* As start_paths_resolve(), of where the files were looked for. */
int aws_files_resolve(const struct aws_files *files, const char *path, char **ret_path);

#endif
