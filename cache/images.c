/* Tags of a repository: what the listing shows, what was asked by name, and which of both counts.
 *
 * The newer word wins. A listing is proof that a tag exists. That it does not show one is proof of
 * absence only for those who waited for that listing: what was just pushed must be found.
 */
#include "cache/images.h"
#include "ecr/name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The fourth question by name within one TTL is answered by listing the repository: a call for each
 * tag of a long scan would cost more than the pages. */
#define ASKED_BY_NAME_MAX 3

static size_t tag_bytes(const struct tag *tag)
{
	return sizeof(*tag) + strlen(tag->text) + 1;
}

static size_t question_bytes(const struct tag_question *question)
{
	return sizeof(*question) + strlen(question->text) + 1;
}

void images_init(struct images *images, struct core *core)
{
	*images = (struct images){.core = core};
}

static void free_tag(void *arg, struct name *name)
{
	struct images *images = arg;
	struct tag *tag = (struct tag *)name;

	images->bytes -= tag_bytes(tag);
	free(tag);
}

static void free_question(struct tag_question *question)
{
	struct images *images = question->images;

	HASH_DEL(images->questions, question);
	images->bytes -= question_bytes(question);
	free(question);
}

void images_deinit(struct images *images)
{
	struct tag_question *question, *next;

	names_clear(&images->tags, free_tag, images);
	HASH_ITER (hh, images->questions, question, next) {
		free_question(question);
	}
}

static bool fetch_in_use(const struct fetch *fetch)
{
	return fetch->pins || fetch->under_way;
}

bool images_in_use(const struct images *images)
{
	struct tag_question *question, *next;

	if (fetch_in_use(&images->listing))
		return true;
	HASH_ITER (hh, images->questions, question, next) {
		if (fetch_in_use(&question->fetch))
			return true;
	}
	return false;
}

/* Questions whose answers are of no use any more. */
static void drop_old_questions(struct images *images)
{
	const struct cache_config *config = &images->core->config;
	uint64_t now = core_now_ns(images->core);
	struct tag_question *question, *next;

	HASH_ITER (hh, images->questions, question, next) {
		uint64_t age = now - question->fetch.answered_ns;

		if (!fetch_in_use(&question->fetch) && age >= config->ttl_ns &&
		    age >= config->negative_ttl_ns)
			free_question(question);
	}
}

static struct tag_question *question_new(struct images *images, const char *tag)
{
	struct tag_question *question = calloc(1, sizeof(*question) + strlen(tag) + 1);

	if (!question)
		return NULL;
	question->images = images;
	strcpy(question->text, tag);
	HASH_ADD_STR(images->questions, text, question);
	if (!question->hh.tbl) { /* out of memory */
		free(question);
		return NULL;
	}
	images->bytes += question_bytes(question);
	return question;
}

static struct tag *tag_new(struct images *images, const char *text)
{
	struct tag *tag = calloc(1, sizeof(*tag) + strlen(text) + 1);

	if (!tag)
		return NULL;
	strcpy(tag->text, text);
	tag->name.text = tag->text;
	if (names_add(&images->tags, &tag->name) < 0) {
		free(tag);
		return NULL;
	}
	images->bytes += tag_bytes(tag);
	return tag;
}

static void fill_image(struct image *image, const struct image_record *record)
{
	*image = (struct image){
	        .digest = record->digest,
	        .size_bytes = record->size_bytes,
	        .pushed_ns = record->pushed_ns,
	        .pulled_ns = record->pulled_ns,
	};
}

/* The server said just now that the tag names this image. */
static void update_tag(struct images *images, struct tag *tag, const struct image_record *record)
{
	if (!tag->name.number || !digest_equal(&tag->image.digest, &record->digest))
		tag->name.number = core_new_number(images->core);
	fill_image(&tag->image, record);
	tag->name.seen_ns = core_now_ns(images->core);
}

static void see_tag(struct images *images, const char *text, const struct image_record *record)
{
	struct tag *tag;

	if (!name_is_tag(text)) {
		images->left_out++;
		return;
	}
	tag = (struct tag *)names_find(&images->tags, text);
	if (!tag)
		tag = tag_new(images, text);
	if (!tag) {
		images->failed_to_store = true;
		return;
	}
	update_tag(images, tag, record);
	tag->name.pass = images->pass;
}

