/* Reading an index. */
#include "fs/index.h"
#include "base/bytes.h"
#include "fs/inodes.h"
#include "fs/media_type.h"
#include "fs/mount.h"
#include "fs/path.h"

#include <errno.h>

/* More children than any index has; one made to be slow stays harmless. */
#define CHILDREN_MAX 512

bool index_may_be(const struct image *image)
{
	const char *media_type = image_media_type(image);

	return !media_type || media_type_kind(media_type) == MEDIA_TYPE_INDEX;
}

enum cache_answer index_read(struct request *request, struct json_platforms *ret_platforms,
                             enum status *ret_status)
{
	const struct inode *inode = request->inode;
	struct bytes *bytes = NULL;
	struct path_parts parts;
	enum cache_answer answer;
	int r;

	*ret_platforms = (struct json_platforms){0};
	if (!path_split(inode->path, &parts))
		return CACHE_ABSENT;
	answer = cache_get_manifest(request->mount->cache, inode->registry, parts.repository,
	                            &inode->digest, &request->asker, &bytes, ret_status);
	if (answer != CACHE_FOUND)
		return answer;
	r = json_index_read(bytes->data, bytes->size, ret_platforms);
	bytes_unref(bytes);
	if (r == -ENOMEM) {
		*ret_status = STATUS_NO_MEMORY;
		return CACHE_FAILED;
	}
	if (ret_platforms->n > CHILDREN_MAX)
		ret_platforms->n = CHILDREN_MAX;
	return CACHE_FOUND;
}
