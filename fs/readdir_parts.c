/* Roles of a directory, as names. */
#include "fs/readdir_parts.h"
#include "base/cleanup.h"
#include "cache/cache.h"
#include "fs/image_files.h"
#include "fs/live.h"
#include "fs/mount.h"
#include "fs/readdir_listings.h"
#include "fs/registries.h"
#include "fs/repository_files.h"
#include "fs/resolve.h"

static enum part add_dots(struct reply_names *names)
{
	const struct request *request = names->request;
	const struct inode *directory = request->inode;

	if (request->offset < OFFSET_DOT &&
	    !reply_names_add(names, ".", directory->number, S_IFDIR, OFFSET_DOT))
		return PART_FULL;
	if (request->offset < OFFSET_DOTDOT &&
	    !reply_names_add(names, "..", directory->parent, S_IFDIR, OFFSET_DOTDOT))
		return PART_FULL;
	return PART_DONE;
}

/* Adds the i-th of those names that have no listing, unless the request is past it. */
static bool add_other(struct reply_names *names, unsigned i, const char *name, uint64_t number,
                      mode_t type)
{
	off_t offset = OFFSET_OTHERS + (off_t)i;

	return names->request->offset >= offset ||
	       reply_names_add(names, name, number, type, offset);
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

static bool add_link(void *arg, unsigned i, const char *name, const struct digest *target)
{
	struct reply_names *names = arg;

	(void)target;
	names->is_full = !add_other(names, i, name, names->request->inode->number + 1 + i, S_IFLNK);
	return !names->is_full;
}

static enum part add_links(struct reply_names *names)
{
	struct request *request = names->request;

	switch (request->inode->file->each(request, add_link, names, &names->status)) {
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
	const struct inode *inode = request->inode;
	struct found_image found = {.image = NULL};
	enum cache_answer answer;

	if (inode->kind == INODE_IMAGE) {
		*ret_image = inodes_image(request->mount->inodes, request->inode);
		return *ret_image ? CACHE_FOUND : CACHE_ABSENT;
	}
	if (request->offset < OFFSET_FILES &&
	    resolve_awaits_listing(request->mount, inode->registry, inode->path, &request->asker))
		return CACHE_WAIT;
	answer = resolve_image(request->mount, inode->registry, inode->path, CACHE_ASK_LISTED,
	                       &request->asker, &found, &names->status);
	*ret_image = found.image;
	if (answer != CACHE_FAILED || names->status != STATUS_DENIED)
		return answer;
	names->was_denied = true;
	return CACHE_ABSENT;
}

/* The inode of a file. What lies in the directory of an image is told at once, but not where the
 * directory is more than that: there names are as good as the tag is. Answers false when there is
 * no such image. */
static bool show_file(struct reply_names *names, const struct file_kind *file, struct image *image,
                      struct path_parts *parts, struct shown_inode *ret_shown)
{
	struct request *request = names->request;
	struct inode *directory = request->inode;
	struct file_facts facts = {.digest = image->digest, .until_ns = NS_FOREVER};

	*ret_shown = (struct shown_inode){
	        .content.image = image,
	        .type = inodes_type(file->inode),
	};
	if (!image_file_identify(request->mount->inodes, file, directory, &image->digest, parts,
	                         &ret_shown->identity, &ret_shown->number))
		return false;
	if (names->is_plus && directory->kind == INODE_IMAGE && file->tell &&
	    file->tell(request, parts, image, &facts))
		ret_shown->until_ns = facts.until_ns;
	ret_shown->identity.digest = facts.digest;
	ret_shown->content.size = facts.size;
	return true;
}

static bool add_file(struct reply_names *names, const struct file_kind *file, struct image *image,
                     off_t next)
{
	const struct request *request = names->request;
	CLEANUP(unref_image) struct image *newest = NULL;
	struct shown_inode shown = {.type = inodes_type(file->inode)};
	struct path_parts parts;

	if (file->lifetime == FILE_LISTING && request->inode->kind == INODE_IMAGE && names->is_plus)
		image = newest = resolve_newest_image(request->mount, request->inode,
		                                      request->asker.start_ns);
	if (image && show_file(names, file, image, &parts, &shown))
		return reply_names_add_inode(names, file->name, &shown, next);
	return reply_names_add(names, file->name, names->request->inode->number + file->number,
	                       shown.type, next);
}

static enum part add_files_of(struct reply_names *names, struct image *image)
{
	const struct options *options = names->request->mount->options;
	const struct file_kind *file;

	for (unsigned i = 0; (file = image_file_at(i)); i++) {
		if (names->request->offset >= OFFSET_FILES + (off_t)i ||
		    (file->show && !(options->show & file->show)) ||
		    (file->may_be && !file->may_be(image)))
			continue;
		if (!add_file(names, file, image, OFFSET_FILES + (off_t)i))
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

/* Directories of ours, where `show=` lists them. */
static enum part add_hidden(struct reply_names *names)
{
	static const struct {
		const char *name;
		enum show show;
		enum inode_kind kind;
		unsigned number;
	} hidden[] = {{PATH_DIGESTS, SHOW_DIGESTS, INODE_DIGESTS, FILE_NUMBER_DIGESTS},
	              {PATH_UNTAGGED, SHOW_UNTAGGED, INODE_UNTAGGED, FILE_NUMBER_UNTAGGED}};
	const struct request *request = names->request;
	const struct inode *directory = request->inode;

	if (!request->mount->options->show || !readdir_may_be_repository(names))
		return PART_DONE;
	for (unsigned i = 0; i < 2; i++) {
		off_t offset = HIDDEN_START + (off_t)i;

		struct shown_inode shown = {
		        .identity =
		                {hidden[i].kind, directory->registry, directory->path, {{0}}, NULL},
		        .number = directory->number + hidden[i].number,
		        .type = S_IFDIR,
		};

		if (!(request->mount->options->show & hidden[i].show) || request->offset >= offset)
			continue;
		if (!reply_names_add_inode(names, hidden[i].name, &shown, offset))
			return PART_FULL;
	}
	return PART_DONE;
}

/* Files of the repository: their names alone, since each would cost a call. */
static enum part add_repository_files(struct reply_names *names)
{
	const struct request *request = names->request;
	const struct options *options = request->mount->options;
	const struct file_kind *file;

	for (unsigned i = 0; (file = repository_file_at(i)); i++) {
		off_t offset = REPOSITORY_FILES_START + (off_t)i;

		if (!(options->show & file->show) || request->offset >= offset ||
		    !readdir_may_be_repository(names) || repository_file_is_hidden(request, file))
			continue;
		if (!reply_names_add(names, file->name, request->inode->number + file->number,
		                     inodes_type(file->inode), offset))
			return PART_FULL;
	}
	return PART_DONE;
}

const part_fn *readdir_parts(enum inode_kind kind)
{
	static const part_fn root[] = {add_dots, add_registries, NULL};
	static const part_fn own[] = {add_dots, add_live, NULL};
	static const part_fn registry[] = {add_dots, readdir_add_components, NULL};
	static const part_fn digests[] = {add_dots, readdir_add_digests, NULL};
	static const part_fn links[] = {add_dots, add_links, NULL};
	static const part_fn others[] = {add_dots,
	                                 add_files,
	                                 readdir_add_components,
	                                 readdir_add_tags,
	                                 add_hidden,
	                                 add_repository_files,
	                                 NULL};

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
	case INODE_LINKS:
		return links;
	case INODE_DIRECTORY:
	case INODE_IMAGE:
		return others;
	case INODE_FILE:
	case INODE_LIVE:
	case INODE_LINK:
		break;
	}
	return NULL; /* no directory */
}
