/* The cache directory: files in it, by paths relative to it.
 *
 *   oci-layout, index.json     so that tools for OCI image layouts accept it
 *   blobs/sha256/<hex>         manifests: store/blobs.h
 *   sizes/<hex>                which repository gave them, and how large they are: store/sizes.h
 *   listings/<hex>-<kind>      what ECR told of repositories and images: store/told_files.h
 *   tmp/                       what is being written
 *
 * Others may use it at the same time, and write what they like into it. So a file is opened without
 * following links and without waiting for anybody, must be a regular one, is read to its end, and
 * is taken for nothing until its content has been checked. A new one is written elsewhere and then
 * renamed, so that nobody sees half of it. Nothing is synced: after a crash of the machine a file
 * may be empty or torn, which its check tells as it tells everything else.
 *
 * Threads: disk (those of store/worker.h, or any that may block), except where said.
 */
#ifndef ECRFS_STORE_FOLDER_H
#define ECRFS_STORE_FOLDER_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct folder;
struct log;

/* After it could not be opened or written: so long nothing is tried. A full disk or a lost server
 * is looked for again soon, and costs nobody a thing in between. */
#define FOLDER_RETRY_NS (30 * NS_PER_S)

/* Of this age (seconds), a file in tmp/ was left behind: writing one takes no minute. */
#define FOLDER_STALE_TEMP_S 3600

/* Longer paths are not used: "blobs/sha256/" and 64 digits, or "listings/" and 66 characters. */
#define FOLDER_PATH_SIZE 128

struct folder_config {
	const char *path; /* absolute */
	bool is_shared;   /* others may write to it */
	bool must_exist;  /* nothing is made by opening it */
};

/* Touches no disk. Borrows all, for its life. Answers 0 or -ENOMEM. */
int folder_new(const struct folder_config *config, const struct clock *clock, struct log *log,
               struct folder **ret_folder);

/* Accepts NULL. */
void folder_free(struct folder *folder);

/* Why the directory cannot be used at all, though it is there; what to do about it is part of the
 * text. */
#define FOLDER_WHY_SIZE 512

/* Opens it, or makes it where its parent exists; done by the others when it was not done. Answers
 * 0, or -errno with `why` (if not NULL) in words: -EPERM where it is not safe. */
int folder_open(struct folder *folder, char why[FOLDER_WHY_SIZE]);

/* Whether it is a cache directory, and no other one: it has something that each of them has. It is
 * open. */
bool folder_is_ours(const struct folder *folder);

/* Makes what is missing of the directories and files that each cache directory has. Answers 0 when
 * all was there, 1 when it is now, or -errno; `missing` names them. */
int folder_complete(struct folder *folder, char missing[FOLDER_WHY_SIZE]);

/* Whether others may write to it, as far as the user said. Threads: any. */
bool folder_is_shared(const struct folder *folder);

/* Whether something can be written there now, as far as is known. Threads: any. */
bool folder_is_writable(const struct folder *folder);

/* How often writing has failed. Threads: any. */
uint64_t folder_errors(const struct folder *folder);

/* A file as it was read. */
struct folder_file {
	char *data; /* heap; never NULL */
	size_t size;
	struct stat about;
};
void folder_file_deinit(struct folder_file *file);

/* Reads the file, of at most `max` bytes. Answers 0; -ENOENT; -EBADMSG when it is no file of ours
 * (a directory, link, device or fifo, or larger), or -errno: also those that say that the directory
 * cannot be used. */
int folder_read(struct folder *folder, const char *path, size_t max, struct folder_file *ret_file);

/* Whether there is something of that name. */
bool folder_has(struct folder *folder, const char *path);

/* Puts a file there, whatever was there before. Answers 0, -EAGAIN while nothing can be written, or
 * -errno, which has been logged, once for many. */
int folder_write(struct folder *folder, const char *path, const void *data, size_t size);

/* Adds to the end of a file, which is made when it is missing; in one piece, if the disk does that.
 * Where its size is no multiple of `size`, the torn end of another addition is filled up with zeros
 * first. `ret_total`: how large it is now. Answers as folder_write(), and -EEXIST where something
 * else lies. */
int folder_append(struct folder *folder, const char *path, const void *data, size_t size,
                  size_t *ret_total);

/* Removes a file, or an empty directory. Answers 0, also when there was none, or -errno. */
int folder_remove(struct folder *folder, const char *path);

/* Notes that a file was used, without changing when it was written. */
void folder_touch(struct folder *folder, const char *path);

/* The names in a directory, one after the other. */
struct folder_names;
int folder_names_open(struct folder *folder, const char *path, struct folder_names **ret_names);
void folder_names_close(struct folder_names *names);

/* The next name, borrowed until the next call, and what is there; NULL at the end. */
const char *folder_names_next(struct folder_names *names, struct stat *ret_about);

/* Bytes on its filesystem: free for us, and all. Answers 0 or -errno. */
int folder_space(struct folder *folder, uint64_t *ret_free, uint64_t *ret_all);

/* There is too little space left: nothing is written for a while, as if it had failed. Answers
 * -ENOSPC. */
int folder_has_no_space(struct folder *folder);

/* Removes what others left in tmp/ long ago. */
void folder_sweep(struct folder *folder);

/* Asks the disk something small, whatever the answer: for worker_new(). */
void folder_probe(void *folder);

#endif
