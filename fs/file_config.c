/* config.json: the configuration of the image, a blob that its manifest names. The manifest is read
 * for that, which is a pull; its descriptor tells the size before the blob is fetched. */
#include "base/bytes.h"
#include "ecr/config_descriptor.h"
#include "ecr/source.h"
#include "fs/image_files.h"
#include "fs/manifest_reader.h"
#include "fs/media_type.h"
#include "fs/mount.h"

#include <errno.h>

static bool may_be(const struct image *image)
{
	enum media_type_kind kind = media_type_kind(image_media_type(image));

	return kind == MEDIA_TYPE_IMAGE || kind == MEDIA_TYPE_OTHER;
}

/* What the manifest says of it. CACHE_ABSENT: nothing, or there is no manifest. */
static enum cache_answer find(struct request *request, const char *repository,
                              const struct digest *image, struct config_descriptor *ret_descriptor,
                              enum status *ret_status)
{
	struct bytes *bytes = NULL;
	enum cache_answer answer = manifest_read(request, repository, image, &bytes, ret_status);
	int r;

	if (answer != CACHE_FOUND)
		return answer;
	r = config_descriptor_read(bytes->data, bytes->size, ret_descriptor);
	bytes_unref(bytes);
	if (r == 0)
		return CACHE_FOUND;
	if (r == -ENOENT)
		return CACHE_ABSENT;
	*ret_status = r == -ENOMEM ? STATUS_NO_MEMORY : STATUS_PROTOCOL;
	return CACHE_FAILED;
}

/* An image manifest has a configuration: OCI and docker demand it. Of another one, and where nobody
 * has told what it is, the manifest itself must be seen. */
static enum cache_answer look_up(struct request *request, const struct path_parts *parts,
                                 struct image *image, struct file_facts *facts,
                                 enum status *ret_status)
{
	struct config_descriptor descriptor;
	enum cache_answer answer;

	image_file_meet(request, parts, &image->digest);
	if (media_type_kind(image_media_type(image)) == MEDIA_TYPE_IMAGE)
		return CACHE_FOUND;
	answer = find(request, parts->repository, &image->digest, &descriptor, ret_status);
	if (answer == CACHE_FOUND)
		facts->size = descriptor.size_bytes;
	return answer;
}

static enum cache_answer measure(struct request *request, enum status *ret_status)
{
	struct config_descriptor descriptor;
	enum cache_answer answer = find(request, request->inode->path, &request->inode->digest,
	                                &descriptor, ret_status);

	if (answer == CACHE_FOUND)
		inodes_set_size(request->mount->inodes, request->inode, descriptor.size_bytes);
	return answer;
}

static enum cache_answer get(struct request *request, struct bytes **ret_bytes,
                             enum status *ret_status)
{
	const struct inode *inode = request->inode;
	struct document_id id = {.kind = DOCUMENT_CONFIG};
	struct config_descriptor descriptor;
	struct cached_document document;
	enum cache_answer answer =
	        find(request, inode->path, &inode->digest, &descriptor, ret_status);

	if (answer != CACHE_FOUND)
		return answer;
	cache_meet_config(request->mount->cache, inode->registry, inode->path, &inode->digest);
	id.digest = descriptor.digest;
	id.size_bytes = descriptor.size_bytes;
	answer = cache_get_document(request->mount->cache, inode->registry, inode->path, &id,
	                            &request->asker, &document, ret_status);
	if (answer == CACHE_ABSENT) { /* not the image is gone, which would be a stale file */
		*ret_status = STATUS_ABSENT;
		return CACHE_FAILED;
	}
	if (answer != CACHE_FOUND)
		return answer;
	if (document.bytes->size != id.size_bytes) { /* it came by another manifest, which knew */
		bytes_unref(document.bytes);
		*ret_status = STATUS_WRONG_BYTES;
		return CACHE_FAILED;
	}
	*ret_bytes = document.bytes;
	return CACHE_FOUND;
}

const struct file_kind file_config = {
        .name = "config.json",
        .inode = INODE_FILE,
        .lifetime = FILE_IMMUTABLE,
        .number = FILE_NUMBER_CONFIG,
        .show = SHOW_CONFIG,
        .is_shared = true,
        .is_pulled = true,
        .may_be = may_be,
        .look_up = look_up,
        .measure = measure,
        .get = get,
};
