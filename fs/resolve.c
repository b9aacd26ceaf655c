/* Resolving names: one component at a time, with as few calls as prove the case.
 *
 *   listing of the registry ── shows it ─────────────────────────────► a directory
 *        │ in the background   image of that tag in the parent ───────► an image
 *        │                     none: repository of that name ─────────► a directory
 *        ├─ complete without it, no image, no repository ─────────────► absent
 *        └─ denied or too long, and nothing else proves it ───────────► a directory, for a while
 */
#include "fs/resolve.h"
#include "fs/image_files.h"
#include "fs/inodes.h"
#include "fs/mount.h"
#include "fs/path.h"
#include "fs/repository_files.h"

#include <string.h>

static bool is_file_of_ours(const char *name)
{
	return image_file_find(name) || repository_file_find(name);
}

/* Whether programs that search (`**`, rglob) look for the name in each directory, and hardly
 * anybody gives it to a repository or a tag: it is believed to be no such thing while a listing
 * says so. */
static bool is_searched_for(const char *name)
{
	const char *suffix = strrchr(name, '.');

	return suffix && strcmp(suffix, ".json") == 0 && is_file_of_ours(name);
}

/* Several answers about one name: the worst decides, once nothing has been found. */
struct verdict {
	bool must_wait;
	bool has_failed;
	bool is_denied; /* all failures are denials */
	bool is_image_denied;
	bool is_unlisted; /* the registry may not be listed */
	bool waits_only_for_listing;
	enum status status;
};

static void take_answer(struct verdict *verdict, enum cache_answer answer, enum status status)
{
	switch (answer) {
	case CACHE_FOUND:
	case CACHE_ABSENT:
		break;
	case CACHE_WAIT:
		verdict->waits_only_for_listing = false;
		verdict->must_wait = true;
		break;
	case CACHE_FAILED:
		verdict->is_denied =
		        (verdict->is_denied || !verdict->has_failed) && status == STATUS_DENIED;
		verdict->has_failed = true;
		verdict->status = status;
		break;
	}
}

/* Whether the listing of the registry shows the path. */
static bool is_listed(struct mount *mount, const struct registry *registry, const char *path,
                      struct asker *asker, struct resolved *resolved, struct verdict *verdict)
{
	struct path_roles roles;
	enum status status = STATUS_OK;
	enum cache_answer answer =
	        cache_find_path(mount->cache, registry, path, asker, &roles, &status);

	take_answer(verdict, answer, status);
	verdict->is_unlisted = answer == CACHE_FAILED && status == STATUS_DENIED;
	verdict->waits_only_for_listing = answer == CACHE_WAIT;
	if (answer != CACHE_FOUND)
		return false;
	*resolved = (struct resolved){
	        .kind = RESOLVED_DIRECTORY,
	        .number = roles.number,
	        .until_ns = roles.until_ns,
	};
	return true;
}

static void set_image(struct resolved *resolved, const struct found_image *found)
{
	*resolved = (struct resolved){
	        .kind = RESOLVED_IMAGE,
	        .image = found->image,
	        .number = found->number,
	        .until_ns = found->until_ns,
	};
}

/* Whether the parent is a repository, in which a tag can be: a cached listing that does not show it
 * is no proof, unless one is believed, since it may have been made just now. */
static enum cache_answer find_parent(struct mount *mount, const struct registry *registry,
                                     const char *parent, enum image_question_how how,
                                     struct asker *asker, enum status *ret_status)
{
	uint64_t until_ns;

	if (cache_is_repository(mount->cache, registry, parent, asker) != CACHE_KNOWN_ABSENT)
		return CACHE_FOUND; /* or unknown: the question about the tag tells */
	if (how == CACHE_ASK_YOUNG && cache_lacks_repository(mount->cache, registry, parent, asker))
		return CACHE_ABSENT;
	return cache_find_repository(mount->cache, registry, parent, asker, &until_ns, ret_status);
}

static enum cache_answer find_image(struct mount *mount, const struct registry *registry,
                                    const char *parent, const char *tag,
                                    enum image_question_how how, struct asker *asker,
                                    struct resolved *resolved, struct verdict *verdict)
{
	struct found_image found;
	enum status status = STATUS_OK;
	enum cache_answer answer = find_parent(mount, registry, parent, how, asker, &status);

	if (answer == CACHE_FOUND) {
		answer = cache_find_image(mount->cache, registry, parent, tag, how, asker, &found,
		                          &status);
		verdict->is_image_denied = answer == CACHE_FAILED && status == STATUS_DENIED;
	}
	take_answer(verdict, answer, status);
	if (answer == CACHE_FOUND)
		set_image(resolved, &found);
	return answer;
}

