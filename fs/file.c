/* GETATTR and READ. */
#include "base/bytes.h"
#include "cache/cache.h"
#include "fs/attributes.h"
#include "fs/inodes.h"
#include "fs/mount.h"
#include "fs/operations.h"
#include "fs/reply.h"

#include <errno.h>

/* The manifest's bytes, whose size is remembered with the inode from then on. */
static enum cache_answer get_manifest(struct request *request, struct bytes **ret_bytes,
                                      enum status *ret_status)
{
	struct mount *mount = request->mount;
	const struct inode_identity *identity = &request->inode->identity;
	enum cache_answer answer =
	        cache_get_manifest(mount->cache, identity->registry, identity->path,
	                           &identity->digest, &request->asker, ret_bytes, ret_status);

	if (answer == CACHE_FOUND)
		inodes_set_size(mount->inodes, request->inode, (*ret_bytes)->size);
	return answer;
}

enum step operation_getattr(struct request *request)
{
	struct bytes *bytes = NULL;
	enum cache_answer answer;
	enum status status = STATUS_OK;
	struct stat attributes;
	double timeout_s;

	if (attributes_fill(request->mount, request->inode, &attributes, &timeout_s))
		return reply_attributes(request, &attributes, timeout_s);
	answer = get_manifest(request, &bytes, &status);
	bytes_unref(bytes);
	switch (answer) {
	case CACHE_FOUND:
		attributes_fill(request->mount, request->inode, &attributes, &timeout_s);
		return reply_attributes(request, &attributes, timeout_s);
	case CACHE_ABSENT:
		return reply_error(request, ENOENT);
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

enum step operation_read(struct request *request)
{
	struct bytes *bytes = NULL;
	enum status status = STATUS_OK;
	enum step step;

	if (request->inode->identity.kind != INODE_MANIFEST)
		return reply_error(request, EISDIR);
	switch (get_manifest(request, &bytes, &status)) {
	case CACHE_FOUND:
		step = reply_part(request, bytes);
		bytes_unref(bytes);
		return step;
	case CACHE_ABSENT: /* the image is gone from the repository, and its bytes from here */
		return reply_error(request, ESTALE);
	case CACHE_FAILED:
		return reply_status(request, status);
	case CACHE_WAIT:
		break;
	}
	return STEP_WAIT;
}
