/* Reading an index. */
#include "fs/index.h"
#include "base/bytes.h"
#include "fs/inodes.h"
#include "fs/media_type.h"
#include "fs/mount.h"
#include "fs/path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* More children than any index has; one made to be slow stays harmless. */
#define CHILDREN_MAX 512

bool index_may_be(const struct image *image)
{
	const char *media_type = image_media_type(image);

	return !media_type || media_type_kind(media_type) == MEDIA_TYPE_INDEX;
}

static bool have_same_name(const struct platform *a, const struct platform *b)
{
	const char *va = a->variant ? a->variant : "", *vb = b->variant ? b->variant : "";

	return strcmp(a->os, b->os) == 0 && strcmp(a->architecture, b->architecture) == 0 &&
	       strcmp(va, vb) == 0;
}

bool index_platform_name(const struct json_platforms *platforms, size_t i,
                         char name[static INDEX_NAME_SIZE])
{
	const struct platform *platform = &platforms->platforms[i];
	const char *version = NULL;
	int length;

	for (size_t j = 0; j < i && !version; j++)
		if (have_same_name(platform, &platforms->platforms[j]))
			version = platform->os_version ? platform->os_version : "";
	length = snprintf(name, INDEX_NAME_SIZE, "%s-%s%s%s%s%s", platform->os,
	                  platform->architecture, platform->variant ? "-" : "",
	                  platform->variant ? platform->variant : "", version ? "-" : "",
	                  version ? version : "");
	return length > 0 && length < INDEX_NAME_SIZE && name_is_tag(name) &&
	       !(version && !version[0]);
}

/* The manifest of the index that the directory of links belongs to. */
static enum cache_answer read_manifest(struct request *request, struct bytes **ret_bytes,
                                       enum status *ret_status)
{
	const struct inode *inode = request->inode;
	struct path_parts parts;

	if (!path_split(inode->path, &parts))
		return CACHE_ABSENT;
	return cache_get_manifest(request->mount->cache, inode->registry, parts.repository,
	                          &inode->digest, &request->asker, ret_bytes, ret_status);
}

/* What came of reading it: no index has no children. */
static enum cache_answer conclude(int r, size_t *n, enum status *ret_status)
{
	if (r == -ENOMEM) {
		*ret_status = STATUS_NO_MEMORY;
		return CACHE_FAILED;
	}
	if (*n > CHILDREN_MAX)
		*n = CHILDREN_MAX;
	return CACHE_FOUND;
}

enum cache_answer index_read(struct request *request, struct json_platforms *ret_platforms,
                             enum status *ret_status)
{
	struct bytes *bytes = NULL;
	enum cache_answer answer = read_manifest(request, &bytes, ret_status);
	int r;

	*ret_platforms = (struct json_platforms){0};
	if (answer != CACHE_FOUND)
		return answer;
	r = json_index_read(bytes->data, bytes->size, ret_platforms);
	bytes_unref(bytes);
	return conclude(r, &ret_platforms->n, ret_status);
}

enum cache_answer index_read_attestations(struct request *request, struct json_links *ret_links,
                                          enum status *ret_status)
{
	struct bytes *bytes = NULL;
	enum cache_answer answer = read_manifest(request, &bytes, ret_status);
	int r;

	*ret_links = (struct json_links){0};
	if (answer != CACHE_FOUND)
		return answer;
	r = json_links_read_attestations(bytes->data, bytes->size, ret_links);
	bytes_unref(bytes);
	return conclude(r, &ret_links->n, ret_status);
}
