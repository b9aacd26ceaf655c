/* The answer of a credential provider, as a value. */
#ifndef ECRFS_TESTS_UNIT_PROVIDER_RESULT_H
#define ECRFS_TESTS_UNIT_PROVIDER_RESULT_H

#include "ecr/provider.h"

#include <stdbool.h>

struct credentials;
struct loop;

struct provider_result {
	bool done;
	enum provider_answer answer;
	enum status status;
	struct credentials *credentials; /* a reference, or NULL */
};

/* Asks and runs the loop until the answer. The caller deinits the result. */
void provider_result_fetch(struct loop *loop, struct provider *provider,
                           struct provider_result *result);
void provider_result_deinit(struct provider_result *result);

#endif
