/* attestations/ of an index: links to what BuildKit attests of its images, by their platforms.
 * Looking into it needs the index, which is a pull of it. */
#include "fs/file_kind.h"
#include "fs/index.h"
#include "fs/links.h"

#include <stdio.h>

/* The name of the platform that the attestation is about. */
static bool find_subject(const struct json_platforms *platforms, const struct json_link *link,
                         char name[static INDEX_NAME_SIZE])
{
	for (size_t i = 0; link->has_subject && i < platforms->n; i++)
		if (digest_equal(&platforms->platforms[i].digest, &link->subject))
			return index_platform_name(platforms, i, name);
	return false;
}

static bool is_first_of_subject(const struct json_links *links, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (links->links[j].has_subject &&
		    digest_equal(&links->links[j].subject, &links->links[i].subject))
			return false;
	return true;
}

/* As the platform is called in platforms/; what else there is of one, and what is about none, by
 * its type and digest. */
static void make_name(const struct json_platforms *platforms, const struct json_links *links,
                      size_t i, char name[static LINKS_NAME_SIZE])
{
	if (!find_subject(platforms, &links->links[i], name) || !is_first_of_subject(links, i))
		links_name(links, i, name);
}

static enum cache_answer each(struct request *request, link_fn offer, void *arg,
                              enum status *ret_status)
{
	struct json_platforms platforms;
	struct json_links links = {0};
	enum cache_answer answer = index_read(request, &platforms, ret_status);
	char name[LINKS_NAME_SIZE];

	if (answer == CACHE_FOUND)
		answer = index_read_attestations(request, &links, ret_status);
	for (size_t i = 0; answer == CACHE_FOUND && i < links.n; i++) {
		make_name(&platforms, &links, i, name);
		if (!offer(arg, (unsigned)i, name, &links.links[i].digest))
			break;
	}
	json_links_free(links.document);
	json_index_free(platforms.document);
	return answer;
}

const struct file_kind file_attestations = {
        .name = "attestations",
        .inode = INODE_LINKS,
        .lifetime = FILE_IMMUTABLE,
        .number = FILE_NUMBER_ATTESTATIONS,
        .show = SHOW_ATTESTATIONS,
        .may_be = index_may_be,
        .tell = file_tell_always,
        .each = each,
};
