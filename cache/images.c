/* Images of a repository: what the listings show, what was asked by name, and which of both counts.
 *
 * The newer word wins. A listing is proof that a tag exists. That it does not show one is proof of
 * absence only for those who waited for that listing: what was just pushed must be found.
 */
#include "cache/images.h"

#include <stdlib.h>
#include <string.h>

/* The fourth question by tag within one TTL is answered by listing the repository: a call for each
 * tag of a long scan would cost more than the pages. */
#define ASKED_BY_TAG_MAX 3

/* Fewer questions than that are not worth a look at their age. */
#define MIN_QUESTIONS 16

static size_t question_bytes(const struct image_question *question)
{
	return budget_heap_bytes(question) + (question->image ? image_bytes(question->image) : 0);
}

void images_init(struct images *images, struct core *core)
{
	*images = (struct images){.core = core};
	image_listing_init(&images->tags, core, IMAGES_TAGGED);
	image_listing_init(&images->digests, core, IMAGES_ALL);
}

static void free_question(struct image_question *question)
{
	struct images *images = question->images;

	HASH_DEL(images->questions, question);
	images->bytes -= question_bytes(question);
	image_unref(question->image);
	free(question);
}

void images_deinit(struct images *images)
{
	struct image_question *question, *next;

	image_listing_deinit(&images->tags);
	image_listing_deinit(&images->digests);
	HASH_ITER (hh, images->questions, question, next) {
		free_question(question);
	}
}

struct image_listing *images_listing(struct images *images, enum cache_listing listing)
{
	return listing == CACHE_TAGS ? &images->tags : &images->digests;
}

size_t images_bytes(const struct images *images)
{
	return images->bytes + image_listing_bytes(&images->tags) +
	       image_listing_bytes(&images->digests);
}

bool images_in_use(const struct images *images)
{
	struct image_question *question, *next;

	if (fetch_in_use(&images->tags.fetch) || fetch_in_use(&images->digests.fetch))
		return true;
	HASH_ITER (hh, images->questions, question, next) {
		if (fetch_in_use(&question->fetch))
			return true;
	}
	return false;
}

/* Questions whose answers are of no use any more. Looks at all of them, but only when there are
 * twice as many as were left the last time: for each new one that is little. */
static void drop_old_questions(struct images *images, uint64_t ttl_ns)
{
	uint64_t now = core_now_ns(images->core);
	struct image_question *question, *next;

	if (HASH_COUNT(images->questions) < images->drop_at)
		return;
	HASH_ITER (hh, images->questions, question, next) {
		uint64_t age = now - question->fetch.answered_ns;

		if (!fetch_in_use(&question->fetch) && age >= ttl_ns &&
		    age >= images->core->config.negative_ttl_ns)
			free_question(question);
	}
	images->drop_at = 2 * HASH_COUNT(images->questions) + MIN_QUESTIONS;
}

static struct image_question *question_new(struct images *images, const char *text)
{
	struct image_question *question = calloc(1, sizeof(*question) + strlen(text) + 1);

	if (!question)
		return NULL;
	question->images = images;
	strcpy(question->text, text);
	HASH_ADD_STR(images->questions, text, question);
	if (!question->hh.tbl) { /* out of memory */
		free(question);
		return NULL;
	}
	images->bytes += question_bytes(question);
	return question;
}

void images_forget(struct images *images)
{
	uint64_t now = core_now_ns(images->core);
	struct image_question *question, *next;

	images->tags.fetch.forgotten_ns = images->digests.fetch.forgotten_ns = now;
	HASH_ITER (hh, images->questions, question, next) {
		question->fetch.forgotten_ns = now;
	}
}

static bool is_digest(const char *text)
{
	return strchr(text, ':'); /* which no tag has */
}

/* The listing that shows names of this kind. */
static struct image_listing *listing_of(struct images *images, const char *text)
{
	return is_digest(text) ? &images->digests : &images->tags;
}