static void finish_pass(struct images *images, enum status status)
{
	struct core *core = images->core;
	uint64_t now = core_now_ns(core);

	if (status == STATUS_OK && images->failed_to_store)
		status = STATUS_NO_MEMORY;
	if (status == STATUS_OK) {
		names_complete(&images->tags, images->pass, clock_realtime_ns(core->clock),
		               free_tag, images);
		images->complete_ns = now;
	}
	if (status == STATUS_ABSENT) { /* the repository is gone, and its tags with it */
		names_clear(&images->tags, free_tag, images);
		images->complete_ns = 0;
	}
	fetch_finish(&images->listing, status, now, &core->ready);
}

void images_take_page(struct images *images, enum status status, const struct image_record *records,
                      size_t n, bool last)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < records[i].n_tags; j++)
			see_tag(images, records[i].tags[j], &records[i]);
	if (last)
		finish_pass(images, status);
	else
		fetch_wake(&images->listing, &images->core->ready);
}

void images_take_answer(struct tag_question *question, enum status status,
                        const struct image_record *record)
{
	struct images *images = question->images;
	struct tag *tag = (struct tag *)names_find(&images->tags, question->text);

	question->answered = status == STATUS_OK || status == STATUS_ABSENT;
	if (status == STATUS_OK) {
		fill_image(&question->image, record);
		if (tag)
			update_tag(images, tag, record);
	}
	fetch_finish(&question->fetch, status, core_now_ns(images->core), &images->core->ready);
}

static bool is_young(const struct images *images, uint64_t since_ns, uint64_t ttl_ns,
                     const struct asker *asker)
{
	return since_ns &&
	       (since_ns >= asker->start_ns || core_now_ns(images->core) - since_ns < ttl_ns);
}

/* How old the answer by name is that still counts, 0 for none: an image that a newer listing does
 * not show any more is gone. */
static uint64_t answer_ns(const struct images *images, const struct tag_question *question,
                          const struct tag *tag)
{
	if (!question || !question->answered)
		return 0;
	if (question->fetch.status == STATUS_OK && !tag &&
	    images->complete_ns > question->fetch.answered_ns)
		return 0;
	return question->fetch.answered_ns;
}

/* What memory knows for certain: FOUND or ABSENT, else WAIT. */
static enum cache_answer look_up(struct images *images, const struct tag *tag,
                                 const struct tag_question *question, const struct asker *asker,
                                 struct image *ret_image)
{
	const struct cache_config *config = &images->core->config;
	uint64_t tag_ns = tag ? tag->name.seen_ns : 0;
	uint64_t asked_ns = answer_ns(images, question, tag);

	if (tag && tag_ns >= asked_ns && is_young(images, tag_ns, config->ttl_ns, asker)) {
		*ret_image = tag->image;
		ret_image->number = tag->name.number;
		ret_image->until_ns = tag_ns + config->ttl_ns;
		return CACHE_FOUND;
	}
	if (asked_ns <= tag_ns)
		return CACHE_WAIT;
	if (question->fetch.status == STATUS_ABSENT)
		return is_young(images, asked_ns, config->negative_ttl_ns, asker) ? CACHE_ABSENT
		                                                                  : CACHE_WAIT;
	if (!is_young(images, asked_ns, config->ttl_ns, asker))
		return CACHE_WAIT;
	*ret_image = question->image;
	ret_image->until_ns = asked_ns + config->ttl_ns;
	return CACHE_FOUND;
}

/* Whether by now one listing is cheaper than more questions by name. */
static bool asked_enough(const struct images *images)
{
	return images->asked >= ASKED_BY_NAME_MAX &&
	       core_now_ns(images->core) - images->window_ns < images->core->config.ttl_ns;
}

/* Whether the listing, which does not show the tag, is proof of its absence. */
static bool listing_proves_absence(const struct images *images, bool listed,
                                   const struct asker *asker)
{
	const struct cache_config *config = &images->core->config;
	uint64_t ttl_ns = 0;

	if (listed)
		ttl_ns = config->ttl_ns;
	else if (asked_enough(images))
		ttl_ns = config->negative_ttl_ns;
	return is_young(images, images->complete_ns, ttl_ns, asker);
}

