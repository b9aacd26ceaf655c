/* Replies. */
#include "fs/reply.h"
#include "fs/attributes.h"
#include "fs/inodes.h"
#include "fs/mount.h"

#include <errno.h>

int reply_errno_of(enum status status)
{
	switch (status) {
	case STATUS_OK:
		return 0;
	case STATUS_ABSENT:
		return ENOENT;
	case STATUS_DENIED:
		return EACCES;
	case STATUS_NO_CREDENTIALS:
		return ENOKEY;
	case STATUS_CREDENTIALS_EXPIRED:
		return EKEYEXPIRED;
	case STATUS_CREDENTIALS_REJECTED:
		return EKEYREJECTED;
	case STATUS_THROTTLED:
		return EBUSY;
	case STATUS_TIMED_OUT:
		return ETIMEDOUT;
	case STATUS_UNRESOLVED:
		return EHOSTUNREACH;
	case STATUS_REFUSED:
		return ECONNREFUSED;
	case STATUS_PROTOCOL:
		return EPROTO;
	case STATUS_WRONG_BYTES:
		return EBADMSG;
	case STATUS_NOT_PULLED:
		return EPERM;
	case STATUS_ARCHIVED:
		return ENODATA;
	case STATUS_UNSUPPORTED:
		return EOPNOTSUPP;
	case STATUS_NO_MEMORY:
		return ENOMEM;
	case STATUS_NO_DESCRIPTORS:
		return ENFILE; /* EMFILE would be said of the program that reads */
	case STATUS_SERVER_ERROR:
	case STATUS_MISCONFIGURED:
		return EIO;
	}
	return EIO;
}

/* libfuse's replies fail only when the kernel has no use for them any more: the request was aborted
 * or the filesystem is gone. */
enum step reply_error(struct request *request, int error)
{
	struct mount *mount = request->mount;

	if (request->kind == REQUEST_READ && request->asker.may_wait)
		failed_reads_add(&mount->failed_reads, request->caller, request->inode->number,
		                 error, clock_monotonic_ns(mount->clock));
	request_claim(request);
	fuse_reply_err(request->fuse, error);
	return STEP_ANSWERED;
}

enum step reply_status(struct request *request, enum status status)
{
	return reply_error(request, reply_errno_of(status));
}

enum step reply_attributes(struct request *request, const struct stat *attributes, double timeout_s)
{
	request_claim(request);
	fuse_reply_attr(request->fuse, attributes, timeout_s);
	return STEP_ANSWERED;
}

enum step reply_data(struct request *request, const void *data, size_t size)
{
	request_claim(request);
	fuse_reply_buf(request->fuse, data, size);
	return STEP_ANSWERED;
}

enum step reply_ioctl(struct request *request, const void *data, size_t size)
{
	request_claim(request);
	fuse_reply_ioctl(request->fuse, 0, data, size);
	return STEP_ANSWERED;
}

enum step reply_target(struct request *request, const char *target)
{
	request_claim(request);
	fuse_reply_readlink(request->fuse, target);
	return STEP_ANSWERED;
}

enum step reply_xattr_size(struct request *request, size_t size)
{
	request_claim(request);
	fuse_reply_xattr(request->fuse, size);
	return STEP_ANSWERED;
}

enum step reply_inode(struct request *request, const struct inode_identity *identity,
                      uint64_t number, const struct inode_content *content, uint64_t until_ns)
{
	struct inodes *inodes = request->mount->inodes;
	struct fuse_entry_param entry;
	struct inode *inode;

	if (inodes_lookup(inodes, identity, number, request->inode->number, content, &inode) < 0)
		return reply_error(request, ENOMEM);
	attributes_fill_entry(request->mount, inode, until_ns, &entry);
	request_claim(request);
	if (fuse_reply_entry(request->fuse, &entry) < 0)
		inodes_forget(inodes, entry.ino, 1);
	return STEP_ANSWERED;
}

/* Which the kernel remembers for so long. */
static enum step reply_absent(struct request *request, double timeout_s)
{
	struct fuse_entry_param nothing = {.ino = 0, .entry_timeout = timeout_s};

	request_claim(request);
	fuse_reply_entry(request->fuse, &nothing);
	return STEP_ANSWERED;
}

enum step reply_never(struct request *request)
{
	return reply_absent(request, (double)(NS_FOREVER / NS_PER_S));
}

enum step reply_no_name(struct request *request)
{
	uint64_t until_ns =
	        request->asker.start_ns + request->mount->options->cache.negative_ttl_ns;

	if (!request->asker.answers)
		return reply_absent(request, 0);
	return reply_absent(request, attributes_seconds_until(request->mount, until_ns));
}

enum step reply_not_found(struct request *request, enum cache_answer answer, enum status status)
{
	switch (answer) {
	case CACHE_WAIT:
		return STEP_WAIT;
	case CACHE_FAILED:
		return reply_status(request, status);
	case CACHE_FOUND:
	case CACHE_ABSENT:
		break;
	}
	return reply_no_name(request);
}
