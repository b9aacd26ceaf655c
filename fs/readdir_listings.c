/* Names from the cache's listings. */
#include "fs/readdir_listings.h"
#include "cache/cache.h"
#include "fs/image_files.h"
#include "fs/mount.h"
#include "fs/path.h"

#include <stdio.h>

/* Names are taken from the cache in portions of so many. */
#define PORTION 64

/* Whether an earlier role shows the same name. */
static enum cache_known is_shown_already(const struct reply_names *names, const char *name,
                                         enum cache_listing listing)
{
	const struct request *request = names->request;
	const struct inode *inode = request->inode;
	struct path_child child;
	bool is_short;

	if (names->has_image && image_file_find(name))
		return CACHE_KNOWN;
	if (listing != CACHE_TAGS)
		return CACHE_KNOWN_ABSENT;
	path_child(inode->path, name, &child);
	return cache_shows_path(request->mount->cache, inode->registry, child.path, &is_short);
}

/* The inode of a listed name, whose path is made in `path`. */
static struct shown_inode show_listed(const struct reply_names *names,
                                      const struct listed_name *listed, enum cache_listing listing,
                                      char path[static PATH_SIZE])
{
	const struct inode *directory = names->request->inode;
	struct shown_inode shown = {
	        .identity = {INODE_DIRECTORY, directory->registry, path, {{0}}, NULL},
	        .number = listed->number,
	        .content.image = listed->image,
	        .until_ns = listed->until_ns,
	        .type = S_IFDIR,
	};
	const char *own = "";

	if (listing != CACHE_COMPONENTS) {
		shown.identity.kind = INODE_IMAGE;
		shown.identity.digest = listed->digest;
	}
	if (listing == CACHE_DIGESTS)
		own = PATH_DIGESTS "/";
	else if (listing == CACHE_UNTAGGED)
		own = PATH_UNTAGGED "/";
	snprintf(path, PATH_SIZE, "%s%s%s%s", directory->path, directory->path[0] ? "/" : "", own,
	         listed->text);
	return shown;
}

/* Adds a name, unless it is shown already. Answers PART_DONE, PART_FULL, or PART_WAIT: the listing
 * that was there a moment ago was evicted. That cannot happen on the loop thread; there, a listing
 * that is missing is one that cannot be had. */
static enum part add_listed(struct reply_names *names, const struct listed_name *listed,
                            enum cache_listing listing, off_t start)
{
	struct shown_inode shown;
	char path[PATH_SIZE];

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
	shown = show_listed(names, listed, listing, path);
	return reply_names_add_inode(names, listed->text, &shown, start + (off_t)listed->sequence)
	               ? PART_DONE
	               : PART_FULL;
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

static enum part add_portion(struct reply_names *names, struct listed_name *portion, size_t n,
                             enum cache_listing listing, off_t start)
{
	enum part part = PART_DONE;

	for (size_t i = 0; i < n && part == PART_DONE; i++)
		part = add_listed(names, &portion[i], listing, start);
	for (size_t i = 0; i < n; i++)
		image_unref(portion[i].image);
	return part;
}

/* Whether an answer proves that the directory is there: that the registry's listing shows a
 * repository does not, when ECR says of its images that there is none. */
static bool is_role(const struct request *request, enum cache_listing listing, size_t n)
{
	return n || listing != CACHE_COMPONENTS || request->inode->kind == INODE_REGISTRY;
}

/* The names of one listing, from the request's offset on. */
static enum part add_listing(struct reply_names *names, enum cache_listing listing, off_t start,
                             bool may_lack)
{
	const struct request *request = names->request;
	struct listed_name portion[PORTION];
	struct names_request wanted = {
	        .registry = request->inode->registry,
	        .path = request->inode->path,
	        .listing = listing,
	        .after = request->offset > start ? (uint64_t)(request->offset - start) : 0,
	        .going_on = request->offset > start,
	        .with_more = names->is_plus,
	};
	enum part part;
	size_t n = 0;

	for (;;) {
		enum cache_answer answer =
		        cache_list(request->mount->cache, &wanted, &names->request->asker, PORTION,
		                   portion, &n, &names->status);

		names->has_role |= answer == CACHE_FOUND && is_role(request, listing, n);
		names->has_others |= answer == CACHE_FOUND;
		if (answer != CACHE_FOUND || n == 0)
			return conclude_listing(names, answer, may_lack);
		part = add_portion(names, portion, n, listing, start);
		if (part != PART_DONE)
			return part;
		wanted.after = portion[n - 1].sequence;
	}
}

/* Also when the request is past them: the tags must not repeat them. */
enum part readdir_add_components(struct reply_names *names)
{
	const struct inode *directory = names->request->inode;

	return add_listing(names, CACHE_COMPONENTS, COMPONENTS_START,
	                   directory->kind != INODE_REGISTRY);
}

/* Whether the directory may have what repositories have. An image is taken for one as well where
 * that is known, or was known when the components were read, or where nobody else can tell. */
bool readdir_may_be_repository(const struct reply_names *names)
{
	const struct request *request = names->request;
	const struct inode *inode = request->inode;
	bool is_short;

	if (!name_is_repository(inode->path))
		return false;
	switch (cache_is_repository(request->mount->cache, inode->registry, inode->path,
	                            &request->asker)) {
	case CACHE_KNOWN:
		return true;
	case CACHE_KNOWN_ABSENT:
		return false;
	case CACHE_UNKNOWN:
		break;
	}
	return inode->kind == INODE_DIRECTORY || names->was_denied ||
	       cache_shows_path(request->mount->cache, inode->registry, inode->path, &is_short) ==
	               CACHE_KNOWN;
}

enum part readdir_add_tags(struct reply_names *names)
{
	if (!readdir_may_be_repository(names))
		return PART_DONE;
	return add_listing(names, CACHE_TAGS, TAGS_START,
	                   names->request->inode->kind == INODE_IMAGE);
}

enum part readdir_add_digests(struct reply_names *names)
{
	bool all = names->request->inode->kind == INODE_DIGESTS;

	return add_listing(names, all ? CACHE_DIGESTS : CACHE_UNTAGGED, TAGS_START, false);
}
