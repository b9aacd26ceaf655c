/* In place of the API: what a server answers is divided by lines of "----". A page that begins with
 * ! is a denial, one with ? a filter that is not understood, one with ~ no answer.
 */
#ifndef ECRFS_TESTS_FUZZ_FAKE_API_H
#define ECRFS_TESTS_FUZZ_FAKE_API_H

#include "ecr/api.h"

/* The call under way, and what is left of the answers. */
struct api {
	api_fn done;
	void *arg;
	const char *rest;
	size_t size;
	size_t max_answer_bytes; /* of the last call */
	unsigned calls, pages;   /* `pages` is for those who receive them */
	bool ended;              /* so is this: there must be no call any more */
};

/* Answers calls until there is none under way. */
void fake_api_run(struct api *api);

#endif
