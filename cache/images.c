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

void images_init(struct images *images, struct core *core)
{
	*images = (struct images){.core = core};
	image_listing_init(&images->tags, core, IMAGES_TAGGED);
	image_listing_init(&images->digests, core, IMAGES_ALL);
}

void images_deinit(struct images *images)
{
	struct image_question *question, *next;

	image_listing_deinit(&images->tags);
	image_listing_deinit(&images->digests);
	HASH_ITER (hh, images->questions, question, next) {
		image_question_free(question);
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
	image_question_take(question, status, image);
	if (image && listed)
		image_listing_update(listing, listed, image, core_now_ns(images->core));
	fetch_finish(&question->fetch, status, core_now_ns(images->core), &images->core->ready);
}

void images_recall_answer(struct images *images, const struct recalled *recalled)
{
	uint64_t then_ns = core_recalled_ns(images->core, recalled);
	struct image_question *question;
	struct image *image = NULL;

	HASH_FIND_STR(images->questions, recalled->name, question);
	if (!then_ns || question || (recalled->status == STATUS_OK && !recalled->n))
		return;
	if (recalled->status == STATUS_OK)
		image = image_new(recalled->images, &images->core->known_types);
	if (recalled->status != STATUS_OK || image)
		question = image_question_new(images, recalled->name);
	if (!question) { /* whoever wants it will ask */
		image_unref(image);
		return;
	}
	image_question_take(question, recalled->status, image);
	fetch_recall(&question->fetch, recalled->status, then_ns);
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
	uint64_t ttl_ns = 0;

	if (image_listing_find(listing, request->text) || image_listing_is_forgotten(listing))
		return false;
	if (request->how == CACHE_ASK_LISTED)
		return core_good_until_ns(core, latest(listing, question, 0), listing->complete_ns,
		                          core->config.ttl_ns, asker);
	if (request->how == CACHE_ASK_YOUNG)
		ttl_ns = core->config.ttl_ns;
	else if (must_list)
		ttl_ns = core->config.negative_ttl_ns;
	return core_is_young(core, listing->complete_ns, ttl_ns, asker);
}

/* Whether ECR said once that there is no such image, and there are no news. */
static bool was_absent(const struct images *images, const struct images_request *request,
                       const struct image_question *question, struct asker *asker)
{
	return request->how == CACHE_ASK_LISTED && question && !question->image &&
	       core_good_until_ns(images->core, &question->fetch, question->fetch.refused_ns,
	                          images->core->config.negative_ttl_ns, asker);
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
		image_questions_drop_old(images, request->ttl_ns);
		question = image_question_new(images, request->text);
	}
	if (!question) {
		*ret_status = STATUS_NO_MEMORY;
		return CACHE_FAILED;
	}
	answer = core_join(images->core, &question->fetch, asker, &must_ask, ret_status);
	if (!must_ask)
		return answer;
	question->is_pull = request->how == CACHE_PULL;
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
	bool is_pull = request->how == CACHE_PULL, has_failed, must_list;

	HASH_FIND_STR(images->questions, request->text, question);
	answer = look_up(listing, request, question, asker, ret_found);
	if (answer != CACHE_WAIT)
		return answer;
	has_failed = question && question->is_pull >= is_pull &&
	             core_has_failed(images->core, &question->fetch, asker);
	/* Who may not describe an image may be allowed to list them. */
	must_list = !is_pull && ((has_failed && question->fetch.status == STATUS_DENIED) ||
	                         asked_enough(images, request->text));
	if (listing_proves_absence(listing, request, question, must_list, asker) ||
	    was_absent(images, request, question, asker))
		return CACHE_ABSENT;
	if (has_failed && (is_pull || question->fetch.status != STATUS_DENIED))
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
