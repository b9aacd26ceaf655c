/* Resolving names: one component at a time, with as few calls as prove the case.
 *
 *   listing of the registry ── shows it ─────────────────────────────► a directory
 *        │ in the background   image of that tag in the parent ───────► an image
 *        │                     none: repository of that name ─────────► a directory
 *        └─ complete without it, no image, no repository ─────────────► absent
 */
#include "fs/resolve.h"
#include "fs/mount.h"
#include "fs/path.h"

/* Several answers about one name: the worst decides, once nothing has been found. */
struct verdict {
	bool must_wait;
	bool has_failed;
	enum status status;
};

static void take_answer(struct verdict *verdict, enum cache_answer answer, enum status status)
{
	switch (answer) {
	case CACHE_FOUND:
	case CACHE_ABSENT:
		break;
	case CACHE_WAIT:
		verdict->must_wait = true;
		break;
	case CACHE_FAILED:
		verdict->has_failed = true;
		verdict->status = status;
		break;
	}
}

static enum cache_answer conclude(const struct verdict *verdict, enum status *ret_status)
{
	if (verdict->must_wait)
		return CACHE_WAIT;
	if (!verdict->has_failed)
		return CACHE_ABSENT;
	*ret_status = verdict->status;
	return CACHE_FAILED;
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
	if (answer != CACHE_FOUND)
		return false;
	*resolved = (struct resolved){
	        .is_directory = true,
	        .number = roles.number,
	        .until_ns = roles.until_ns,
	};
	return true;
}

static enum cache_answer find_image(struct mount *mount, const struct registry *registry,
                                    const char *parent, const char *tag, struct asker *asker,
                                    struct resolved *resolved, struct verdict *verdict)
{
	struct image image;
	enum status status = STATUS_OK;
	enum cache_answer answer = CACHE_ABSENT;

	if (cache_is_repository(mount->cache, registry, parent, asker) != CACHE_KNOWN_ABSENT)
		answer = cache_find_image(mount->cache, registry, parent, tag, false, asker, &image,
		                          &status);
	take_answer(verdict, answer, status);
	if (answer == CACHE_FOUND)
		*resolved = (struct resolved){
		        .image = image,
		        .number = image.number,
		        .until_ns = image.until_ns,
		};
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
		*resolved = (struct resolved){.is_directory = true, .until_ns = until_ns};
	return answer == CACHE_FOUND;
}

enum cache_answer resolve_name(struct mount *mount, const struct registry *registry,
                               const char *parent, const char *name, struct asker *asker,
                               struct resolved *ret_resolved, enum status *ret_status)
{
	struct verdict verdict = {0};
	enum cache_answer image = CACHE_ABSENT;
	struct path_child child;

	if (!path_child(parent, name, &child))
		return CACHE_ABSENT;
	if (child.may_be_directory &&
	    is_listed(mount, registry, child.path, asker, ret_resolved, &verdict))
		return CACHE_FOUND;
	if (child.may_be_tag)
		image = find_image(mount, registry, parent, name, asker, ret_resolved, &verdict);
	if (image == CACHE_FOUND || image == CACHE_WAIT)
		return image;
	if (child.may_be_directory && name_is_repository(child.path) &&
	    !is_about_to_be_listed(mount, registry, child.path, &verdict) &&
	    is_repository(mount, registry, child.path, asker, ret_resolved, &verdict))
		return CACHE_FOUND;
	return conclude(&verdict, ret_status);
}

enum cache_answer resolve_image(struct mount *mount, const struct registry *registry,
                                const char *path, bool listed, struct asker *asker,
                                struct image *ret_image, enum status *ret_status)
{
	struct path_parts parts;

	if (!path_split(path, &parts) ||
	    cache_is_repository(mount->cache, registry, parts.repository, asker) ==
	            CACHE_KNOWN_ABSENT)
		return CACHE_ABSENT;
	return cache_find_image(mount->cache, registry, parts.repository, parts.tag, listed, asker,
	                        ret_image, ret_status);
}
