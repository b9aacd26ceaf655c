/* Entries of a directory, as the kernel wants them. */
#include "fs/readdir_reply.h"
#include "fs/attributes.h"
#include "fs/mount.h"
#include "fs/reply.h"

#include <errno.h>
#include <stdlib.h>

/* The least that an entry of READDIRPLUS takes: struct fuse_entry_out and struct fuse_dirent. */
#define ENTRY_PLUS_MIN 128

/* Room for the files of an image, and for any one name: the kernel makes room for 32 KiB. */
#define FIRST_BYTES 1024

/* Room for so many bytes in all. Answers 0 or -ENOMEM, with what there was. */
static int resize(struct reply_names *names, size_t size)
{
	char *buffer = realloc(names->buffer, size);
	uint64_t *nodes = NULL;

	if (!buffer)
		return -ENOMEM;
	names->buffer = buffer;
	if (names->is_plus) {
		nodes = realloc(names->nodes, (size / ENTRY_PLUS_MIN + 1) * sizeof(*nodes));
		if (!nodes)
			return -ENOMEM;
		names->nodes = nodes;
	}
	names->size = size;
	return 0;
}

int reply_names_init(struct reply_names *names, struct request *request, bool is_plus)
{
	*names = (struct reply_names){.request = request, .is_plus = is_plus};
	if (resize(names, request->size < FIRST_BYTES ? request->size : FIRST_BYTES) == 0)
		return 0;
	reply_names_deinit(names);
	return -ENOMEM;
}

/* Whether an entry of so many bytes fits; makes room for it. Without memory for that, the reply is
 * full. */
static bool fits(struct reply_names *names, size_t needed)
{
	size_t most = names->request->size;

	if (needed > names->size - names->used && names->size < most)
		(void)resize(names, most);
	return needed <= names->size - names->used;
}

/* The kernel does not get to know of these lookups. */
static void forget_nodes(struct reply_names *names)
{
	while (names->n_nodes)
		inodes_forget(names->request->mount->inodes, names->nodes[--names->n_nodes], 1);
}

void reply_names_deinit(struct reply_names *names)
{
	if (names->nodes)
		forget_nodes(names);
	free(names->nodes);
	free(names->buffer);
}

/* An entry whose `ino` is 0 is a name alone. */
static bool add_plus(struct reply_names *names, const char *name,
                     const struct fuse_entry_param *entry, off_t next)
{
	fuse_req_t fuse = names->request->fuse;
	size_t needed = fuse_add_direntry_plus(fuse, NULL, 0, name, entry, next);

	if (!fits(names, needed))
		return false;
	fuse_add_direntry_plus(fuse, names->buffer + names->used, needed, name, entry, next);
	names->used += needed;
	return true;
}

bool reply_names_add(struct reply_names *names, const char *name, uint64_t number, mode_t type,
                     off_t next)
{
	struct fuse_entry_param entry = {.attr = {.st_ino = number, .st_mode = type}};
	fuse_req_t fuse = names->request->fuse;
	size_t needed;

	if (names->is_plus)
		return add_plus(names, name, &entry, next);
	needed = fuse_add_direntry(fuse, NULL, 0, name, &entry.attr, next);
	if (!fits(names, needed))
		return false;
	fuse_add_direntry(fuse, names->buffer + names->used, needed, name, &entry.attr, next);
	names->used += needed;
	return true;
}

/* Without a lookup: one that is held has its own number, not that of the listing. */
static bool add_name_of(struct reply_names *names, const char *name,
                        const struct shown_inode *shown, off_t next)
{
	uint64_t number =
	        inodes_number(names->request->mount->inodes, &shown->identity, shown->number);

	return reply_names_add(names, name, number, shown->type, next);
}

/* Whether it may be told at once what the name is. */
static bool is_good(const struct reply_names *names, const struct shown_inode *shown)
{
	return names->is_plus && shown->until_ns > clock_monotonic_ns(names->request->mount->clock);
}

bool reply_names_add_inode(struct reply_names *names, const char *name,
                           const struct shown_inode *shown, off_t next)
{
	struct request *request = names->request;
	struct mount *mount = request->mount;
	struct fuse_entry_param entry = {.ino = 0};
	struct inode *inode;

	if (!is_good(names, shown) ||
	    inodes_lookup(mount->inodes, &shown->identity, shown->number, request->inode->number,
	                  &shown->content, &inode) < 0)
		return add_name_of(names, name, shown, next);
	attributes_fill_entry(mount, inode, shown->until_ns, &entry);
	if (!add_plus(names, name, &entry, next)) {
		inodes_forget(mount->inodes, entry.ino, 1);
		return false;
	}
	names->nodes[names->n_nodes++] = entry.ino;
	return true;
}

enum step reply_names_send(struct reply_names *names)
{
	struct request *request = names->request;

	request_claim(request);
	if (fuse_reply_buf(request->fuse, names->buffer, names->used) == 0)
		names->n_nodes = 0; /* they are the kernel's now */
	return STEP_ANSWERED;
}