/* Whether the new listing, which is under way, is as good as a question by name: the old one had
 * one page, and showed the path. */
static bool is_about_to_be_listed(struct mount *mount, const struct registry *registry,
                                  const char *path, const struct verdict *verdict)
{
	bool is_short;

	return verdict->must_wait &&
	       cache_shows_path(mount->cache, registry, path, &is_short) == CACHE_KNOWN && is_short;
}

static bool is_repository(struct mount *mount, const struct registry *registry, const char *path,
                          struct asker *asker, struct resolved *resolved, struct verdict *verdict)
{
	uint64_t until_ns;
	enum status status = STATUS_OK;
	enum cache_answer answer =
	        cache_find_repository(mount->cache, registry, path, asker, &until_ns, &status);

	take_answer(verdict, answer, status);
	if (answer == CACHE_FOUND)
		*resolved = (struct resolved){.kind = RESOLVED_DIRECTORY, .until_ns = until_ns};
	return answer == CACHE_FOUND;
}

/* A name that could be a repository's, where nobody can tell: a directory, for a while. */
static enum cache_answer take_for_directory(const struct mount *mount,
                                            struct resolved *ret_resolved)
{
	*ret_resolved = (struct resolved){
	        .kind = RESOLVED_DIRECTORY,
	        .until_ns =
	                clock_monotonic_ns(mount->clock) + mount->options->cache.negative_ttl_ns,
	};
	return CACHE_FOUND;
}

/* Whether a name that nobody found may be there all the same: those who could tell it from nothing
 * may not be asked. The name of a file of ours is not such a one: it was looked for as a file. */
static bool may_be_there(const char *name, const struct path_child *child,
                         const struct verdict *verdict)
{
	return verdict->is_denied && !is_file_of_ours(name) &&
	       ((verdict->is_unlisted && child->may_be_directory) || verdict->is_image_denied);
}

/* Nobody found it. */
static enum cache_answer conclude(const struct mount *mount, const char *name,
                                  const struct path_child *child, const struct asker *asker,
                                  const struct verdict *verdict, struct resolved *ret_resolved,
                                  enum status *ret_status)
{
	bool is_too_long =
	        asker->is_late && verdict->waits_only_for_listing && !verdict->has_failed;

	if (verdict->must_wait && !(is_too_long && child->may_be_directory))
		return CACHE_WAIT;
	if (verdict->must_wait || may_be_there(name, child, verdict))
		return take_for_directory(mount, ret_resolved);
	if (!verdict->has_failed || (verdict->is_denied && is_file_of_ours(name)))
		return CACHE_ABSENT;
	*ret_status = verdict->status;
	return CACHE_FAILED;
}

/* Whether the listing tells that neither a repository nor a namespace has the name. */
static bool is_no_path(struct mount *mount, const struct registry *registry, const char *path,
                       struct asker *asker)
{
	bool is_short;

	return cache_shows_path(mount->cache, registry, path, &is_short) == CACHE_KNOWN_ABSENT &&
	       cache_lacks_repository(mount->cache, registry, path, asker);
}

static enum cache_answer resolve_component(struct mount *mount, const struct registry *registry,
                                           const char *parent, const char *name,
                                           const struct path_child *child, struct asker *asker,
                                           struct resolved *ret_resolved, enum status *ret_status)
{
	bool is_searched = is_searched_for(name);
	enum image_question_how how = is_searched ? CACHE_ASK_YOUNG : CACHE_ASK;
	bool may_be_directory = child->may_be_directory &&
	                        !(is_searched && is_no_path(mount, registry, child->path, asker));
	struct verdict verdict = {0};
	enum cache_answer image = CACHE_ABSENT;

	if (may_be_directory &&
	    is_listed(mount, registry, child->path, asker, ret_resolved, &verdict))
		return CACHE_FOUND;
	if (child->may_be_tag)
		image = find_image(mount, registry, parent, name, how, asker, ret_resolved,
		                   &verdict);
	if (image == CACHE_FOUND || image == CACHE_WAIT)
		return image;
	if (may_be_directory && name_is_repository(child->path) &&
	    !is_about_to_be_listed(mount, registry, child->path, &verdict) &&
	    is_repository(mount, registry, child->path, asker, ret_resolved, &verdict))
		return CACHE_FOUND;
	return conclude(mount, name, child, asker, &verdict, ret_resolved, ret_status);
}

static enum cache_answer resolve_reference(struct mount *mount, const struct registry *registry,
                                           const char *path, struct asker *asker,
                                           struct resolved *ret_resolved, enum status *ret_status)
{
	struct path_parts parts;
	struct found_image found;
	enum cache_answer answer = CACHE_ABSENT;

