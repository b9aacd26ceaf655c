/* digest: "sha256:<hex>" and a newline. */
#include "base/bytes.h"
#include "base/digest.h"
#include "fs/file_kind.h"

static bool size(struct mount *mount, const struct inode *inode, size_t *ret_size)
{
	(void)mount;
	(void)inode;
	*ret_size = DIGEST_TEXT_SIZE; /* a newline in the place of the NUL */
	return true;
}

static enum cache_answer get(struct request *request, struct bytes **ret_bytes,
                             enum status *ret_status)
{
	char text[DIGEST_TEXT_SIZE];

	digest_format(&request->inode->digest, text);
	text[DIGEST_TEXT_SIZE - 1] = '\n';
	*ret_bytes = bytes_new(text, sizeof(text));
	*ret_status = STATUS_NO_MEMORY; /* unless there are bytes */
	return *ret_bytes ? CACHE_FOUND : CACHE_FAILED;
}

const struct file_kind file_digest = {
        .name = "digest",
        .inode = INODE_FILE,
        .lifetime = FILE_IMMUTABLE,
        .number = FILE_NUMBER_DIGEST,
        .is_shared = true,
        .tell = file_tell_always,
        .size = size,
        .get = get,
};
