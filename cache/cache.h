/* What is known of the registries: hit, or join the one question under way.
 *
 * Questions answer at once, from memory: see `enum cache_answer`. Everything that is found is
 * copied or counted, so that nothing is borrowed from the cache.
 *
 * Threads: any for an asker that may not wait; loop for one that may.
 */
#ifndef ECRFS_CACHE_CACHE_H
#define ECRFS_CACHE_CACHE_H

#include "base/clock.h"
#include "base/digest.h"
#include "base/status.h"
#include "cache/asker.h"
#include "cache/image.h"
#include "ecr/registry.h"

#include <stddef.h>

struct bytes;
struct cache;
struct document_id;
struct log;
struct loop;
struct source;

/* TTLs: 0 means that ECR is asked each time. */
struct cache_config {
	uint64_t ttl_ns;           /* tag to digest, listings */
	uint64_t immutable_ttl_ns; /* a tag that its repository promises not to move */
	uint64_t digest_ttl_ns;    /* bytes of a manifest */
	uint64_t negative_ttl_ns;  /* "no such tag" and "no such repository" */
	uint64_t stale_after_ns;   /* how long news are awaited where an older answer is known */
	uint64_t stale_ttl_ns;     /* how long after its TTL that may be shown then; 0: never */
	size_t max_bytes;          /* manifests and listings together */
	bool no_pull;              /* BatchGetImage is never called */
	unsigned readahead_calls;  /* so many calls may fly at a time; 0: no reading ahead */
};

/* Borrows all but the config, for its life. Answers 0 or -ENOMEM. */
int cache_new(struct loop *loop, const struct clock *clock, struct log *log, struct source *source,
              const struct cache_config *config, struct cache **ret_cache);

/* After the source's last answer, when no asker is left. Accepts NULL. */
void cache_free(struct cache *cache);

/* Makes room for a registry, whose address is its identity from now on. Borrows it for the life of
 * the cache. Answers 0 or -ENOMEM. Before the first question about this registry. Threads: any. */
int cache_add_registry(struct cache *cache, const struct registry *registry);

/* `asker` wants nothing any more: whoever asked with `may_wait` calls this when done.
 * Threads: loop. */
void cache_release(struct cache *cache, struct asker *asker);

/* Forgets everything: ECR is asked again about all, also about the bytes of manifests. Answers to
 * what is under way count as new. Threads: loop. */
void cache_forget(struct cache *cache);

/* What is to be forgotten of one registry: what is at a path and below it, or an image, or both. */
struct cache_scope {
	const struct registry *registry;
	const char *path;       /* "": all of the registry; NULL: no path */
	const char *repository; /* of the image; NULL: no image */
	const char *image;      /* a tag, or "sha256:…" */
};

/* The same for a part: all else stays. Threads: loop. */
void cache_forget_part(struct cache *cache, const struct cache_scope *scope);

/* Each name has so many inode numbers: the first is its own, the others are for the files in it. */
#define CACHE_NUMBERS 16

/* An inode number that was never given before, a multiple of these. Threads: any. */
uint64_t cache_new_number(struct cache *cache);

/* The account of a registry: of the one that is the caller's own, it is asked for when nothing has
 * told it yet. `ret_account` has REGISTRY_ACCOUNT_DIGITS digits and the NUL. */
enum cache_answer cache_find_account(struct cache *cache, const struct registry *registry,
                                     struct asker *asker,
                                     char ret_account[static REGISTRY_ACCOUNT_DIGITS + 1],
                                     enum status *ret_status);

/* A path below a registry, as the listing of its repositories shows it. */
struct path_roles {
	bool is_repository;
	bool is_namespace; /* repositories lie below it */
	uint64_t number;
	uint64_t until_ns; /* monotonic: the name is good until then */
};

/* Whether the listing of the registry's repositories shows `path`. It is fetched when it is not at
 * hand; the answer may come with any page. CACHE_ABSENT: the complete listing does not show it. */
enum cache_answer cache_find_path(struct cache *cache, const struct registry *registry,
                                  const char *path, struct asker *asker,
                                  struct path_roles *ret_roles, enum status *ret_status);

/* Whether there is a repository of that name: asked by name when it is not known. */
enum cache_answer cache_find_repository(struct cache *cache, const struct registry *registry,
                                        const char *repository, struct asker *asker,
                                        uint64_t *ret_until_ns, enum status *ret_status);

