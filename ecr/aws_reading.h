/* One reading of the AWS files, on the disk pool. It has copies of all that the disk thread needs:
 * whoever waits for it may be gone before a home directory answers.
 *
 * The job belongs to the disk pool from loop_disk() to its `done`, which frees the reading.
 * Threads: loop.
 */
#ifndef ECRFS_ECR_AWS_READING_H
#define ECRFS_ECR_AWS_READING_H

#include "ecr/profile_content.h"
#include "net/loop.h"

#include <stdatomic.h>

struct aws_files;
struct log;

/* One file, as the disk thread left it. */
struct aws_file_reading {
	char *path;
	int error; /* 0 or -errno */
	struct profile_file *file;
	unsigned bad_lines, first_bad_line;
	const char *what; /* is wrong with the first bad line; static */
};

struct aws_reading {
	struct disk_job job;     /* first, so that a job is its reading */
	struct aws_files *files; /* NULL when nobody waits any more */
	struct aws_file_reading of[N_AWS_FILES];
	atomic_int at; /* the file that is being read */
};

/* Of the files at these paths, which are copied; NULL: there is none. The caller sets `job.done`
 * and `files`, and hands the job to the disk pool. Returns new. Answers 0 or -ENOMEM. */
int aws_reading_new(char *const paths[static N_AWS_FILES], struct aws_reading **ret_reading);

/* Not while the disk pool has it. Wipes what was read. */
void aws_reading_free(struct aws_reading *reading);

/* The path of the file that the disk thread is at. Borrowed. Also while the disk pool has it. */
const char *aws_reading_path(const struct aws_reading *reading);

/* Says which files could not be read, and which lines are left out. */
void aws_reading_log(const struct aws_reading *reading, struct log *log);

#endif
