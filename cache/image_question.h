/* An image that was asked for by tag or digest; lives while its answer is of use.
 *
 * All functions: the caller holds the cache's lock. Threads: as their askers.
 */
#ifndef ECRFS_CACHE_IMAGE_QUESTION_H
#define ECRFS_CACHE_IMAGE_QUESTION_H

#include "cache/core.h"
#include "cache/image.h"

#include <uthash.h>

struct images;

struct image_question {
	UT_hash_handle hh;
	struct images *images;
	struct fetch fetch;
	struct image *image; /* when the status is STATUS_OK */
	bool is_answered;    /* with no error */
	bool is_pull;        /* it is, or was, asked for as a pull of the tag */
	char text[];
};

/* Adds one to `images`, which has none of that text. NULL when out of memory. */
struct image_question *image_question_new(struct images *images, const char *text);

/* Takes it off its images. */
void image_question_free(struct image_question *question);

/* The answer to it; takes the image, NULL unless STATUS_OK. */
void image_question_take(struct image_question *question, enum status status, struct image *image);

/* Frees those whose answers are of no use any more. */
void image_questions_drop_old(struct images *images, uint64_t ttl_ns);

#endif
