/* The API, in place of the real one: calls wait until the test answers them.
 *
 * Linked as a source of the test program, it takes the place of ecr/api.c.
 */
#ifndef ECRFS_TESTS_UNIT_FAKE_API_H
#define ECRFS_TESTS_UNIT_FAKE_API_H

#include "ecr/api.h"

/* One call that has no answer yet. */
struct fake_call {
	struct fake_call *next;
	enum api_service service;
	const char *operation;
	char *subject;
	char *body;
	api_fn done;
	void *arg;
};

struct api {
	struct fake_call *calls; /* open ones, oldest first */
	unsigned n_calls;        /* all that there ever were */
	unsigned most_open;
	unsigned n_open;
	uint64_t usual_ns;      /* what api_usual_ns() answers */
	int refusal;            /* what api_call() answers, when not 0 */
	struct api_parts parts; /* what api_parts() answers */
	unsigned complaints;
	char complaint[256]; /* the last one: "operation subject: what" */
};

/* Ends the open calls with STATUS_SERVER_ERROR. */
void fake_api_deinit(struct api *api);

/* Answer the oldest open call: there must be one. */
void fake_api_answer(struct api *api, const char *body);
void fake_api_fail(struct api *api, const struct api_answer *answer);
void fake_api_fail_with(struct api *api, enum status status);

#endif
