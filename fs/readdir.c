/* READDIR: the names of a directory, role by role.
 *
 *   offset   1, 2        . and ..
 *            3           manifest.json, where the directory is an image
 *            1<<56 | n   components of repository names, n-th in the listing of the registry
 *            2<<56 | n   tags, n-th in the listing of the repository
 *
 * Names that two roles have are shown once, by the first. What has arrived is sent; at its end the
 * request waits for more, since the kernel would remember an empty reply as the end.
 */
#include "cache/cache.h"
#include "fs/inodes.h"
#include "fs/mount.h"
#include "fs/operations.h"
#include "fs/path.h"
#include "fs/reply.h"
#include "fs/resolve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OFFSET_DOT       1
#define OFFSET_DOTDOT    2
#define OFFSET_MANIFEST  3
#define OFFSET_REGISTRY  16 /* and on, in the root */
#define SECTION_SHIFT    56
#define COMPONENTS_START ((off_t)1 << SECTION_SHIFT)
#define TAGS_START       ((off_t)2 << SECTION_SHIFT)

/* Names are taken from the cache in portions of so many. */
#define PORTION 64

/* What became of adding a part of the names. */
enum part {
	PART_DONE, /* there are no more */
	PART_FULL, /* the reply is */
	PART_WAIT, /* more have not arrived */
	PART_FAILED,
};

struct reply_names {
	struct request *request;
	char *buffer;
	size_t used, size;
	bool has_role;  /* the directory is still something */
	bool has_image; /* and that is an image, among others */
	enum status status;
};

static bool add_name(struct reply_names *names, const char *name, uint64_t number, mode_t type,
                     off_t next)
{
	struct stat attributes = {.st_ino = number, .st_mode = type};
	size_t left = names->size - names->used;
	size_t needed = fuse_add_direntry(names->request->fuse, names->buffer + names->used, left,
	                                  name, &attributes, next);

	if (needed > left)
		return false;
	names->used += needed;
	return true;
}

static enum part add_dots(struct reply_names *names)
{
	const struct request *request = names->request;
	const struct inode *directory = request->inode;

	if (request->offset < OFFSET_DOT &&
	    !add_name(names, ".", directory->number, S_IFDIR, OFFSET_DOT))
		return PART_FULL;
	if (request->offset < OFFSET_DOTDOT &&
	    !add_name(names, "..", directory->parent, S_IFDIR, OFFSET_DOTDOT))
		return PART_FULL;
	return PART_DONE;
}

static enum part add_registries(struct reply_names *names)
{
	struct mount *mount = names->request->mount;
	off_t offset = names->request->offset;
	size_t first = offset < OFFSET_REGISTRY ? 0 : (size_t)(offset - OFFSET_REGISTRY) + 1;

	names->has_role = true;
	for (size_t i = first; i < mount->options->n_registries; i++)
		if (!add_name(names, mount->options->registries[i].name, mount->registry_numbers[i],
		              S_IFDIR, OFFSET_REGISTRY + (off_t)i))
			return PART_FULL;
	return PART_DONE;
}

/* The digest of the image that this directory is. A denied question counts as "none": the other
 * roles must not suffer. */
static enum cache_answer find_own_image(struct reply_names *names, struct digest *ret_digest)
{
	struct request *request = names->request;
	const struct inode_identity *identity = &request->inode->identity;
	struct image image;
	enum cache_answer answer;

	if (identity->kind == INODE_IMAGE) {
		*ret_digest = identity->digest;
		return CACHE_FOUND;
	}
	answer = resolve_image(request->mount, identity->registry, identity->path, true,
	                       &request->asker, &image, &names->status);
	if (answer == CACHE_FOUND)
		*ret_digest = image.digest;
	if (answer == CACHE_FAILED && names->status == STATUS_DENIED)
		return CACHE_ABSENT;
	return answer;
}

static enum part add_manifest(struct reply_names *names)
{
	struct request *request = names->request;
	const struct inode *directory = request->inode;
	struct path_parts parts;
	struct inode_identity identity = {
	        .kind = INODE_MANIFEST,
	        .registry = directory->identity.registry,
	};
	uint64_t number;

	switch (find_own_image(names, &identity.digest)) {
	case CACHE_WAIT:
		return PART_WAIT;
	case CACHE_FAILED:
		return PART_FAILED;
	case CACHE_ABSENT:
		return PART_DONE;
	case CACHE_FOUND:
		break;
	}
	names->has_role = true;
	names->has_image = true;
	if (request->offset >= OFFSET_MANIFEST || !path_split(directory->identity.path, &parts))
		return PART_DONE;
	identity.path = parts.repository;
	number = inodes_number(request->mount->inodes, &identity, directory->number + 1);
	return add_name(names, PATH_MANIFEST, number, S_IFREG, OFFSET_MANIFEST) ? PART_DONE
	                                                                        : PART_FULL;
}

/* Whether an earlier role shows the same name. */
static enum cache_known is_shown_already(const struct reply_names *names, const char *name,
                                         enum cache_listing listing)
{
	const struct request *request = names->request;
	const struct inode_identity *identity = &request->inode->identity;
	struct path_child child;
	bool is_short;

	if (names->has_image && strcmp(name, PATH_MANIFEST) == 0)
		return CACHE_KNOWN;
	if (listing == CACHE_COMPONENTS || !path_child(identity->path, name, &child))
		return CACHE_KNOWN_ABSENT;
	return cache_shows_path(request->mount->cache, identity->registry, child.path, &is_short);
}