/* What is known of a path being a repository, without asking. */
enum cache_known {
	CACHE_KNOWN,
	CACHE_KNOWN_ABSENT,
	CACHE_UNKNOWN,
};
enum cache_known cache_is_repository(struct cache *cache, const struct registry *registry,
                                     const char *path, const struct asker *asker);

/* Whether the listing of the registry's repositories, however old, shows `path`, without asking.
 * CACHE_UNKNOWN: there is no listing. `ret_is_short`: it came with one page, so a new one costs no
 * more than a question by name. */
enum cache_known cache_shows_path(struct cache *cache, const struct registry *registry,
                                  const char *path, bool *ret_is_short);

/* Whether it is known of a path, by the listing of the registry's repositories and within its TTL,
 * that no repository has that name. Never asks. */
bool cache_lacks_repository(struct cache *cache, const struct registry *registry, const char *path,
                            const struct asker *asker);

/* Waits for the listing of the registry's repositories where there is one that is too old. Answers
 * CACHE_FOUND, CACHE_WAIT, or CACHE_FAILED: there is no new one to be had. */
enum cache_answer cache_renew_paths(struct cache *cache, const struct registry *registry,
                                    struct asker *asker, enum status *ret_status);

struct found_image {
	struct image *image; /* new reference */
	uint64_t number;     /* 0 when the name was in no listing yet */
	uint64_t until_ns;   /* monotonic: the name is good until then */
};

enum image_question_how {
	CACHE_ASK,       /* ECR's word is wanted */
	CACHE_ASK_YOUNG, /* a listing within its TTL that does not show the name is answer enough */
	CACHE_ASK_LISTED, /* and so is, while there are no news, one that is too old, or that the
	                   * name was absent before */
	CACHE_PULL,       /* for a caller who may do nothing but pull: the tag is pulled */
};

/* The image that `text`, a tag or "sha256:…", names. */
enum cache_answer cache_find_image(struct cache *cache, const struct registry *registry,
                                   const char *repository, const char *text,
                                   enum image_question_how how, struct asker *asker,
                                   struct found_image *ret_found, enum status *ret_status);

/* The bytes of a manifest, verified. `ret_bytes` is a new reference; NULL: the size will do, and
 * when this answers CACHE_FOUND, cache_manifest_size() has it. */
enum cache_answer cache_get_manifest(struct cache *cache, const struct registry *registry,
                                     const char *repository, const struct digest *digest,
                                     struct asker *asker, struct bytes **ret_bytes,
                                     enum status *ret_status);

/* The configuration of that image is about to be read. For reading ahead. */
void cache_meet_config(struct cache *cache, const struct registry *registry, const char *repository,
                       const struct digest *image);

struct cached_document {
	struct bytes *bytes; /* new reference */
	struct digest text;  /* of these bytes; not of a DOCUMENT_CONFIG, whose is known */
	uint64_t until_ns;   /* monotonic: it is good until then */
};

/* A document of a repository. With `nopull` there is no DOCUMENT_CONFIG but what is kept. */
enum cache_answer cache_get_document(struct cache *cache, const struct registry *registry,
                                     const char *repository, const struct document_id *id,
                                     struct asker *asker, struct cached_document *ret_document,
                                     enum status *ret_status);

/* A document as it was told last, however long ago. Never asks. */
bool cache_peek_document(struct cache *cache, const struct registry *registry,
                         const char *repository, const struct document_id *id,
                         struct cached_document *ret_document);

/* Since when (real time) a document is what it is, 0 when it is not here; and until when
 * (monotonic) that is good. Never asks. */
void cache_document_times(struct cache *cache, const struct registry *registry,
                          const char *repository, const struct document_id *id,
                          uint64_t *ret_changed_ns, uint64_t *ret_until_ns);

/* Names of a directory, in the order of their sequence numbers. */
struct listed_name {
	uint64_t sequence;
	uint64_t number;
	struct digest digest; /* of tags and digests: the image */
	struct image *image;  /* if asked for: a reference, or NULL; of components always NULL */
	uint64_t until_ns;    /* monotonic: the name is good until then; 0: not said */
	char text[256];       /* NAME_COMPONENT_MAX and the NUL */
};

/* Which names: the first component of repositories below a path ("" for all), or the tags or
 * digests of the repository of that path. */
