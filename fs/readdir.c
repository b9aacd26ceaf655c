/* READDIR and READDIRPLUS: what has arrived is sent; at its end the request waits for more, since
 * the kernel would remember an empty reply as the end.
 */
#include "fs/inodes.h"
#include "fs/mount.h"
#include "fs/operations.h"
#include "fs/readdir_parts.h"
#include "fs/reply.h"
#include "fs/walkers.h"

#include <errno.h>

/* Adds part after part until one does not get done. */
static enum part add_parts(struct reply_names *names, const part_fn *parts)
{
	enum part part = PART_DONE;

	for (; *parts && part == PART_DONE; parts++)
		part = (*parts)(names);
	return part;
}

static enum step reply_names(struct reply_names *names, enum part part)
{
	struct request *request = names->request;
	/* The two dots alone are not worth a reply while more is to come or to fail. */
	bool has_news = names->used && !(request->offset < OFFSET_DOTDOT && !names->has_role);

	switch (part) {
	case PART_DONE:
		/* readdir(3) takes ENOENT for the end of the directory: it would look empty. */
		if (!names->has_role && request->offset < OFFSET_DOTDOT)
			return reply_error(request, names->was_denied ? EACCES : ESTALE);
		break;
	case PART_FULL:
		break;
	case PART_WAIT:
		if (!has_news)
			return STEP_WAIT;
		break;
	case PART_FAILED:
		if (!has_news)
			return reply_status(request, names->status);
		break;
	}
	return reply_names_send(names);
}

/* Notes whether the kernel's copy has the names of the role that is not in the nature of the
 * inode. Those of an image come first, those of the others behind the files. */
static void note_roles(const struct reply_names *names, enum part part)
{
	const struct request *request = names->request;
	struct inodes *inodes = request->mount->inodes;

	if (request->inode->kind == INODE_IMAGE) {
		if (request->offset == 0 || names->has_others)
			inodes_read_as(inodes, request->inode, names->has_others);
	} else if (request->offset == 0 && part != PART_WAIT && part != PART_FAILED) {
		inodes_read_as(inodes, request->inode, names->has_image);
	}
}

static void note_reader(const struct request *request)
{
	struct walkers *walkers = request->mount->walkers;

	if (request->inode->kind == INODE_IMAGE) {
		if (walkers_enter(walkers, request->caller, request->asker.start_ns))
			inodes_note_walk(request->mount->inodes, request->inode,
			                 request->asker.start_ns);
	} else if (request->inode->kind == INODE_DIRECTORY ||
	           request->inode->kind == INODE_REGISTRY) {
		walkers_list(walkers, request->caller, request->inode->registry,
		             request->inode->path, request->asker.start_ns);
	}
}

static enum step read_directory(struct request *request, bool is_plus)
{
	const part_fn *parts = readdir_parts(request->inode->kind);
	struct reply_names names;
	enum part part;
	enum step step;

	if (!parts)
		return reply_error(request, ENOTDIR);
	if (reply_names_init(&names, request, is_plus) < 0)
		return reply_error(request, ENOMEM);
	if (request->offset == 0)
		inodes_reading(request->mount->inodes, request->inode);
	if (!request->asker.may_wait)
		note_reader(request);
	part = add_parts(&names, parts);
	note_roles(&names, part);
	step = reply_names(&names, part);
	reply_names_deinit(&names);
	return step;
}

enum step operation_readdir(struct request *request)
{
	return read_directory(request, false);
}

enum step operation_readdirplus(struct request *request)
{
	return read_directory(request, true);
}
