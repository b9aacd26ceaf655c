/* platforms/ of an index: links to the images of its platforms. Looking into it needs the index,
 * which is a pull of it. */
#include "base/bytes.h"
#include "ecr/json_image.h"
#include "fs/file_kind.h"
#include "fs/index.h"
#include "fs/mount.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Room for "os-architecture-variant-version". */
#define PLATFORM_NAME_SIZE 256

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

static enum cache_answer each(struct request *request, link_fn offer, void *arg,
                              enum status *ret_status)
{
	struct json_platforms platforms;
	enum cache_answer answer = index_read(request, &platforms, ret_status);
	char name[PLATFORM_NAME_SIZE];

	for (size_t i = 0; answer == CACHE_FOUND && i < platforms.n; i++)
		if (make_name(&platforms, i, name) &&
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
