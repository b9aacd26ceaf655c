/* A credential provider in the hands of a test. */
#include "tests/unit/fake_provider.h"
#include "ecr/credentials.h"
#include "tests/unit/unit_test.h"

static void fetch(struct provider *provider, provider_fn done, void *arg)
{
	struct fake_provider *fake = (struct fake_provider *)provider;

	assert_false(fake->asked); /* the chain asks one question at a time */
	fake->asked = true;
	fake->fetches++;
	fake->done = done;
	fake->arg = arg;
}

static void free_provider(struct provider *provider)
{
	((struct fake_provider *)provider)->freed = true;
}

static const struct provider_ops ops = {
        .name = "fake",
        .fetch = fetch,
        .free = free_provider,
};

void fake_provider_init(struct fake_provider *fake)
{
	*fake = (struct fake_provider){.provider.ops = &ops};
}

static const struct provider_ops outlasting_ops = {
        .name = "fake",
        .outlasts = true,
        .fetch = fetch,
        .free = free_provider,
};

void fake_provider_outlasts(struct fake_provider *fake)
{
	fake->provider.ops = &outlasting_ops;
}

static void answer(struct fake_provider *fake, enum provider_answer answer, enum status status,
                   struct credentials *credentials)
{
	assert_true(fake->asked);
	fake->asked = false;
	fake->done(fake->arg, answer, status, credentials);
}

void fake_provider_give(struct fake_provider *fake, struct credentials *credentials)
{
	answer(fake, PROVIDER_FOUND, STATUS_OK, credentials);
}

void fake_provider_find(struct fake_provider *fake, const char *key_id, uint64_t expires_ns)
{
	fake_provider_give(fake, credentials_new(key_id, "secret", NULL, NULL, expires_ns, "fake"));
}

void fake_provider_pass(struct fake_provider *fake)
{
	answer(fake, PROVIDER_NOT_CONFIGURED, STATUS_OK, NULL);
}

void fake_provider_fail(struct fake_provider *fake, enum status status)
{
	answer(fake, PROVIDER_FAILED, status, NULL);
}
