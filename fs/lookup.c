/* LOOKUP: from a name in a directory to an inode.
 *
 * Only a name whose existence is unknown waits. A manifest.json of a known image is answered at
 * once, whether or not its size is known: the kernel holds up, unkillable, all other look-ups of a
 * name until the first one returns.
 */
#include "base/bytes.h"
#include "base/cleanup.h"
#include "cache/cache.h"
#include "fs/attributes.h"
#include "fs/image_files.h"
#include "fs/inodes.h"
#include "fs/links.h"
#include "fs/live.h"
#include "fs/mount.h"
#include "fs/operations.h"
#include "fs/path.h"
#include "fs/registries.h"
#include "fs/reply.h"
#include "fs/repository_files.h"
#include "fs/resolve.h"

#include <errno.h>
#include <string.h>

static const struct inode_content no_content;
static const struct digest no_digest;

/* In the root: registries, and what is ours. */
static enum step lookup_in_root(struct request *request)
{
	struct registries_entry entry;
	struct inode_identity identity = {.path = ""};

	if (strcmp(request->name, PATH_OWN) == 0) {
		identity.kind = INODE_OWN;
		return reply_inode(request, &identity, INODE_OWN_NUMBER, &no_content, NS_FOREVER);
	}
	switch (registries_find(request->mount->registries, request->name, &request->asker,
	                        &entry)) {
	case REGISTRIES_FOUND:
		identity.kind = INODE_REGISTRY;
		identity.registry = entry.registry;
		return reply_inode(request, &identity, entry.number, &no_content, NS_FOREVER);
	case REGISTRIES_LINK:
		identity.kind = INODE_LINK;
		identity.path = entry.name;
		return reply_inode(request, &identity, 0, &no_content, NS_FOREVER);
	case REGISTRIES_WAIT:
		return STEP_WAIT;
	case REGISTRIES_NO_MEMORY:
		return reply_error(request, ENOMEM);
	case REGISTRIES_ABSENT:
		break;
	}
	return reply_never(request);
}

/* A file of `image`, which the directory is. The name is good until `until_ns`, or shorter. */
static enum step reply_file(struct request *request, const struct file_kind *file,
                            struct image *image, uint64_t until_ns)
{
	struct file_facts facts = {.digest = image->digest, .until_ns = NS_FOREVER};
	struct inode_content content = {.image = image};
	enum cache_answer answer = CACHE_FOUND;
	enum status status = STATUS_OK;
	struct inode_identity identity;
	struct path_parts parts;
	uint64_t number;

	if (!image_file_identify(request->mount->inodes, file, request->inode, &image->digest,
	                         &parts, &identity, &number))
		return reply_error(request, EIO);
	if (file->may_be && !file->may_be(image))
		return reply_no_name(request);
	if (file->look_up)
		answer = file->look_up(request, &parts, image, &facts, &status);
	if (answer != CACHE_FOUND)
		return reply_not_found(request, answer, status);
	identity.digest = facts.digest;
	content.size = facts.size;
	return reply_inode(request, &identity, number, &content,
	                   until_ns < facts.until_ns ? until_ns : facts.until_ns);
}

/* A repository, namespace, image or directory of ours by its name. */
static enum step lookup_name(struct request *request)
{
	const struct inode *parent = request->inode;
	struct resolved resolved = {.image = NULL};
	enum status status = STATUS_OK;
	enum cache_answer answer = resolve_name(request->mount, parent->registry, parent->path,
	                                        request->name, &request->asker, &resolved, &status);
	CLEANUP(unref_image) struct image *image = resolved.image;
	struct inode_identity identity = {.registry = parent->registry};
	struct inode_content content = {.image = image};
	struct path_child child;

	if (answer != CACHE_FOUND)
		return reply_not_found(request, answer, status);
	path_child(parent->path, request->name, &child);
	identity.path = child.path;
	switch (resolved.kind) {
	case RESOLVED_DIRECTORY:
		identity.kind = INODE_DIRECTORY;
		break;
	case RESOLVED_IMAGE:
		identity.kind = INODE_IMAGE;
		identity.digest = image->digest;
		break;
	case RESOLVED_HIDDEN:
		identity.kind =
		        strcmp(request->name, PATH_DIGESTS) == 0 ? INODE_DIGESTS : INODE_UNTAGGED;
		identity.path = parent->path; /* the repository's */
		resolved.number =
		        parent->number + (identity.kind == INODE_DIGESTS ? FILE_NUMBER_DIGESTS
		                                                         : FILE_NUMBER_UNTAGGED);
		break;
	}
	return reply_inode(request, &identity, resolved.number, &content, resolved.until_ns);
}

/* A file for a caller who may do nothing but pull: of a digest it is there until a read
 * finds out, a tag is pulled. */
static enum step lookup_by_pulling(struct request *request, const struct file_kind *file)
{
	const struct inode *directory = request->inode;
	struct found_image found = {.image = NULL};
	struct image_record record = {.n_tags = 0};
	enum status status = STATUS_OK;
	enum cache_answer answer = CACHE_FOUND;
	struct path_parts parts;

	if (path_split(directory->path, &parts) && digest_parse(parts.image, &record.digest))
		found = (struct found_image){.image = image_new(&record, NULL),
		                             .until_ns = NS_FOREVER};
	else
		answer = resolve_image(request->mount, directory->registry, directory->path,
		                       CACHE_PULL, &request->asker, &found, &status);
	CLEANUP(unref_image) struct image *image = found.image;

