/* Roles of a directory, as names. */
#include "fs/readdir_parts.h"
#include "cache/cache.h"
#include "fs/image_files.h"
#include "fs/live.h"
#include "fs/mount.h"
#include "fs/path.h"
#include "fs/platforms.h"
#include "fs/registries.h"
#include "fs/resolve.h"

#include <stdio.h>
#include <string.h>

#define OFFSET_FILES     3  /* and on */
#define OFFSET_OTHERS    16 /* and on: registries, platforms, live files */
#define SECTION_SHIFT    56
#define COMPONENTS_START ((off_t)1 << SECTION_SHIFT)
#define TAGS_START       ((off_t)2 << SECTION_SHIFT)
#define HIDDEN_START     ((off_t)3 << SECTION_SHIFT)

/* Names are taken from the cache in portions of so many. */
#define PORTION 64

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

/* Adds the i-th of those names that have no listing, unless the request is past it. */
static bool add_other(struct reply_names *names, unsigned i, const char *name, uint64_t number,
                      mode_t type)
{
	off_t offset = OFFSET_OTHERS + (off_t)i;

	return names->request->offset >= offset || add_name(names, name, number, type, offset);
}

static enum part add_registries(struct reply_names *names)
{
	struct registries_entry entry;

	names->has_role = true;
	for (unsigned i = 0; registries_named(names->request->mount->registries, i, &entry); i++)
		if (!add_other(names, i, entry.name, entry.number, S_IFDIR))
			return PART_FULL;
	return PART_DONE;
}

static enum part add_live(struct reply_names *names)
{
	const char *name;

	names->has_role = true;
	for (unsigned i = 1; (name = live_name(i)); i++)
		if (!add_other(names, i, name, INODE_OWN_NUMBER + i, S_IFREG))
			return PART_FULL;
	return PART_DONE;
}

static bool add_platform(void *arg, unsigned i, const char *name)
{
	struct reply_names *names = arg;

	names->is_full = !add_other(names, i, name, names->request->inode->number + 1 + i, S_IFLNK);
	return !names->is_full;
}

static enum part add_platforms(struct reply_names *names)
{
	switch (platforms_list(names->request, add_platform, names, &names->status)) {
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
	return names->is_full ? PART_FULL : PART_DONE;
}

/* The image that this directory is. A denied question counts as "none": the other roles must not
 * suffer. */
static enum cache_answer find_own_image(struct reply_names *names, struct image **ret_image)
{
	struct request *request = names->request;
	const struct inode_identity *identity = &request->inode->identity;
	struct found_image found = {.image = NULL};
	enum cache_answer answer;

	if (identity->kind == INODE_IMAGE) {
		*ret_image = inodes_image(request->mount->inodes, request->inode);
		return *ret_image ? CACHE_FOUND : CACHE_ABSENT;
	}
	answer = resolve_image(request->mount, identity->registry, identity->path, CACHE_ASK_LISTED,
	                       &request->asker, &found, &names->status);
	*ret_image = found.image;
	if (answer != CACHE_FAILED || names->status != STATUS_DENIED)
		return answer;
	names->was_denied = true;
	return CACHE_ABSENT;
}

/* The number that the file has or will have: the same in all directories of the image, for some. */
static uint64_t file_number(const struct reply_names *names, const struct image_file *file,
                            const struct image *image)
{
	const struct inode *directory = names->request->inode;
	uint64_t number = directory->number + file->number;
	struct path_parts parts;
	struct inode_identity identity = {
	        .kind = file->kind,
	        .registry = directory->identity.registry,
	        .digest = image->digest,
	        .path = parts.repository,
	};

	if (!path_split(directory->identity.path, &parts))
		return number;
	return inodes_number(names->request->mount->inodes, &identity, number);
}

static enum part add_files_of(struct reply_names *names, const struct image *image)
{
	const struct options *options = names->request->mount->options;
	const struct image_file *file;

	for (unsigned i = 0; (file = image_file_at(i)); i++) {
		bool is_directory = file->kind == INODE_PLATFORMS;

		if (names->request->offset >= OFFSET_FILES + (off_t)i ||
		    (file->is_shown && !(options->show & file->is_shown)) ||
		    (is_directory && !platforms_may_be(image)))
			continue;
		if (!add_name(names, file->name, file_number(names, file, image),
		              is_directory ? S_IFDIR : S_IFREG, OFFSET_FILES + (off_t)i))
			return PART_FULL;
	}
	return PART_DONE;
}

static enum part add_files(struct reply_names *names)
{
	struct image *image = NULL;
	enum part part = PART_DONE;

	switch (find_own_image(names, &image)) {
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
	part = add_files_of(names, image);
	image_unref(image);
	return part;
}

/* Whether an earlier role shows the same name. */
static enum cache_known is_shown_already(const struct reply_names *names, const char *name,
                                         enum cache_listing listing)
{
	const struct request *request = names->request;
	const struct inode_identity *identity = &request->inode->identity;
	struct path_child child;
	bool is_short;

