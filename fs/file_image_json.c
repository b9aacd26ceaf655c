/* image.json: the image as it was last told of. Its text is a function of that, and made again
 * whenever it is read. */
#include "base/bytes.h"
#include "base/cleanup.h"
#include "fs/file_kind.h"
#include "fs/generated.h"
#include "fs/mount.h"

static enum cache_answer look_up(struct request *request, const struct path_parts *parts,
                                 struct image *image, struct file_facts *facts,
                                 enum status *ret_status)
{
	const struct mount *mount = request->mount;

	(void)parts;
	if (generated_image_json_identify(image, request->inode->number, &facts->digest,
	                                  &facts->size) < 0) {
		*ret_status = STATUS_NO_MEMORY;
		return CACHE_FAILED;
	}
	facts->until_ns = clock_monotonic_ns(mount->clock) + mount->options->cache.ttl_ns;
	return CACHE_FOUND;
}

static bool tell(struct request *request, const struct path_parts *parts, struct image *image,
                 struct file_facts *facts)
{
	enum status status;

	return look_up(request, parts, image, facts, &status) == CACHE_FOUND;
}

/* The text that it was looked up with: of the same inode every image has the same. */
static enum cache_answer get(struct request *request, struct bytes **ret_bytes,
                             enum status *ret_status)
{
	CLEANUP(unref_image)
	struct image *image = inodes_image(request->mount->inodes, request->inode);

	*ret_bytes = generated_image_json(image);
	*ret_status = STATUS_NO_MEMORY; /* unless there are bytes */
	return *ret_bytes ? CACHE_FOUND : CACHE_FAILED;
}

const struct file_kind file_image_json = {
        .name = "image.json",
        .inode = INODE_FILE,
        .lifetime = FILE_LISTING,
        .number = FILE_NUMBER_IMAGE_JSON,
        .look_up = look_up,
        .tell = tell,
        .get = get,
};