/* Adds a name, unless it is shown already. Answers PART_DONE, PART_FULL, or PART_WAIT: the listing
 * that was there a moment ago was evicted. That cannot happen on the loop thread; there, a listing
 * that is missing is one that cannot be had. */
static enum part add_listed(struct reply_names *names, const struct listed_name *listed,
                            enum cache_listing listing, off_t start)
{
	switch (is_shown_already(names, listed->text, listing)) {
	case CACHE_KNOWN:
		return PART_DONE;
	case CACHE_UNKNOWN:
		if (!names->request->asker.may_wait)
			return PART_WAIT;
		break;
	case CACHE_KNOWN_ABSENT:
		break;
	}
	return add_name(names, listed->text, listed->number, S_IFDIR,
	                start + (off_t)listed->sequence)
	               ? PART_DONE
	               : PART_FULL;
}

/* What an answer without names amounts to. `may_lack`: where the listing is denied, the directory
 * has other roles, whose names are shown. */
static enum part conclude_listing(const struct reply_names *names, enum cache_answer answer,
                                  bool may_lack)
{
	switch (answer) {
	case CACHE_FOUND:
	case CACHE_ABSENT:
		return PART_DONE;
	case CACHE_WAIT:
		return PART_WAIT;
	case CACHE_FAILED:
		break;
	}
	return may_lack && names->status == STATUS_DENIED ? PART_DONE : PART_FAILED;
}

/* The names of one listing, from the request's offset on. */
static enum part add_listing(struct reply_names *names, enum cache_listing listing, off_t start,
                             bool may_lack)
{
	const struct request *request = names->request;
	struct listed_name portion[PORTION];
	struct names_request wanted = {
	        .registry = request->inode->identity.registry,
	        .path = request->inode->identity.path,
	        .listing = listing,
	        .after = request->offset > start ? (uint64_t)(request->offset - start) : 0,
	        .going_on = request->offset > start,
	};
	size_t n = 0;

	for (;;) {
		enum cache_answer answer =
		        cache_list(request->mount->cache, &wanted, &names->request->asker, PORTION,
		                   portion, &n, &names->status);

		names->has_role |= answer == CACHE_FOUND;
		if (answer != CACHE_FOUND || n == 0)
			return conclude_listing(names, answer, may_lack);
		for (size_t i = 0; i < n; i++) {
			enum part part = add_listed(names, &portion[i], listing, start);

			if (part != PART_DONE)
				return part;
		}
		wanted.after = portion[n - 1].sequence;
	}
}

/* Also when the request is past them: the tags must not repeat them. */
static enum part add_components(struct reply_names *names)
{
	const struct inode *directory = names->request->inode;

	return add_listing(names, CACHE_COMPONENTS, COMPONENTS_START,
	                   directory->identity.kind != INODE_REGISTRY);
}

static enum part add_tags(struct reply_names *names)
{
	struct request *request = names->request;
	const struct inode_identity *identity = &request->inode->identity;
	enum cache_known known;

	if (!name_is_repository(identity->path))
		return PART_DONE;
	known = cache_is_repository(request->mount->cache, identity->registry, identity->path,
	                            &request->asker);
	if (known == CACHE_KNOWN_ABSENT ||
	    (known == CACHE_UNKNOWN && identity->kind == INODE_IMAGE))
		return PART_DONE;
	return add_listing(names, CACHE_TAGS, TAGS_START, false);
}

typedef enum part (*part_fn)(struct reply_names *names);

/* Adds part after part until one does not get done. */
static enum part add_parts(struct reply_names *names)
{
	static const part_fn root[] = {add_dots, add_registries, NULL};
	static const part_fn registry[] = {add_dots, add_components, NULL};
	static const part_fn others[] = {add_dots, add_manifest, add_components, add_tags, NULL};
	const part_fn *parts = others;
	enum part part = PART_DONE;

	if (names->request->inode->identity.kind == INODE_ROOT)
		parts = root;
	else if (names->request->inode->identity.kind == INODE_REGISTRY)
		parts = registry;
	for (; *parts && part == PART_DONE; parts++)
		part = (*parts)(names);
	return part;
}

static enum step reply_names(struct reply_names *names, enum part part)
{
	struct request *request = names->request;
	/* The two dots alone are not worth a reply while more is to come or to fail. */
	bool has_news = names->used && !(request->offset < OFFSET_DOTDOT && !names->has_role);

	switch (part) {
	case PART_DONE:
		if (!names->has_role && request->offset < OFFSET_DOTDOT)
			return reply_error(request, ENOENT); /* it is gone */
		break;
	case PART_FULL:
		break;
	case PART_WAIT:
		if (!has_news)
			return STEP_WAIT;
		break;
	case PART_FAILED:
		if (!has_news)
			return reply_status(request, names->status);
		break;
	}
	return reply_data(request, names->buffer, names->used);
}

enum step operation_readdir(struct request *request)
{
	struct reply_names names = {.request = request, .size = request->size};
	enum step step;

	if (request->inode->identity.kind == INODE_MANIFEST)
		return reply_error(request, ENOTDIR);
	names.buffer = malloc(names.size);
	if (!names.buffer)
		return reply_error(request, ENOMEM);
	if (request->offset == 0)
		inodes_reading(request->mount->inodes, request->inode);
	step = reply_names(&names, add_parts(&names));
	free(names.buffer);
	return step;
}
