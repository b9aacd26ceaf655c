/* GETATTR, READ and READLINK. */
#include "base/bytes.h"
#include "base/cleanup.h"
#include "cache/cache.h"
#include "fs/attributes.h"
#include "fs/caller.h"
#include "fs/generated.h"
#include "fs/inodes.h"
#include "fs/mount.h"
#include "fs/operations.h"
#include "fs/reply.h"
#include "fs/walkers.h"

#include <errno.h>

/* What the cache wants to know of one for whom it may have to ask. */
static void look_at_reader(struct request *request)
{
	struct asker *asker = &request->asker;

	if (!asker->may_wait || asker->answers)
		return;
	asker->walked = walkers_count(request->mount->walkers, request->caller, asker->start_ns);
	asker->may_be_cut_off = caller_may_be_cut_off(request->caller);
}

/* The manifest's bytes, whose size is remembered with the inode from then on. `ret_bytes` may be
 * NULL: then the size will do. */
static enum cache_answer get_manifest(struct request *request, struct bytes **ret_bytes,
                                      enum status *ret_status)
{
	struct mount *mount = request->mount;
	const struct inode *inode = request->inode;
	enum cache_answer answer;

	look_at_reader(request);
	answer = cache_get_manifest(mount->cache, inode->registry, inode->path, &inode->digest,
	                            &request->asker, ret_bytes, ret_status);

	if (answer == CACHE_FOUND && ret_bytes)
		inodes_set_size(mount->inodes, request->inode, (*ret_bytes)->size);
	return answer;
}

/* ECR has no such manifest. Of an archived image that is so until somebody restores it. */
static enum step reply_no_manifest(struct request *request, int error)
{
	struct image *image = inodes_image(request->mount->inodes, request->inode);
	bool is_archived = image && image->state == IMAGE_ARCHIVED;

	image_unref(image);
	return reply_error(request, is_archived ? ENODATA : error);
}

enum step operation_getattr(struct request *request)
{
	enum status status = STATUS_OK;
	struct stat attributes;
	double timeout_s;

	if (attributes_fill(request->mount, request->inode, &attributes, &timeout_s))
		return reply_attributes(request, &attributes, timeout_s);
	switch (get_manifest(request, NULL, &status)) {
	case CACHE_FOUND:
		attributes_fill(request->mount, request->inode, &attributes, &timeout_s);
		return reply_attributes(request, &attributes, timeout_s);
	case CACHE_ABSENT:
		return reply_no_manifest(request, ENOENT);
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

static enum step read_manifest(struct request *request)
{
	struct bytes *bytes = NULL;
	enum status status = STATUS_OK;
	enum step step;

	switch (get_manifest(request, &bytes, &status)) {
	case CACHE_FOUND:
		step = reply_part(request, bytes);
		bytes_unref(bytes);
		return step;
	case CACHE_ABSENT: /* the image is gone from the repository, and its bytes from here */
		return reply_no_manifest(request, ESTALE);
	case CACHE_FAILED:
		return reply_status(request, status);
	case CACHE_WAIT:
		break;
	}
	return STEP_WAIT;
}

/* Answers the bytes, which are the caller's; NULL when out of memory. */
static enum step read_generated(struct request *request, struct bytes *bytes)
{
	enum step step;

	if (!bytes)
		return reply_error(request, ENOMEM);
	step = reply_part(request, bytes);
	bytes_unref(bytes);
	return step;
}

/* The text that it was looked up with: of the same inode every image has the same. */
static enum step read_image_json(struct request *request)
{
	CLEANUP(unref_image)
	struct image *image = inodes_image(request->mount->inodes, request->inode);

	return read_generated(request, generated_image_json(image));
}

enum step operation_read(struct request *request)
{
	switch (request->inode->kind) {
	case INODE_MANIFEST:
		return read_manifest(request);
	case INODE_DIGEST:
		return read_generated(request, generated_digest(&request->inode->digest));
	case INODE_IMAGE_JSON:
		return read_image_json(request);
	case INODE_LIVE:
		return read_generated(request, inodes_bytes(request->inode));
	case INODE_ROOT:
	case INODE_OWN:
	case INODE_REGISTRY:
	case INODE_DIRECTORY:
	case INODE_IMAGE:
	case INODE_DIGESTS:
	case INODE_UNTAGGED:
	case INODE_PLATFORMS:
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