static bool failed_meanwhile(const struct fetch *fetch, const struct asker *asker)
{
	return fetch->status != STATUS_OK && fetch->answered_ns &&
	       fetch->answered_ns >= asker->start_ns;
}

static enum cache_answer failure(const struct fetch *fetch, enum status *ret_status)
{
	if (fetch->status == STATUS_ABSENT)
		return CACHE_ABSENT;
	*ret_status = fetch->status;
	return CACHE_FAILED;
}

static enum cache_answer wait_for_listing(struct images *images, struct asker *asker,
                                          struct images_todo *ret_todo, enum status *ret_status)
{
	enum cache_answer answer = core_wait(&images->listing, asker, ret_status);

	if (answer != CACHE_WAIT || images->listing.under_way)
		return answer;
	images->listing.under_way = true;
	images->pass++;
	images->left_out = 0;
	images->failed_to_store = false;
	ret_todo->ask = IMAGES_ASK_LISTING;
	return answer;
}

static void count_question(struct images *images)
{
	uint64_t now = core_now_ns(images->core);

	if (now - images->window_ns >= images->core->config.ttl_ns) {
		images->window_ns = now;
		images->asked = 0;
	}
	images->asked++;
}

static enum cache_answer wait_for_tag(struct images *images, const char *tag,
                                      struct tag_question *question, struct asker *asker,
                                      struct images_todo *ret_todo, enum status *ret_status)
{
	enum cache_answer answer;

	if (!question) {
		drop_old_questions(images);
		question = question_new(images, tag);
	}
	if (!question) {
		*ret_status = STATUS_NO_MEMORY;
		return CACHE_FAILED;
	}
	answer = core_wait(&question->fetch, asker, ret_status);
	if (answer != CACHE_WAIT || question->fetch.under_way)
		return answer;
	question->fetch.under_way = true;
	count_question(images);
	ret_todo->ask = IMAGES_ASK_TAG;
	ret_todo->question = question;
	return answer;
}

enum cache_answer images_find(struct images *images, const char *text, bool listed,
                              struct asker *asker, struct image *ret_image,
                              struct images_todo *ret_todo, enum status *ret_status)
{
	const struct tag *tag = (struct tag *)names_find(&images->tags, text);
	struct tag_question *question;
	enum cache_answer answer;

	HASH_FIND_STR(images->questions, text, question);
	answer = look_up(images, tag, question, asker, ret_image);
	if (answer != CACHE_WAIT)
		return answer;
	if (question && failed_meanwhile(&question->fetch, asker))
		return failure(&question->fetch, ret_status);
	if (!tag && listing_proves_absence(images, listed, asker))
		return CACHE_ABSENT;
	if (asked_enough(images) && failed_meanwhile(&images->listing, asker))
		return failure(&images->listing, ret_status);
	if (!asker->may_wait)
		return CACHE_WAIT;
	if (asked_enough(images) && !(question && question->fetch.under_way))
		return wait_for_listing(images, asker, ret_todo, ret_status);
	return wait_for_tag(images, text, question, asker, ret_todo, ret_status);
}

/* As in cache/catalog.c: a good listing, one that the caller began, or the first one's pages. */
static bool may_show(const struct images *images, const struct names_request *request,
                     const struct asker *asker)
{
	if (is_young(images, images->complete_ns, images->core->config.ttl_ns, asker))
		return true;
	if (images->complete_ns)
		return request->going_on;
	return images->listing.under_way;
}

enum cache_answer images_list(struct images *images, const struct names_request *request,
                              struct asker *asker, size_t max, struct listed_name *names,
                              size_t *ret_n, struct images_todo *ret_todo, enum status *ret_status)
{
	*ret_n = 0;
	if (may_show(images, request, asker)) {
		*ret_n = names_copy(&images->tags, request->after, max, names);
		if (*ret_n || images->complete_ns)
			return CACHE_FOUND;
	}
	if (failed_meanwhile(&images->listing, asker))
		return failure(&images->listing, ret_status);
	if (!asker->may_wait)
		return CACHE_WAIT;
	return wait_for_listing(images, asker, ret_todo, ret_status);
}
