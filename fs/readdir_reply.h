/* The reply to READDIR and READDIRPLUS while it is put together: entries one behind the other.
 *
 * READDIRPLUS also tells what each name is, which counts as a lookup. Only names that are good for
 * a while are told so; of the others the kernel gets the name alone, as in READDIR, and asks when
 * somebody looks.
 *
 * Threads: as the request.
 */
#ifndef ECRFS_FS_READDIR_REPLY_H
#define ECRFS_FS_READDIR_REPLY_H

#include "base/status.h"
#include "fs/inodes.h"
#include "fs/request.h"

#include <sys/stat.h>

struct reply_names {
	struct request *request;
	char *buffer;
	size_t used, size; /* of the buffer; it grows to request->size */
	uint64_t *nodes;   /* READDIRPLUS: those that have been looked up */
	size_t n_nodes;
	bool is_plus;
	bool has_role;   /* the directory is still something */
	bool has_image;  /* and that is an image, among others */
	bool has_others; /* and that is a namespace or a repository */
	bool was_denied; /* a role could not be looked at */
	bool is_full;
	enum status status;
};

/* What is behind a name. */
struct shown_inode {
	struct inode_identity identity;
	uint64_t number; /* of a new inode */
	struct inode_content content;
	uint64_t until_ns; /* monotonic: the name is good until then; 0: the name alone is told */
	mode_t type;
};

/* A reply of request->size bytes at most. Answers 0 or -ENOMEM. */
int reply_names_init(struct reply_names *names, struct request *request, bool is_plus);
void reply_names_deinit(struct reply_names *names);

/* Adds a name alone. `next` is the offset behind it. Answers false when it does not fit. */
bool reply_names_add(struct reply_names *names, const char *name, uint64_t number, mode_t type,
                     off_t next);

/* Adds a name with what is behind it. */
bool reply_names_add_inode(struct reply_names *names, const char *name,
                           const struct shown_inode *shown, off_t next);

/* Sends what was added. Answers STEP_ANSWERED. */
enum step reply_names_send(struct reply_names *names);

#endif
