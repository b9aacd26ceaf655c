/* The bytes of manifests and configurations on disk: blobs/sha256/<hex>, as in an OCI image layout.
 *
 * What is read is hashed, each time: whatever is not what its name says is removed and counted, and
 * was never there. So nothing needs to be synced or locked.
 *
 * When a blob was used is its access time, which is set by hand at most once an hour: that is fine
 * enough to tell which ones are used no more, and a read seldom costs a write.
 *
 * Threads: disk, except where said.
 */
#ifndef ECRFS_STORE_BLOBS_H
#define ECRFS_STORE_BLOBS_H

#include "base/digest.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes;
struct clock;
struct folder;

#define BLOBS_DIRECTORY "blobs/sha256"

/* The larger of the two: a configuration has at most 8 MiB (DOWNLOADS_MAX_BYTES), a manifest, which
 * ECR sees to, 4 MiB. */
#define BLOBS_MAX_BYTES ((size_t)8 << 20)

#define BLOBS_TOUCH_S 3600

/* So much is left free on the filesystem: a twentieth, at most 1 GiB. Its other users come first.
 */
#define BLOBS_SPARE_PART  20
#define BLOBS_SPARE_BYTES ((uint64_t)1 << 30)

struct blobs {
	struct folder *folder;
	const struct clock *clock;
	uint64_t max_bytes;
	atomic_uint_fast64_t bytes;   /* on disk, as far as is known */
	atomic_uint_fast64_t written; /* blobs */
	atomic_uint_fast64_t removed; /* those that were damaged, or none of ours */
	atomic_uint_fast64_t evicted;
	atomic_uint_fast64_t new_bytes;  /* written since they were counted */
	atomic_uint_fast64_t checked_ns; /* monotonic: when free space was looked at */
	atomic_bool is_short;            /* then there was too little of it */
};

/* The path of a blob below the cache directory. Threads: pure. */
void blobs_path(const struct digest *digest, char path[static 128]);

/* Whether the name in BLOBS_DIRECTORY is that of a blob. Threads: pure. */
bool blobs_name_parse(const char *name, struct digest *ret_digest);

/* What a blob of that many bytes takes of the disk, in blocks of 4 KiB. Threads: pure. */
uint64_t blobs_disk_bytes(uint64_t size);

/* Answers 0 with the bytes, a new reference; -ENOENT, also for what was removed; or -errno. */
int blobs_read(struct blobs *blobs, const struct digest *digest, struct bytes **ret_bytes);

/* Keeps the bytes, if they hash to the digest (those of a signed manifest of schema 1 do not).
 * Answers 0 or -errno. */
int blobs_write(struct blobs *blobs, const struct digest *digest, const struct bytes *bytes);

/* Before something else is written in the directory: 0, or -ENOSPC where there is too little space.
 * And after it, with what came of it: then blobs are to go. */
int blobs_ask_for_space(struct blobs *blobs);
void blobs_note_error(struct blobs *blobs, int error);

/* How much may be there, from what is there and what is free. */
uint64_t blobs_limit(struct blobs *blobs);

/* Reads and hashes one. Answers 0, 1 when it is damaged, or -errno. */
int blobs_check(struct folder *folder, const struct digest *digest);

#endif