bool images_forget_one(struct images *images, const char *text, struct digest *ret_digest)
{
	struct listed_image *listed = image_listing_find(listing_of(images, text), text);
	const struct image *image = listed ? listed->image : NULL;
	struct image_question *question;

	HASH_FIND_STR(images->questions, text, question);
	if (question && question->image)
		image = question->image;
	if (question)
		question->fetch.forgotten_ns = core_now_ns(images->core);
	if (listed)
		listed->name.seen_ns = NAME_FORGOTTEN;
	if (image)
		*ret_digest = image->digest;
	return image;
}

void images_take_answer(struct image_question *question, enum status status,
                        const struct image_record *record)
{
	struct images *images = question->images;
	struct image_listing *listing = listing_of(images, question->text);
	struct listed_image *listed = image_listing_find(listing, question->text);
	struct image *image = NULL;

	if (status == STATUS_OK)
		image = image_new(record, &images->core->known_types);
	if (status == STATUS_OK && !image)
		status = STATUS_NO_MEMORY;
	question->is_answered = status == STATUS_OK || status == STATUS_ABSENT;
	if (question->is_answered) {
		images->bytes -= question_bytes(question);
		image_unref(question->image);
		question->image = image;
		images->bytes += question_bytes(question);
	}
	if (image && listed)
		image_listing_update(listing, listed, image);
	fetch_finish(&question->fetch, status, core_now_ns(images->core), &images->core->ready);
}

/* How old the answer by name is that still counts, 0 for none: an image that a newer listing does
 * not show any more is gone. Where ECR could not be asked since, the answer before counts. */
static uint64_t answer_ns(const struct image_listing *listing,
                          const struct image_question *question, const struct listed_image *listed)
{
	uint64_t answered_ns = 0;

	if (question && question->is_answered)
		answered_ns = question->fetch.answered_ns;
	else if (question && question->image && status_is_transient(question->fetch.status))
		answered_ns = question->fetch.good_ns;
	if (answered_ns && (answered_ns <= question->fetch.forgotten_ns ||
	                    (question->image && !listed && listing->complete_ns > answered_ns)))
		return 0;
	return answered_ns;
}

/* By what news of the image are, or were, asked for, or were refused since `since_ns`. */
static const struct fetch *latest(const struct image_listing *listing,
                                  const struct image_question *question, uint64_t since_ns)
{
	if (question && (question->fetch.under_way || question->fetch.refused_ns > since_ns ||
	                 question->fetch.answered_ns > listing->fetch.answered_ns))
		return &question->fetch;
	return &listing->fetch;
}

static enum cache_answer found(struct image *image, uint64_t number, uint64_t until_ns,
                               struct found_image *ret_found)
{
	ret_found->image = image_ref(image);
	ret_found->number = number;
	ret_found->until_ns = until_ns;
	return CACHE_FOUND;
}

/* What memory knows for certain: FOUND or ABSENT, else WAIT. */
static enum cache_answer look_up(const struct image_listing *listing,
                                 const struct images_request *request,
                                 const struct image_question *question, struct asker *asker,
                                 struct found_image *ret_found)
{
	const struct core *core = listing->core;
	const struct listed_image *listed = image_listing_find(listing, request->text);
	uint64_t since_ns = listed ? image_listing_since_ns(listing, &listed->name) : 0;
	uint64_t listed_ns = since_ns ? listed->name.seen_ns : 0;
	uint64_t asked_ns = answer_ns(listing, question, listed);
	uint64_t number = 0, until_ns;

	if (since_ns && listed_ns >= asked_ns) {
		until_ns = core_good_until_ns(core, latest(listing, question, since_ns), since_ns,
		                              request->ttl_ns, asker);
		if (until_ns)
			return found(listed->image, listed->name.number, until_ns, ret_found);
	}
	if (asked_ns <= listed_ns)
		return CACHE_WAIT;
	if (!question->image)
		return core_is_young(core, asked_ns, core->config.negative_ttl_ns, asker)
		               ? CACHE_ABSENT
		               : CACHE_WAIT;
	until_ns = core_good_until_ns(core, latest(listing, question, asked_ns), asked_ns,
	                              request->ttl_ns, asker);
	if (!until_ns)
		return CACHE_WAIT;
	if (listed && digest_equal(&listed->image->digest, &question->image->digest))
		number = listed->name.number;
	return found(question->image, number, until_ns, ret_found);
}

