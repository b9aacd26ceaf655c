/* referrers/: links to what refers to the image, signatures and SBOMs among them, by type and
 * digest. */
#include "base/bytes.h"
#include "ecr/json_links.h"
#include "ecr/source.h"
#include "fs/file_kind.h"
#include "fs/links.h"
#include "fs/mount.h"

#include <errno.h>

static struct document_id id_of(const struct inode *inode)
{
	return (struct document_id){.kind = DOCUMENT_REFERRERS, .digest = inode->digest};
}

static enum cache_answer read_referrers(struct request *request, struct json_links *ret_links,
                                        enum status *ret_status)
{
	const struct inode *inode = request->inode;
	struct document_id id = id_of(inode);
	struct cached_document document;
	struct path_parts parts;
	enum cache_answer answer;
	int r;

	if (!path_split(inode->path, &parts))
		return CACHE_ABSENT;
	answer = cache_get_document(request->mount->cache, inode->registry, parts.repository, &id,
	                            &request->asker, &document, ret_status);
	if (answer != CACHE_FOUND)
		return answer;
	r = json_links_read_referrers(document.bytes->data, document.bytes->size, ret_links);
	bytes_unref(document.bytes);
	if (r == 0)
		return CACHE_FOUND;
	*ret_status = r == -ENOMEM ? STATUS_NO_MEMORY : STATUS_PROTOCOL;
	return CACHE_FAILED;
}

static enum cache_answer each(struct request *request, link_fn offer, void *arg,
                              enum status *ret_status)
{
	struct json_links links = {0};
	enum cache_answer answer = read_referrers(request, &links, ret_status);
	char name[LINKS_NAME_SIZE];

	for (size_t i = 0; answer == CACHE_FOUND && i < links.n; i++) {
		links_name(&links, i, name);
		if (!offer(arg, (unsigned)i, name, &links.links[i].digest))
			break;
	}
	json_links_free(links.document);
	return answer;
}

static void times(struct mount *mount, const struct inode *inode, uint64_t *ret_changed_ns,
                  uint64_t *ret_until_ns)
{
	struct document_id id = id_of(inode);
	struct path_parts parts;

	*ret_changed_ns = *ret_until_ns = 0;
	if (path_split(inode->path, &parts))
		cache_document_times(mount->cache, inode->registry, parts.repository, &id,
		                     ret_changed_ns, ret_until_ns);
}

const struct file_kind file_referrers = {
        .name = "referrers",
        .inode = INODE_LINKS,
        .lifetime = FILE_LISTING,
        .number = FILE_NUMBER_REFERRERS,
        .show = SHOW_REFERRERS,
        .tell = file_tell_always,
        .each = each,
        .times = times,
};
