/* Links from an index to its children. */
#include "fs/platforms.h"
#include "base/bytes.h"
#include "cache/cache.h"
#include "ecr/json_image.h"
#include "fs/image_files.h"
#include "fs/inodes.h"
#include "fs/mount.h"
#include "fs/path.h"
#include "fs/reply.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* More children than any index has; one made to be slow stays harmless. */
#define PLATFORMS_MAX 512

/* One for each directory above that an image can have, "../". */
#define TARGET_SIZE (3 * (PATH_SIZE / 2 + 2) + PATH_SIZE)

bool platforms_may_be(const struct image *image)
{
	static const char *const index_types[] = {
	        "application/vnd.oci.image.index.v1+json",
	        "application/vnd.docker.distribution.manifest.list.v2+json",
	};
	const char *media_type = image_media_type(image);

	if (!media_type)
		return true;
	for (size_t i = 0; i < sizeof(index_types) / sizeof(index_types[0]); i++)
		if (strcmp(media_type, index_types[i]) == 0)
			return true;
	return false;
}

static bool have_same_name(const struct platform *a, const struct platform *b)
{
	const char *va = a->variant ? a->variant : "", *vb = b->variant ? b->variant : "";

	return strcmp(a->os, b->os) == 0 && strcmp(a->architecture, b->architecture) == 0 &&
	       strcmp(va, vb) == 0;
}

/* <os>-<architecture>[-<variant>]; where an earlier one has that name, its version is added.
 * Answers false when no file can have the name. */
static bool make_name(const struct json_platforms *platforms, size_t i,
                      char name[static PLATFORM_NAME_SIZE])
{
	const struct platform *platform = &platforms->platforms[i];
	const char *version = NULL;
	int length;

	for (size_t j = 0; j < i && !version; j++)
		if (have_same_name(platform, &platforms->platforms[j]))
			version = platform->os_version ? platform->os_version : "";
	length = snprintf(name, PLATFORM_NAME_SIZE, "%s-%s%s%s%s%s", platform->os,
	                  platform->architecture, platform->variant ? "-" : "",
	                  platform->variant ? platform->variant : "", version ? "-" : "",
	                  version ? version : "");
	return length > 0 && length < PLATFORM_NAME_SIZE && name_is_tag(name) &&
	       !(version && !version[0]);
}

/* The children of the index. CACHE_FOUND: `ret_platforms` are the caller's; none when it is no
 * index after all. */
static enum cache_answer read_index(struct request *request, struct json_platforms *ret_platforms,
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
	if (ret_platforms->n > PLATFORMS_MAX)
		ret_platforms->n = PLATFORMS_MAX;
	return CACHE_FOUND;
}

enum cache_answer platforms_list(struct request *request, platforms_add_fn add, void *arg,
                                 enum status *ret_status)
{
	struct json_platforms platforms;
	enum cache_answer answer = read_index(request, &platforms, ret_status);
	char name[PLATFORM_NAME_SIZE];

	for (size_t i = 0; answer == CACHE_FOUND && i < platforms.n; i++)
		if (make_name(&platforms, i, name) && !add(arg, (unsigned)i, name))
			break;
	json_index_free(platforms.document);
	return answer;
}

/* The repository's directory may be out of reach, where a file of an image has its name; the other
 * form of a reference is not. */
static char separator(const char *repository)
{
	const char *slash = strrchr(repository, '/');

	return slash && image_file_find(slash + 1) ? '@' : '/';
}

/* Up to the registry, whichever path led here, and down to the child by its digest. */
static void make_target(const char *image_path, const struct digest *digest,
                        char target[static TARGET_SIZE])
{
	char text[DIGEST_TEXT_SIZE];
	struct path_parts parts;
	char *at = target;

	digest_format(digest, text);
	path_split(image_path, &parts); /* it led here */
	at = stpcpy(at, "../");         /* out of the image */
	for (const char *c = image_path; *c; c++)
		if (*c == '/')
			at = stpcpy(at, "../");
	at = stpcpy(at, "../");
	snprintf(at, PATH_SIZE, "%s%c%s", parts.repository, separator(parts.repository), text);
}

static enum step reply_link(struct request *request, const struct digest *digest)
{
	char target[TARGET_SIZE];
	struct inode_identity identity = {.kind = INODE_LINK, .path = target};
	struct inode_content content = {0};

	make_target(request->inode->path, digest, target);
	return reply_inode(request, &identity, 0, &content, NS_FOREVER);
}

enum step platforms_lookup(struct request *request)
{
	struct json_platforms platforms;
	enum status status = STATUS_OK;
	enum cache_answer answer = read_index(request, &platforms, &status);
	const struct platform *found = NULL;
	char name[PLATFORM_NAME_SIZE];
	enum step step;

	if (answer != CACHE_FOUND)
		return reply_not_found(request, answer, status);
	for (size_t i = 0; i < platforms.n && !found; i++)
		if (make_name(&platforms, i, name) && strcmp(name, request->name) == 0)
			found = &platforms.platforms[i];
	step = found ? reply_link(request, &found->digest) : reply_never(request);
	json_index_free(platforms.document);
	return step;
}
