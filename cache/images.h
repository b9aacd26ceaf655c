/* What the tags and digests of one repository stand for: by its listings, and by questions about
 * single images.
 *
 * All functions: the caller holds the cache's lock. Threads: as their askers.
 */
#ifndef ECRFS_CACHE_IMAGES_H
#define ECRFS_CACHE_IMAGES_H

#include "cache/image_listing.h"
#include "cache/image_question.h"

struct images {
	struct core *core;
	struct image_listing tags, digests;
	struct image_question *questions; /* by text */
	size_t bytes;                     /* of the questions */
	unsigned drop_at;                 /* with so many of them, old ones are looked for */

	/* Questions by tag since `window_ns`: many of them are cheaper as one listing. */
	uint64_t window_ns;
	unsigned asked;
};

/* What the caller has to ask the source for, after it let go of the lock. */
struct images_todo {
	bool recall;                     /* remember the repository first */
	struct image_listing *listing;   /* NULL: none */
	struct image_question *question; /* NULL: none */
};

void images_init(struct images *images, struct core *core);
void images_deinit(struct images *images);

/* The listing of tags, or that of digests, of which CACHE_UNTAGGED is a part. */
struct image_listing *images_listing(struct images *images, enum cache_listing listing);

/* Memory of listings and questions. */
size_t images_bytes(const struct images *images);

/* Whether anybody holds or waits for any part of it. */
bool images_in_use(const struct images *images);

/* How an image is asked for. */
struct images_request {
	const char *text; /* a tag, or "sha256:…" */
	enum image_question_how how;
	uint64_t ttl_ns; /* how long a positive answer holds */
};

enum cache_answer images_find(struct images *images, const struct images_request *request,
                              struct asker *asker, struct found_image *ret_found,
                              struct images_todo *ret_todo, enum status *ret_status);

/* As cache_list(). */
enum cache_answer images_list(struct images *images, const struct names_request *request,
                              struct asker *asker, size_t max, struct listed_name *names,
                              size_t *ret_n, struct images_todo *ret_todo, enum status *ret_status);

/* An answer by name came in an earlier life; one that came in this life wins. */
void images_recall_answer(struct images *images, const struct recalled *recalled);

/* An answer by name came; `record` only with STATUS_OK. */
void images_take_answer(struct image_question *question, enum status status,
                        const struct image_record *record);

/* Nothing that ECR said until now is believed any more. */
void images_forget(struct images *images);

/* The same of one image, by tag or "sha256:…". Answers whether it was known, and which it was. */
bool images_forget_one(struct images *images, const char *text, struct digest *ret_digest);

#endif
