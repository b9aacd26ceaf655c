/* Listings and answers of ECR in the cache directory: listings/<SHA-256 of the key>-<kind>.
 *
 * The key says of what and of whom a file is; it stands in the file, too, and is compared. What is
 * damaged, torn, not ours, of another version or of another key is a miss, removed and counted.
 * Whoever writes last wins, with a whole file.
 *
 * Where others may write to the directory nothing is kept or read: unlike a manifest, what a tag
 * stands for cannot be proved.
 *
 * Threads: disk, except where said.
 */
#ifndef ECRFS_STORE_TOLD_FILES_H
#define ECRFS_STORE_TOLD_FILES_H

#include "store/folder.h"
#include "store/listing_reader.h"
#include "store/listing_writer.h"

#include <stdatomic.h>

#define TOLD_DIRECTORY "listings"

/* A place, a source of credentials, and names. */
#define TOLD_KEY_SIZE 2560

/* What nobody has written for so long is of no use to anybody. */
#define TOLD_KEEP_S (30 * 24 * 3600)

struct blobs;

struct told_files {
	struct folder *folder;
	struct blobs *blobs; /* which make room; NULL: none */
	const struct clock *clock;
	atomic_uint_fast64_t n_read, n_written, n_damaged;
};

/* A file as it was read. */
struct told_file {
	struct folder_file file; /* which the reader borrows */
	struct listing_reader reader;
};

/* The path of a file below the cache directory. Answers 0 or -EIO. Threads: any. */
int told_files_path(enum listing_kind kind, const char *key, char path[static FOLDER_PATH_SIZE]);

/* Answers 0, -ENOENT, or -errno. */
int told_files_read(struct told_files *files, enum listing_kind kind, const char *key,
                    struct told_file *ret_file);
void told_file_deinit(struct told_file *file);

/* Ends the writer, and puts its file there. Answers 0 or -errno. */
int told_files_write(struct told_files *files, enum listing_kind kind, const char *key,
                     struct listing_writer *writer, uint64_t told_ns, unsigned pages);

int told_files_remove(struct told_files *files, enum listing_kind kind, const char *key);

/* Whether there is a file, whatever is in it. */
bool told_files_have(struct told_files *files, enum listing_kind kind, const char *key);

/* Adds answers by name to those that are there. `fresh` is a file of LISTING_ANSWERS, whose answers
 * take the place of older ones about the same. That something is absent or denied is kept only
 * where there is a listing, or an answer, that says otherwise; a repository that is absent takes
 * all that was told of it along. `listings`: the keys of its TAGS and DIGESTS are the same as
 * `key`. Answers 0 or -errno. */
int told_files_add(struct told_files *files, const char *key, struct listing_reader *fresh);

/* The kind of the file with that name in TOLD_DIRECTORY. Answers whether it is one of ours.
 * Threads: pure. */
bool told_files_name_parse(const char *name, enum listing_kind *ret_kind);

/* Whether the file at `path` is whole, and lies where its key belongs. Answers 0, 1 when it is
 * damaged, or -errno. */
int told_files_check(struct folder *folder, const char *path, enum listing_kind kind);

/* Takes off the next few files that are older than TOLD_KEEP_S. `names` is NULL at the start and
 * the end. Answers whether there are more. */
bool told_files_sweep(struct told_files *files, struct folder_names **names);

#endif
