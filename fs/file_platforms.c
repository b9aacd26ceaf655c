/* platforms/ of an index: links to the images of its platforms. Looking into it needs the index,
 * which is a pull of it. */
#include "ecr/json_image.h"
#include "fs/file_kind.h"
#include "fs/index.h"

static enum cache_answer each(struct request *request, link_fn offer, void *arg,
                              enum status *ret_status)
{
	struct json_platforms platforms;
	enum cache_answer answer = index_read(request, &platforms, ret_status);
	char name[INDEX_NAME_SIZE];

	for (size_t i = 0; answer == CACHE_FOUND && i < platforms.n; i++)
		if (index_platform_name(&platforms, i, name) &&
		    !offer(arg, (unsigned)i, name, &platforms.platforms[i].digest))
			break;
	json_index_free(platforms.document);
	return answer;
}

const struct file_kind file_platforms = {
        .name = "platforms",
        .inode = INODE_LINKS,
        .lifetime = FILE_IMMUTABLE,
        .number = FILE_NUMBER_PLATFORMS,
        .show = SHOW_PLATFORMS,
        .may_be = index_may_be,
        .tell = file_tell_always,
        .each = each,
};