	if (answer != CACHE_FOUND)
		return reply_not_found(request, answer, status);
	if (!image)
		return reply_error(request, ENOMEM);
	return reply_file(request, file, image, found.until_ns);
}

/* A file in a directory that has other roles, too: the tag may move, so the name is good as long as
 * the tag is. */
static enum step lookup_file_of_tag(struct request *request, const struct file_kind *file)
{
	const struct inode *directory = request->inode;
	struct found_image found = {.image = NULL};
	enum status status = STATUS_OK;
	enum cache_answer answer =
	        resolve_image(request->mount, directory->registry, directory->path, CACHE_ASK,
	                      &request->asker, &found, &status);
	CLEANUP(unref_image) struct image *image = found.image;

	if (answer == CACHE_FAILED && status == STATUS_DENIED && file->is_pulled)
		return lookup_by_pulling(request, file);
	if (answer == CACHE_ABSENT)
		return lookup_name(request); /* a tag or component of that name, perhaps */
	if (answer != CACHE_FOUND)
		return reply_not_found(request, answer, status);
	return reply_file(request, file, image, found.until_ns);
}

/* A file in a directory that is bound to its image: the name is good for ever. The image is shown
 * as it was last told of. */
static enum step lookup_file_of_image(struct request *request, const struct file_kind *file)
{
	struct mount *mount = request->mount;
	CLEANUP(unref_image)
	struct image *image =
	        file->lifetime == FILE_LISTING
	                ? resolve_newest_image(mount, request->inode, request->asker.start_ns)
	                : inodes_image(mount->inodes, request->inode);

	return reply_file(request, file, image, NS_FOREVER);
}

/* In .digests and .untagged. */
static enum step lookup_digest(struct request *request)
{
	const struct inode *directory = request->inode;
	const char *own = directory->kind == INODE_DIGESTS ? PATH_DIGESTS : PATH_UNTAGGED;
	struct inode_identity identity = {.kind = INODE_IMAGE, .registry = directory->registry};
	struct found_image found = {.image = NULL};
	struct inode_content content;
	enum status status = STATUS_OK;
	enum cache_answer answer;
	char path[PATH_SIZE];

	if (!digest_parse(request->name, &identity.digest))
		return reply_never(request);
	answer = cache_find_image(request->mount->cache, directory->registry, directory->path,
	                          request->name, CACHE_ASK, &request->asker, &found, &status);
	CLEANUP(unref_image) struct image *image = found.image;

	snprintf(path, sizeof(path), "%s/%s/%s", directory->path, own, request->name);
	identity.path = path;
	if (answer == CACHE_FAILED && status == STATUS_DENIED) { /* the truth comes with a file */
		identity.kind = INODE_DIRECTORY;
		identity.digest = no_digest;
		return reply_inode(request, &identity, 0, &no_content, request->asker.start_ns);
	}
	if (answer != CACHE_FOUND)
		return reply_not_found(request, answer, status);
	if (directory->kind == INODE_UNTAGGED && image->n_tags)
		return reply_no_name(request);
	content = (struct inode_content){.image = image};
	return reply_inode(request, &identity, found.number, &content, found.until_ns);
}

static enum step lookup_live(struct request *request)
{
	struct inode_identity identity = {.kind = INODE_LIVE, .path = request->name};
	unsigned number;

	if (!live_find(request->name, &number))
		return reply_never(request);
	CLEANUP(unref_bytes) struct bytes *bytes = live_make(request->mount, number);
	struct inode_content content = {.bytes = bytes};

	if (!bytes || digest_compute(bytes->data, bytes->size, &identity.digest) < 0)
		return reply_error(request, ENOMEM);
	return reply_inode(request, &identity, INODE_OWN_NUMBER + number, &content, 0);
}

/* A file of the repository that the directory may be; else a name as any other. */
static enum step lookup_other(struct request *request)
{
	const struct file_kind *file = repository_file_find(request->name);
	struct inode_content content = {0};
	enum cache_answer answer = CACHE_ABSENT;
	enum status status = STATUS_OK;
	struct inode_identity identity;
	struct file_facts facts;

	if (file)
		answer = repository_file_look_up(request, file, &identity, &facts, &status);
	if (answer == CACHE_ABSENT)
		return lookup_name(request);
	if (answer != CACHE_FOUND)
		return reply_not_found(request, answer, status);
	content.size = facts.size;
	return reply_inode(request, &identity, request->inode->number + file->number, &content,
	                   facts.until_ns);
}

enum step operation_lookup(struct request *request)
{
	const struct file_kind *file = image_file_find(request->name);

	if (strlen(request->name) > NAME_COMPONENT_MAX)
		return reply_error(request, ENAMETOOLONG);
	switch (request->inode->kind) {
	case INODE_ROOT:
		return lookup_in_root(request);
	case INODE_OWN:
		return lookup_live(request);
	case INODE_IMAGE:
		return file ? lookup_file_of_image(request, file) : lookup_other(request);
	case INODE_DIRECTORY:
		return file ? lookup_file_of_tag(request, file) : lookup_other(request);
	case INODE_REGISTRY:
		return lookup_name(request);
	case INODE_DIGESTS:
	case INODE_UNTAGGED:
		return lookup_digest(request);
	case INODE_LINKS:
		return links_lookup(request);
	case INODE_FILE:
	case INODE_LIVE:
	case INODE_LINK:
		break;
	}
	return reply_error(request, ENOTDIR);
}
