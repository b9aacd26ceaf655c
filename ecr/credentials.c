/* One snapshot of credentials, in one piece of memory, so that one call wipes it. */
#include "ecr/credentials.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct credentials {
	atomic_uint references;
	size_t size; /* of all, the text included */
	uint64_t expires_ns;
	const char *provider;
	const char *access_key_id; /* these four point into text, or are NULL */
	const char *secret;
	const char *session_token;
	const char *account;
	char text[];
};

static size_t size_of(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

/* Copies the text to `*end`, which is moved on. */
static const char *store(char **end, const char *text)
{
	char *copy = *end;

	if (!text)
		return NULL;
	*end = stpcpy(copy, text) + 1;
	return copy;
}

struct credentials *credentials_new(const char *access_key_id, const char *secret_access_key,
                                    const char *session_token, const char *account,
                                    uint64_t expires_ns, const char *provider)
{
	size_t size = sizeof(struct credentials) + size_of(access_key_id) +
	              size_of(secret_access_key) + size_of(session_token) + size_of(account);
	struct credentials *credentials = malloc(size);
	char *end;

	if (!credentials)
		return NULL;
	atomic_init(&credentials->references, 1);
	credentials->size = size;
	credentials->expires_ns = expires_ns;
	credentials->provider = provider;
	end = credentials->text;
	credentials->access_key_id = store(&end, access_key_id);
	credentials->secret = store(&end, secret_access_key);
	credentials->session_token = store(&end, session_token);
	credentials->account = store(&end, account);
	return credentials;
}

struct credentials *credentials_ref(struct credentials *credentials)
{
	atomic_fetch_add_explicit(&credentials->references, 1, memory_order_relaxed);
	return credentials;
}

void credentials_unref(struct credentials *credentials)
{
	if (!credentials ||
	    atomic_fetch_sub_explicit(&credentials->references, 1, memory_order_acq_rel) != 1)
		return;
	explicit_bzero(credentials, credentials->size);
	free(credentials);
}

const char *credentials_access_key_id(const struct credentials *credentials)
{
	return credentials->access_key_id;
}

const char *credentials_secret(const struct credentials *credentials)
{
	return credentials->secret;
}

const char *credentials_session_token(const struct credentials *credentials)
{
	return credentials->session_token;
}

const char *credentials_account(const struct credentials *credentials)
{
	return credentials->account;
}

const char *credentials_provider(const struct credentials *credentials)
{
	return credentials->provider;
}

uint64_t credentials_expires_ns(const struct credentials *credentials)
{
	return credentials->expires_ns;
}
