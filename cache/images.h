/* The tagged images of one repository: their listing, and the questions about single tags.
 *
 * All functions: the caller holds the cache's lock. Threads: as their askers.
 */
#ifndef ECRFS_CACHE_IMAGES_H
#define ECRFS_CACHE_IMAGES_H

#include "cache/core.h"
#include "cache/names.h"
#include "ecr/source.h"

#include <uthash.h>

/* A tag that a listing showed. */
struct tag {
	struct name name;
	struct image image;
	char text[];
};

/* A tag that was asked for by name; lives while its answer is of use. */
struct tag_question {
	UT_hash_handle hh;
	struct images *images;
	struct fetch fetch;
	struct image image; /* when the status is STATUS_OK */
	bool answered;      /* with no error */
	char text[];
};

struct images {
	struct core *core;
	struct fetch listing;
	struct names tags;
	struct tag_question *questions;
	size_t bytes; /* of tags and questions */
	uint32_t pass;
	uint64_t complete_ns; /* monotonic: when the last complete pass ended; 0: never */
	unsigned left_out;    /* names of this pass that no directory can show */
	bool failed_to_store; /* this pass: out of memory */

	/* Questions by name since `window_ns`: many of them are cheaper as one listing. */
	uint64_t window_ns;
	unsigned asked;
};

/* What the caller has to ask the source for, after it let go of the lock. */
enum images_ask {
	IMAGES_ASK_NOTHING,
	IMAGES_ASK_LISTING,
	IMAGES_ASK_TAG, /* `question` */
};
struct images_todo {
	enum images_ask ask;
	struct tag_question *question;
};

void images_init(struct images *images, struct core *core);
void images_deinit(struct images *images);

/* Whether anybody holds or waits for any part of it. */
bool images_in_use(const struct images *images);

enum cache_answer images_find(struct images *images, const char *tag, bool listed,
                              struct asker *asker, struct image *ret_image,
                              struct images_todo *ret_todo, enum status *ret_status);

enum cache_answer images_list(struct images *images, const struct names_request *request,
                              struct asker *asker, size_t max, struct listed_name *names,
                              size_t *ret_n, struct images_todo *ret_todo, enum status *ret_status);

/* A page of the listing, and an answer by name, came. */
void images_take_page(struct images *images, enum status status, const struct image_record *records,
                      size_t n, bool last);
void images_take_answer(struct tag_question *question, enum status status,
                        const struct image_record *record);

#endif