/* Whether by now one listing is cheaper than more questions by tag. */
static bool asked_enough(const struct images *images, const char *text)
{
	return !is_digest(text) && images->asked >= ASKED_BY_TAG_MAX &&
	       core_now_ns(images->core) - images->window_ns < images->core->config.ttl_ns;
}

/* Whether the listing, which does not show the name, is proof of its absence. `must_list`: there is
 * no other proof. */
static bool listing_proves_absence(const struct image_listing *listing,
                                   const struct images_request *request,
                                   const struct image_question *question, bool must_list,
                                   struct asker *asker)
{
	const struct core *core = listing->core;

	if (image_listing_find(listing, request->text) || image_listing_is_forgotten(listing))
		return false;
	if (request->listed)
		return core_good_until_ns(core, latest(listing, question, 0), listing->complete_ns,
		                          core->config.ttl_ns, asker);
	return core_is_young(core, listing->complete_ns,
	                     must_list ? core->config.negative_ttl_ns : 0, asker);
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

static enum cache_answer wait_for_answer(struct images *images,
                                         const struct images_request *request,
                                         struct image_question *question, struct asker *asker,
                                         struct images_todo *ret_todo, enum status *ret_status)
{
	enum cache_answer answer;
	bool must_ask;

	if (!question) {
		drop_old_questions(images, request->ttl_ns);
		question = question_new(images, request->text);
	}
	if (!question) {
		*ret_status = STATUS_NO_MEMORY;
		return CACHE_FAILED;
	}
	answer = core_join(images->core, &question->fetch, asker, &must_ask, ret_status);
	if (!must_ask)
		return answer;
	question->is_pull = request->pull;
	if (!is_digest(request->text))
		count_question(images);
	ret_todo->question = question;
	return answer;
}

/* Has the listing answer, which does not show the name yet. */
static enum cache_answer wait_for_listing(struct image_listing *listing, struct asker *asker,
                                          struct images_todo *ret_todo, enum status *ret_status)
{
	bool must_list = false;
	enum cache_answer answer;

	if (core_has_failed(listing->core, &listing->fetch, asker))
		return fetch_failure(&listing->fetch, ret_status);
	answer = image_listing_wait(listing, asker, &must_list, ret_status);
	if (must_list)
		ret_todo->listing = listing;
	return answer;
}

enum cache_answer images_find(struct images *images, const struct images_request *request,
                              struct asker *asker, struct found_image *ret_found,
                              struct images_todo *ret_todo, enum status *ret_status)
{
	struct image_listing *listing = listing_of(images, request->text);
	struct image_question *question;
	enum cache_answer answer;
	bool has_failed, must_list;

	HASH_FIND_STR(images->questions, request->text, question);
	answer = look_up(listing, request, question, asker, ret_found);
	if (answer != CACHE_WAIT)
		return answer;
	has_failed = question && question->is_pull >= request->pull &&
	             core_has_failed(images->core, &question->fetch, asker);
	/* Who may not describe an image may be allowed to list them. */
	must_list = !request->pull && ((has_failed && question->fetch.status == STATUS_DENIED) ||
	                               asked_enough(images, request->text));
	if (listing_proves_absence(listing, request, question, must_list, asker))
		return CACHE_ABSENT;
	if (has_failed && (request->pull || question->fetch.status != STATUS_DENIED))
		return fetch_failure(&question->fetch, ret_status);
	if (must_list && !(question && question->fetch.under_way))
		return wait_for_listing(listing, asker, ret_todo, ret_status);
	if (!asker->may_wait)
		return CACHE_WAIT;
	return wait_for_answer(images, request, question, asker, ret_todo, ret_status);
}

enum cache_answer images_list(struct images *images, const struct names_request *request,
                              struct asker *asker, size_t max, struct listed_name *names,
                              size_t *ret_n, struct images_todo *ret_todo, enum status *ret_status)
{
	struct image_listing *listing = images_listing(images, request->listing);
	bool must_list = false;
	enum cache_answer answer = image_listing_show(listing, request, asker, max, names, ret_n,
	                                              &must_list, ret_status);

	if (must_list)
		ret_todo->listing = listing;
	return answer;
}
