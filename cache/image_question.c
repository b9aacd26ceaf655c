/* Questions about single images. */
#include "cache/image_question.h"
#include "cache/images.h"

#include <stdlib.h>
#include <string.h>

/* Fewer questions than that are not worth a look at their age. */
#define MIN_QUESTIONS 16

/* So many are kept for when ECR cannot be asked; more only while their answers are new. */
#define STALE_QUESTIONS 1024

static size_t question_bytes(const struct image_question *question)
{
	return budget_heap_bytes(question) + (question->image ? image_bytes(question->image) : 0);
}

struct image_question *image_question_new(struct images *images, const char *text)
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

void image_question_free(struct image_question *question)
{
	struct images *images = question->images;

	HASH_DEL(images->questions, question);
	images->bytes -= question_bytes(question);
	image_unref(question->image);
	free(question);
}

void image_question_take(struct image_question *question, enum status status, struct image *image)
{
	struct images *images = question->images;

	question->is_answered = status == STATUS_OK || status == STATUS_ABSENT;
	if (!question->is_answered)
		return;
	images->bytes -= question_bytes(question);
	image_unref(question->image);
	question->image = image;
	images->bytes += question_bytes(question);
}

/* How long the answer to a question may be of use. */
static uint64_t useful_ns(const struct images *images, const struct image_question *question,
                          uint64_t ttl_ns)
{
	const struct cache_config *config = &images->core->config;
	uint64_t useful = ttl_ns > config->negative_ttl_ns ? ttl_ns : config->negative_ttl_ns;

	if (question->image && HASH_COUNT(images->questions) <= STALE_QUESTIONS)
		useful += config->stale_ttl_ns;
	return useful;
}

/* Looks at all of them, but only when there are twice as many as were left the last time: for each
 * new one that is little. */
void image_questions_drop_old(struct images *images, uint64_t ttl_ns)
{
	uint64_t now = core_now_ns(images->core);
	struct image_question *question, *next;

	if (HASH_COUNT(images->questions) < images->drop_at)
		return;
	HASH_ITER (hh, images->questions, question, next) {
		if (!fetch_in_use(&question->fetch) &&
		    now - question->fetch.answered_ns >= useful_ns(images, question, ttl_ns))
			image_question_free(question);
	}
	images->drop_at = 2 * HASH_COUNT(images->questions) + MIN_QUESTIONS;
}
