/* A batcher on a loop without a thread, and an API in the hands of the test. */
#ifndef ECRFS_TESTS_UNIT_BATCH_FIXTURE_H
#define ECRFS_TESTS_UNIT_BATCH_FIXTURE_H

#include "base/digest.h"
#include "ecr/batch.h"
#include "ecr/registry.h"
#include "net/loop.h"
#include "tests/unit/fake_api.h"
#include "tests/unit/unit_test.h"

#define MAX_CALLS 3

/* The bytes "abc", and their digest. */
#define ABC_DIGEST   "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define OTHER_DIGEST "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* What one question was answered. */
struct reply {
	unsigned answers;
	enum status status;
	char digest[DIGEST_TEXT_SIZE]; /* of a pull */
	char text[128];                /* the name, first tag or first bytes of what was found */
};

struct batch_fixture {
	struct loop *loop;
	struct api api;
	struct batcher *batcher;
	struct reply replies[300];
};

extern struct batch_fixture f;
extern const struct registry registry;

int batch_fixture_set_up(void **state);
int batch_fixture_tear_down(void **state);
#define set_up    batch_fixture_set_up
#define tear_down batch_fixture_tear_down

/* An answer: STATUS_OK, and only that, has a text. */
void note(struct reply *reply, enum status status, const char *text, size_t size);

/* A manifest_fn: its argument is a struct reply. */
void manifest_fetched(void *arg, enum status status, struct bytes *bytes);

/* An image_fn, likewise: the text is the first tag. */
void image_found(void *arg, enum status status, const struct image_record *record);

/* Asks for a tag; the first answers as batcher_ask(), the second must be accepted. */
int try_image(const char *repository, const char *tag, image_fn found, struct reply *reply);
void ask_image(const char *repository, const char *tag, struct reply *reply);

/* How many tags a body asks for. */
unsigned ids_of(const char *body);

/* Answers the oldest call as ECR would that has every tag: a record for each tag asked for. */
void answer_all_tags(void);

/* The open call that was made last: there must be one. */
const struct fake_call *last_call(void);

/* The API goes, and then the batcher. */
void end_batcher(void);

/* It was answered once, with this. */
void assert_reply(const struct reply *reply, enum status status, const char *text);

#endif