	if (path_split(path, &parts))
		answer = cache_find_image(mount->cache, registry, parts.repository, parts.image,
		                          CACHE_ASK, asker, &found, ret_status);
	if (answer == CACHE_FOUND) {
		found.number = 0; /* that is the directory's which a listing shows */
		set_image(ret_resolved, &found);
	}
	if (answer == CACHE_FAILED && *ret_status == STATUS_DENIED)
		return take_for_directory(mount, ret_resolved);
	return answer;
}

/* Whether a new listing of the registry, in place of one that is too old, is yet to tell if the
 * repository is there. */
static bool awaits_listing(struct mount *mount, const struct registry *registry,
                           const char *repository, struct asker *asker)
{
	enum status status;

	return cache_is_repository(mount->cache, registry, repository, asker) == CACHE_UNKNOWN &&
	       cache_renew_paths(mount->cache, registry, asker, &status) == CACHE_WAIT;
}

/* A directory of ours is where a repository is. Where the listing that showed it is too old, a new
 * one costs no more than a question by name, and what it showed is of use when there is no new one.
 */
static enum cache_answer resolve_hidden(struct mount *mount, const struct registry *registry,
                                        const char *repository, struct asker *asker,
                                        struct resolved *ret_resolved, enum status *ret_status)
{
	struct path_roles roles;
	uint64_t until_ns;
	enum cache_answer answer;
	bool is_short;

	if (cache_shows_path(mount->cache, registry, repository, &is_short) == CACHE_KNOWN &&
	    is_short && awaits_listing(mount, registry, repository, asker))
		return CACHE_WAIT;
	if (cache_is_repository(mount->cache, registry, repository, asker) == CACHE_KNOWN &&
	    cache_find_path(mount->cache, registry, repository, asker, &roles, ret_status) ==
	            CACHE_FOUND) {
		*ret_resolved =
		        (struct resolved){.kind = RESOLVED_HIDDEN, .until_ns = roles.until_ns};
		return CACHE_FOUND;
	}
	answer = cache_find_repository(mount->cache, registry, repository, asker, &until_ns,
	                               ret_status);
	if (answer == CACHE_FAILED && *ret_status == STATUS_DENIED) {
		take_for_directory(mount, ret_resolved);
		ret_resolved->kind = RESOLVED_HIDDEN;
		return CACHE_FOUND;
	}
	if (answer == CACHE_FOUND)
		*ret_resolved = (struct resolved){.kind = RESOLVED_HIDDEN, .until_ns = until_ns};
	return answer;
}

enum cache_answer resolve_name(struct mount *mount, const struct registry *registry,
                               const char *parent, const char *name, struct asker *asker,
                               struct resolved *ret_resolved, enum status *ret_status)
{
	struct path_child child;

	path_child(parent, name, &child);
	switch (child.form) {
	case PATH_COMPONENT:
		return resolve_component(mount, registry, parent, name, &child, asker, ret_resolved,
		                         ret_status);
	case PATH_REFERENCE:
		return resolve_reference(mount, registry, child.path, asker, ret_resolved,
		                         ret_status);
	case PATH_HIDDEN:
		return resolve_hidden(mount, registry, parent, asker, ret_resolved, ret_status);
	case PATH_NOTHING:
		break;
	}
	return CACHE_ABSENT;
}

bool resolve_awaits_listing(struct mount *mount, const struct registry *registry, const char *path,
                            struct asker *asker)
{
	struct path_parts parts;

	return asker->may_wait && path_split(path, &parts) &&
	       awaits_listing(mount, registry, parts.repository, asker);
}

enum cache_answer resolve_image(struct mount *mount, const struct registry *registry,
                                const char *path, enum image_question_how how, struct asker *asker,
                                struct found_image *ret_found, enum status *ret_status)
{
	struct path_parts parts;

	if (!path_split(path, &parts) ||
	    cache_is_repository(mount->cache, registry, parts.repository, asker) ==
	            CACHE_KNOWN_ABSENT)
		return CACHE_ABSENT;
	return cache_find_image(mount->cache, registry, parts.repository, parts.image, how, asker,
	                        ret_found, ret_status);
}

struct image *resolve_newest_image(struct mount *mount, const struct inode *directory,
                                   uint64_t start_ns)
{
	struct asker hasty = {.start_ns = start_ns};
	struct found_image found = {.image = NULL};
	enum status status;

	if (resolve_image(mount, directory->registry, directory->path, CACHE_ASK, &hasty, &found,
	                  &status) == CACHE_FOUND &&
	    digest_equal(&found.image->digest, &directory->digest))
		return found.image;
	image_unref(found.image);
	return inodes_image(mount->inodes, directory);
}
