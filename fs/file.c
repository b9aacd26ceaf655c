/* GETATTR, READ and READLINK. */
#include "base/bytes.h"
#include "cache/cache.h"
#include "fs/attributes.h"
#include "fs/file_kind.h"
#include "fs/inodes.h"
#include "fs/mount.h"
#include "fs/operations.h"
#include "fs/reply.h"

#include <errno.h>

/* ECR has no such bytes. Of an archived image that is so until somebody restores it. */
static enum step reply_no_bytes(struct request *request, int error)
{
	struct image *image = inodes_image(request->mount->inodes, request->inode);
	bool is_archived = image && image->state == IMAGE_ARCHIVED;

	image_unref(image);
	return reply_error(request, is_archived ? ENODATA : error);
}

enum step operation_getattr(struct request *request)
{
	struct inode *inode = request->inode;
	enum status status = STATUS_OK;
	struct stat attributes;
	double timeout_s;

	if (attributes_fill(request->mount, inode, &attributes, &timeout_s))
		return reply_attributes(request, &attributes, timeout_s);
	switch (inode->file->measure(request, &status)) {
	case CACHE_FOUND:
		attributes_fill(request->mount, inode, &attributes, &timeout_s);
		return reply_attributes(request, &attributes, timeout_s);
	case CACHE_ABSENT:
		return reply_no_bytes(request, ENOENT);
	case CACHE_FAILED:
		return reply_status(request, status);
	case CACHE_WAIT:
		break;
	}
	return STEP_WAIT;
}

static enum step reply_part(struct request *request, const struct bytes *bytes)
{
	size_t offset = (size_t)request->offset, left;

	if (request->offset < 0 || offset >= bytes->size)
		return reply_data(request, NULL, 0);
	left = bytes->size - offset;
	return reply_data(request, bytes->data + offset,
	                  left < request->size ? left : request->size);
}

/* The errno of the read that this one is part of, or 0. */
static int failed_just_now(const struct request *request)
{
	if (request->asker.may_wait)
		return 0;
	return failed_reads_take(&request->mount->failed_reads, request->caller,
	                         request->inode->number, request->asker.start_ns);
}

static enum step read_file(struct request *request)
{
	struct bytes *bytes = NULL;
	enum status status = STATUS_OK;
	enum step step;
	int error = failed_just_now(request);

	if (error)
		return reply_error(request, error);
	switch (request->inode->file->get(request, &bytes, &status)) {
	case CACHE_FOUND:
		step = reply_part(request, bytes);
		bytes_unref(bytes);
		return step;
	case CACHE_ABSENT: /* the image is gone from the repository, and its bytes from here */
		return reply_no_bytes(request, ESTALE);
	case CACHE_FAILED:
		return reply_status(request, status);
	case CACHE_WAIT:
		break;
	}
	return STEP_WAIT;
}

static enum step read_live(struct request *request)
{
	struct bytes *bytes = inodes_bytes(request->inode);
	enum step step = reply_part(request, bytes);

	bytes_unref(bytes);
	return step;
}

enum step operation_read(struct request *request)
{
	switch (request->inode->kind) {
	case INODE_FILE:
		return read_file(request);
	case INODE_LIVE:
		return read_live(request);
	case INODE_ROOT:
	case INODE_OWN:
	case INODE_REGISTRY:
	case INODE_DIRECTORY:
	case INODE_IMAGE:
	case INODE_DIGESTS:
	case INODE_UNTAGGED:
	case INODE_LINKS:
	case INODE_LINK:
		break;
	}
	return reply_error(request, EISDIR);
}

enum step operation_readlink(struct request *request)
{
	if (request->inode->kind != INODE_LINK)
		return reply_error(request, EINVAL);
	return reply_target(request, request->inode->path);
}
