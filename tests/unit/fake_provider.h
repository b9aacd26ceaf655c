/* A credential provider that answers when, and what, the test says. */
#ifndef ECRFS_TESTS_UNIT_FAKE_PROVIDER_H
#define ECRFS_TESTS_UNIT_FAKE_PROVIDER_H

#include "ecr/provider.h"

#include <stdbool.h>
#include <stdint.h>

struct credentials;

struct fake_provider {
	struct provider provider; /* hand out the address of this one */
	bool asked;               /* a question is open */
	provider_fn done;         /* of that question */
	void *arg;
	unsigned fetches;
	bool freed;
};

void fake_provider_init(struct fake_provider *fake);

/* Its credentials may be used when they have expired (see struct provider_ops). */
void fake_provider_outlasts(struct fake_provider *fake);

/* Answer the question that is open: it must be. */
void fake_provider_find(struct fake_provider *fake, const char *key_id, uint64_t expires_ns);
void fake_provider_give(struct fake_provider *fake, struct credentials *credentials);
void fake_provider_pass(struct fake_provider *fake);
void fake_provider_fail(struct fake_provider *fake, enum status status);

#endif
