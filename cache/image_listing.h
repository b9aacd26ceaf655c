/* One listing of a repository's images: of its tags, or of all digests.
 *
 * All functions: the caller holds the cache's lock. Threads: as their askers.
 */
#ifndef ECRFS_CACHE_IMAGE_LISTING_H
#define ECRFS_CACHE_IMAGE_LISTING_H

#include "cache/core.h"
#include "cache/image.h"
#include "cache/names.h"
#include "cache/order.h"

/* A tag or digest that the listing showed. */
struct listed_image {
	struct name name;
	struct image *image;
	char text[];
};

struct image_listing {
	struct core *core;
	enum image_scope scope; /* IMAGES_TAGGED: names are tags; IMAGES_ALL: digests */
	struct fetch fetch;
	struct names names;
	struct order *order; /* NULL: nobody reads in the order of names */
	size_t bytes;        /* of all listed images, with their parts of what they stand for */
	uint32_t pass;
	uint64_t complete_ns;  /* monotonic: when the last complete pass ended; 0: never */
	unsigned left_out;     /* names of this pass that no directory can show */
	uint64_t recalling_ns; /* monotonic: as in struct catalog */
	bool failed_to_store;  /* this pass: out of memory */
};

void image_listing_init(struct image_listing *listing, struct core *core, enum image_scope scope);
void image_listing_deinit(struct image_listing *listing);

/* All its memory. */
size_t image_listing_bytes(const struct image_listing *listing);

/* What a listing showed under this tag or digest, or NULL. */
struct listed_image *image_listing_find(const struct image_listing *listing, const char *text);

/* Since when the name is good; 0: it is not. */
uint64_t image_listing_since_ns(const struct image_listing *listing, const struct name *name);

/* Whether what the last complete pass showed was forgotten. */
static inline bool image_listing_is_forgotten(const struct image_listing *listing)
{
	return listing->fetch.forgotten_ns && listing->complete_ns <= listing->fetch.forgotten_ns;
}

/* The server said at `seen_ns`, in answer to another question, that the name stands for this image.
 */
void image_listing_update(struct image_listing *listing, struct listed_image *listed,
                          struct image *image, uint64_t seen_ns);

/* As cache_list(). `ret_ask`: the caller has to ask the source, after it let go of the lock. */
enum cache_answer image_listing_show(struct image_listing *listing,
                                     const struct names_request *request, struct asker *asker,
                                     size_t max, struct listed_name *names, size_t *ret_n,
                                     bool *ret_ask, enum status *ret_status);

/* Waits for the listing, and begins one when none is under way (`ret_ask`). Answers CACHE_WAIT, or
 * CACHE_FAILED for want of memory. */
enum cache_answer image_listing_wait(struct image_listing *listing, struct asker *asker,
                                     bool *ret_ask, enum status *ret_status);

/* A page came. */
void image_listing_take_page(struct image_listing *listing, enum status status,
                             const struct image_record *records, size_t n, bool last);

/* A page of what an earlier life was told. */
void image_listing_recall_page(struct image_listing *listing, const struct recalled *recalled);

/* There are no more such pages: a part of a listing is none. */
void image_listing_recall_end(struct image_listing *listing);

#endif
