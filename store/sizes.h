/* Which repository has handed out which manifest or configuration, when, and how large it is.
 *
 * A blob on disk proves content, not that a repository has it or lets this caller read it. So it is
 * shown for a repository only if that has handed it out before, to this user of the machine; the
 * record of that has the size, and stays when the blob is evicted, so that a `stat` is no pull. A
 * configuration that it has handed out is not a manifest that it has: their keys differ.
 *
 * 256 files of records that are only added to, 32 bytes each:
 *
 *   0  key, 16 bytes: the beginning of SHA-256(account, region, repository, digest)
 *  16  size in bytes, 32 bits, little-endian as the others
 *  20  when ECR handed it out, 32 bits: seconds since 1970
 *  24  SipHash of the 24 bytes before, 64 bits, with a key of zeros: against accidents
 *
 * The last record of a key counts. One that is torn counts for nothing. A file that has become too
 * long is written anew, with the newest half.
 *
 * Threads: disk, except where said.
 */
#ifndef ECRFS_STORE_SIZES_H
#define ECRFS_STORE_SIZES_H

#include "base/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct folder;

#define SIZES_DIRECTORY  "sizes"
#define SIZES_KEY_BYTES  16
#define SIZES_RECORD     32
#define SIZES_FILE_BYTES ((size_t)1 << 20) /* 32,768 records; 8 million in all */

struct sizes_key {
	uint8_t bytes[SIZES_KEY_BYTES];
};

struct sizes_entry {
	uint32_t size;   /* bytes */
	uint32_t told_s; /* real time */
};

/* The key of a digest in a repository; `scope` tells registries and kinds apart. Answers 0 or -EIO.
 * Threads: any. */
int sizes_key(const char *scope, const char *repository, const struct digest *digest,
              struct sizes_key *ret_key);

/* Answers 0, -ENOENT, or -errno. */
int sizes_find(struct folder *folder, const struct sizes_key *key, struct sizes_entry *ret_entry);

/* Answers 0 or -errno, as folder_append(). */
int sizes_add(struct folder *folder, const struct sizes_key *key, const struct sizes_entry *entry);

/* Whether the file at `path` is as it should be: all that is damaged in it is taken out, if
 * `repairs`. `ret_n`: good records. Answers 0, 1 when there was damage, or -errno. */
int sizes_check(struct folder *folder, const char *path, bool repairs, size_t *ret_n);

#endif
