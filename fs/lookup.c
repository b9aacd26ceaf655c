/* LOOKUP: from a name in a directory to an inode.
 *
 * Only a name whose existence is unknown waits. A manifest.json of a known image is answered at
 * once, whether or not its size is known: the kernel holds up, unkillable, all other look-ups of a
 * name until the first one returns.
 */
#include "cache/cache.h"
#include "fs/attributes.h"
#include "fs/inodes.h"
#include "fs/mount.h"
#include "fs/operations.h"
#include "fs/path.h"
#include "fs/reply.h"
#include "fs/resolve.h"

#include <errno.h>
#include <string.h>

static const struct digest no_digest;

static enum step reply_inode(struct request *request, const struct inode_identity *identity,
                             uint64_t number, const struct inode_times *times, uint64_t until_ns)
{
	struct mount *mount = request->mount;
	struct fuse_entry_param entry = {0};
	struct inode *inode;

	if (inodes_lookup(mount->inodes, identity, number, request->inode->number, times, &inode) <
	    0)
		return reply_error(request, ENOMEM);
	entry.ino = inode->number;
	entry.entry_timeout = attributes_seconds_until(mount, until_ns);
	attributes_fill(mount, inode, &entry.attr, &entry.attr_timeout);
	return reply_entry(request, &entry);
}

/* How long the kernel may remember that there is no such name. What was learnt during this request
 * is good for the negative TTL since its start; what was known before may be older. */
static enum step reply_no_name(struct request *request)
{
	uint64_t until_ns =
	        request->asker.start_ns + request->mount->options->cache.negative_ttl_ns;

	if (!request->asker.answers)
		return reply_absent(request, 0);
	return reply_absent(request, attributes_seconds_until(request->mount, until_ns));
}

/* The cache's answer, if it found nothing. */
static enum step reply_not_found(struct request *request, enum cache_answer answer,
                                 enum status status)
{
	switch (answer) {
	case CACHE_WAIT:
		return STEP_WAIT;
	case CACHE_FAILED:
		return reply_status(request, status);
	case CACHE_FOUND:
	case CACHE_ABSENT:
		break;
	}
	return reply_no_name(request);
}

/* In the root: the registries that were named. */
static enum step lookup_registry(struct request *request)
{
	struct mount *mount = request->mount;
	const struct options *options = mount->options;
	struct inode_times times = {0};

	for (size_t i = 0; i < options->n_registries; i++) {
		struct inode_identity identity = {
		        .kind = INODE_REGISTRY,
		        .registry = &options->registries[i].registry,
		        .path = "",
		};

		if (strcmp(options->registries[i].name, request->name) == 0)
			return reply_inode(request, &identity, mount->registry_numbers[i], &times,
			                   NS_FOREVER);
	}
	return reply_absent(request, (double)(NS_FOREVER / NS_PER_S));
}

static struct inode_times times_of(const struct image *image)
{
	return (struct inode_times){
	        .pushed_ns = image->pushed_ns,
	        .pulled_ns = image->pulled_ns,
	        .size_bytes = image->size_bytes,
	};
}

/* A repository, namespace or image by its name. */
static enum step lookup_component(struct request *request)
{
	const struct inode_identity *parent = &request->inode->identity;
	struct resolved resolved;
	enum status status = STATUS_OK;
	enum cache_answer answer = resolve_name(request->mount, parent->registry, parent->path,
	                                        request->name, &request->asker, &resolved, &status);
	struct inode_identity identity = {.registry = parent->registry};
	struct inode_times times = {0};
	struct path_child child;

	if (answer != CACHE_FOUND)
		return reply_not_found(request, answer, status);
	path_child(parent->path, request->name, &child);
	identity.path = child.path;
	identity.kind = resolved.is_directory ? INODE_DIRECTORY : INODE_IMAGE;
	identity.digest = resolved.is_directory ? no_digest : resolved.image.digest;
	if (!resolved.is_directory)
		times = times_of(&resolved.image);
	return reply_inode(request, &identity, resolved.number, &times, resolved.until_ns);
}

static enum step reply_manifest(struct request *request, const char *image_path,
                                const struct digest *digest, const struct inode_times *times,
                                uint64_t until_ns)
{
	struct path_parts parts;
	struct inode_identity identity = {
	        .kind = INODE_MANIFEST,
	        .registry = request->inode->identity.registry,
	        .digest = *digest,
	};

	if (!path_split(image_path, &parts))
		return reply_error(request, EIO);
	identity.path = parts.repository;
	return reply_inode(request, &identity, request->inode->number + 1, times, until_ns);
}

/* manifest.json in a directory that has other roles, too: the tag may move, so the name is good as
 * long as the tag is. */
static enum step lookup_manifest_of_tag(struct request *request)
{
	const struct inode_identity *directory = &request->inode->identity;
	struct image image;
	struct inode_times times;
	enum status status = STATUS_OK;
	enum cache_answer answer =
	        resolve_image(request->mount, directory->registry, directory->path, false,
	                      &request->asker, &image, &status);

	if (answer == CACHE_ABSENT)
		return lookup_component(request); /* a tag or component of that name, perhaps */
	if (answer != CACHE_FOUND)
		return reply_not_found(request, answer, status);
	times = times_of(&image);
	return reply_manifest(request, directory->path, &image.digest, &times, image.until_ns);
}

enum step operation_lookup(struct request *request)
{
	struct inode *directory = request->inode;
	bool is_manifest = strcmp(request->name, PATH_MANIFEST) == 0;
	struct inode_times times;

	if (strlen(request->name) > NAME_COMPONENT_MAX)
		return reply_error(request, ENAMETOOLONG);
	switch (directory->identity.kind) {
	case INODE_ROOT:
		return lookup_registry(request);
	case INODE_IMAGE:
		times = inodes_times(request->mount->inodes, directory);
		if (is_manifest)
			return reply_manifest(request, directory->identity.path,
			                      &directory->identity.digest, &times, NS_FOREVER);
		return lookup_component(request);
	case INODE_DIRECTORY:
		if (is_manifest)
			return lookup_manifest_of_tag(request);
		return lookup_component(request);
	case INODE_REGISTRY:
		return lookup_component(request);
	case INODE_MANIFEST:
		break;
	}
	return reply_error(request, ENOTDIR);
}
