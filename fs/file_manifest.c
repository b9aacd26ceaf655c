/* manifest.json: the exact bytes of the manifest. */
#include "base/bytes.h"
#include "fs/image_files.h"
#include "fs/manifest_reader.h"
#include "fs/mount.h"

/* At once, whether or not its size is known: the kernel holds up, unkillable, all other look-ups of
 * a name until the first one returns. */
static enum cache_answer look_up(struct request *request, const struct path_parts *parts,
                                 struct image *image, struct file_facts *facts,
                                 enum status *ret_status)
{
	(void)facts;
	(void)ret_status;
	image_file_meet(request, parts, &image->digest);
	return CACHE_FOUND;
}

static bool tell(struct request *request, const struct path_parts *parts, struct image *image,
                 struct file_facts *facts)
{
	return cache_tell_manifest_size(request->mount->cache, request->inode->registry,
	                                parts->repository, image_listing(request->inode, parts),
	                                parts->image, &image->digest, &facts->size);
}

static bool size(struct mount *mount, const struct inode *inode, size_t *ret_size)
{
	return cache_manifest_size(mount->cache, inode->registry, inode->path, &inode->digest,
	                           ret_size);
}

static enum cache_answer get(struct request *request, struct bytes **ret_bytes,
                             enum status *ret_status)
{
	enum cache_answer answer = manifest_read(request, request->inode->path,
	                                         &request->inode->digest, ret_bytes, ret_status);

	if (answer == CACHE_FOUND)
		inodes_set_size(request->mount->inodes, request->inode, (*ret_bytes)->size);
	return answer;
}

static enum cache_answer measure(struct request *request, enum status *ret_status)
{
	return manifest_read(request, request->inode->path, &request->inode->digest, NULL,
	                     ret_status);
}

const struct file_kind file_manifest = {
        .name = "manifest.json",
        .inode = INODE_FILE,
        .lifetime = FILE_IMMUTABLE,
        .number = FILE_NUMBER_MANIFEST,
        .is_shared = true,
        .is_pulled = true,
        .look_up = look_up,
        .tell = tell,
        .size = size,
        .measure = measure,
        .get = get,
};