enum cache_listing {
	CACHE_COMPONENTS,
	CACHE_TAGS,
	CACHE_DIGESTS,
	CACHE_UNTAGGED, /* digests without tags */
};

/* The size of a manifest, if it is known; remembered longer than the bytes. Never asks. */
bool cache_manifest_size(struct cache *cache, const struct registry *registry,
                         const char *repository, const struct digest *digest, size_t *ret_size);

/* The size of a manifest for the directory that shows it, whose reader may not come back for that,
 * nor be interested in it. Known of those that were used before, or came from disk: who walks on
 * with sizes alone must not have manifests pulled. For reading ahead, `listing` and `text` say
 * where it stands, as below. Never asks. */
bool cache_tell_manifest_size(struct cache *cache, const struct registry *registry,
                              const char *repository, enum cache_listing listing, const char *text,
                              const struct digest *digest, size_t *ret_size);

/* The manifest is about to be looked at under the name `text` (a tag or digest) of that listing,
 * with its size, where that is known; `was_walked`: a program went through it a moment ago, and may
 * have told others what to read. For reading ahead; changes nothing else. */
void cache_meet_manifest(struct cache *cache, const struct registry *registry,
                         const char *repository, enum cache_listing listing, const char *text,
                         const struct digest *digest, bool was_walked);

struct names_request {
	const struct registry *registry;
	const char *path;
	enum cache_listing listing;
	uint64_t after; /* names with greater sequence numbers */
	bool going_on;  /* the caller reads on in a listing that it began: any age will do */
	bool with_more; /* images and times, where the directory is not too long for that */
};

/* Of longer directories only names are given: whoever looks at each of so many things will ask, and
 * each that is shown before costs the kernel 1 KiB. */
#define CACHE_MORE_MAX 10000

/* Up to `max` names. CACHE_FOUND with none: there are no more. CACHE_WAIT: no more have arrived
 * yet. CACHE_ABSENT: there is no such path in the listing, or no such repository. */
enum cache_answer cache_list(struct cache *cache, const struct names_request *request,
                             struct asker *asker, size_t max, struct listed_name *names,
                             size_t *ret_n, enum status *ret_status);

/* What questions are about. A hit was answered at once, a miss had to be waited for. */
enum cache_kind {
	CACHE_KIND_REPOSITORIES,
	CACHE_KIND_IMAGES,
	CACHE_KIND_LISTINGS,
	CACHE_KIND_MANIFESTS,
	CACHE_KIND_DOCUMENTS,
	CACHE_KINDS,
};

/* Where answers came from. */
enum cache_layer {
	CACHE_LAYER_MEMORY,
	CACHE_LAYER_STALE, /* memory as well, but too old: ECR could not be asked, or not in time */
	CACHE_LAYER_DISK,  /* the store had it; what an earlier life was told counts once as a whole
	                    */
	CACHE_LAYER_ECR,   /* it was asked for this; those who joined are not counted */
	CACHE_LAYERS,
};

enum cache_event {
	CACHE_JOINED,      /* somebody waits for a question that was under way already */
	CACHE_AHEAD,       /* a manifest was asked for ahead */
	CACHE_AHEAD_USED,  /* and was wanted then */
	CACHE_IDS_FETCHED, /* an image id for which BatchGetImage was asked */
	CACHE_PULLED,      /* ECR handed it out */
	CACHE_EVENTS,
};

/* What the cache has done so far. */
struct cache_figures {
	uint64_t hits[CACHE_KINDS];
	uint64_t misses[CACHE_KINDS];
	uint64_t answers[CACHE_LAYERS];
	uint64_t events[CACHE_EVENTS];
	size_t bytes;
	size_t max_bytes;
};
void cache_figures(struct cache *cache, struct cache_figures *ret_figures);

/* "repositories", "memory", … Static storage. Threads: pure. */
const char *cache_kind_name(enum cache_kind kind);
const char *cache_layer_name(enum cache_layer layer);

/* Since when (real time) the path has the names that it has: the newer of components and tags, or
 * the `digests` of the repository; 0 when none was ever listed; and until when (monotonic) all of
 * them are good, 0 when some are not known. Never asks. */
void cache_listing_times(struct cache *cache, const struct registry *registry, const char *path,
                         bool digests, uint64_t *ret_changed_ns, uint64_t *ret_until_ns);

#endif