	if (names->has_image && image_file_find(name))
		return CACHE_KNOWN;
	if (listing != CACHE_TAGS)
		return CACHE_KNOWN_ABSENT;
	path_child(identity->path, name, &child);
	return cache_shows_path(request->mount->cache, identity->registry, child.path, &is_short);
}

/* The number under which the name is held already, else the one of the listing. */
static uint64_t listed_number(const struct reply_names *names, const struct listed_name *listed,
                              enum cache_listing listing)
{
	const struct inode_identity *directory = &names->request->inode->identity;
	char path[PATH_SIZE];
	struct inode_identity identity = {
	        .kind = listing == CACHE_COMPONENTS ? INODE_DIRECTORY : INODE_IMAGE,
	        .registry = directory->registry,
	        .path = path,
	};
	const char *own = "";

	if (listing != CACHE_COMPONENTS)
		identity.digest = listed->digest;
	if (listing == CACHE_DIGESTS)
		own = PATH_DIGESTS "/";
	else if (listing == CACHE_UNTAGGED)
		own = PATH_UNTAGGED "/";
	snprintf(path, sizeof(path), "%s%s%s%s", directory->path, directory->path[0] ? "/" : "",
	         own, listed->text);
	return inodes_number(names->request->mount->inodes, &identity, listed->number);
}

/* Adds a name, unless it is shown already. Answers PART_DONE, PART_FULL, or PART_WAIT: the listing
 * that was there a moment ago was evicted. That cannot happen on the loop thread; there, a listing
 * that is missing is one that cannot be had. */
static enum part add_listed(struct reply_names *names, const struct listed_name *listed,
                            enum cache_listing listing, off_t start)
{
	bool is_added;

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
	is_added = add_name(names, listed->text, listed_number(names, listed, listing), S_IFDIR,
	                    start + (off_t)listed->sequence);
	return is_added ? PART_DONE : PART_FULL;
}

/* What an answer without names amounts to. `may_lack`: where the listing is denied, the directory
 * has other roles, whose names are shown. */
static enum part conclude_listing(struct reply_names *names, enum cache_answer answer,
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
	if (!may_lack || names->status != STATUS_DENIED)
		return PART_FAILED;
	names->was_denied = true;
	return PART_DONE;
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
		names->has_others |= answer == CACHE_FOUND;
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

/* Whether the directory may have what repositories have. An image is taken for one as well where
 * that is known, or was known when the components were read, or where nobody else can tell. */
static bool may_be_repository(const struct reply_names *names)
{
	const struct request *request = names->request;
	const struct inode_identity *identity = &request->inode->identity;
	bool is_short;

	if (!name_is_repository(identity->path))
		return false;
	switch (cache_is_repository(request->mount->cache, identity->registry, identity->path,
	                            &request->asker)) {
	case CACHE_KNOWN:
		return true;
	case CACHE_KNOWN_ABSENT:
		return false;
	case CACHE_UNKNOWN:
		break;
	}
	return identity->kind == INODE_DIRECTORY || names->was_denied ||
	       cache_shows_path(request->mount->cache, identity->registry, identity->path,
	                        &is_short) == CACHE_KNOWN;
}

static enum part add_tags(struct reply_names *names)
{
	if (!may_be_repository(names))
		return PART_DONE;
	return add_listing(names, CACHE_TAGS, TAGS_START,
	                   names->request->inode->identity.kind == INODE_IMAGE);
}

static enum part add_digests(struct reply_names *names)
{
	bool all = names->request->inode->identity.kind == INODE_DIGESTS;

	return add_listing(names, all ? CACHE_DIGESTS : CACHE_UNTAGGED, TAGS_START, false);
}

/* Directories of ours, where `show=` lists them. */
static enum part add_hidden(struct reply_names *names)
{
	static const struct {
		const char *name;
		enum show show;
	} hidden[] = {{PATH_DIGESTS, SHOW_DIGESTS}, {PATH_UNTAGGED, SHOW_UNTAGGED}};
	const struct request *request = names->request;

	if (!request->mount->options->show || !may_be_repository(names))
		return PART_DONE;
	for (unsigned i = 0; i < 2; i++) {
		off_t offset = HIDDEN_START + (off_t)i;

		if (!(request->mount->options->show & hidden[i].show) || request->offset >= offset)
			continue;
		if (!add_name(names, hidden[i].name, request->inode->number + 5 + i, S_IFDIR,
		              offset))
			return PART_FULL;
	}
	return PART_DONE;
}

const part_fn *readdir_parts(enum inode_kind kind)
{
	static const part_fn root[] = {add_dots, add_registries, NULL};
	static const part_fn own[] = {add_dots, add_live, NULL};
	static const part_fn registry[] = {add_dots, add_components, NULL};
	static const part_fn digests[] = {add_dots, add_digests, NULL};
	static const part_fn platforms[] = {add_dots, add_platforms, NULL};
	static const part_fn others[] = {add_dots, add_files,  add_components,
	                                 add_tags, add_hidden, NULL};

	switch (kind) {
	case INODE_ROOT:
		return root;
	case INODE_OWN:
		return own;
	case INODE_REGISTRY:
		return registry;
	case INODE_DIGESTS:
	case INODE_UNTAGGED:
		return digests;
	case INODE_PLATFORMS:
		return platforms;
	case INODE_DIRECTORY:
	case INODE_IMAGE:
		return others;
	case INODE_MANIFEST:
	case INODE_DIGEST:
	case INODE_IMAGE_JSON:
	case INODE_LIVE:
	case INODE_LINK:
		break;
	}
	return NULL; /* no directory */
}
