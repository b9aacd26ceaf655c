/* scan.json: what DescribeImageScanFindings answers of the image. */
#include "base/cleanup.h"
#include "fs/document_file.h"
#include "fs/mount.h"

static enum cache_answer look_up(struct request *request, const struct path_parts *parts,
                                 struct image *image, struct file_facts *facts,
                                 enum status *ret_status)
{
	struct document_id id = {.kind = DOCUMENT_SCAN, .digest = image->digest};

	return document_file_look_up(request, parts->repository, &id, facts, ret_status);
}

static enum cache_answer get(struct request *request, struct bytes **ret_bytes,
                             enum status *ret_status)
{
	CLEANUP(unref_image)
	struct image *image = inodes_image(request->mount->inodes, request->inode);
	struct document_id id = {.kind = DOCUMENT_SCAN};

	if (!image)
		return CACHE_ABSENT;
	id.digest = image->digest;
	return document_file_get(request, request->inode->path, &id, ret_bytes, ret_status);
}

const struct file_kind file_scan = {
        .name = "scan.json",
        .inode = INODE_FILE,
        .lifetime = FILE_LISTING,
        .number = FILE_NUMBER_SCAN,
        .show = SHOW_SCAN,
        .is_shared = true,
        .look_up = look_up,
        .get = get,
};
