/* The credential chain: a list of providers, one answer kept, one question at a time. */
#ifndef ECRFS_ECR_CHAIN_H
#define ECRFS_ECR_CHAIN_H

#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "ecr/registry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chain;
struct credentials;
struct loop;
struct provider;

/* What people are shown of it; no secret. */
struct chain_report {
	const char *provider; /* of those at hand, static; NULL: there are none */
	uint64_t expires_ns;  /* real time; 0: never */
	enum status failure;  /* why the last question found none; STATUS_OK: it did */
	uint64_t failed_ns;   /* real time, where there is a failure */
	char account[REGISTRY_ACCOUNT_DIGITS + 1]; /* that alone they are for; "" unless set */
};

/* `credentials` is borrowed for the call (take a reference to keep it), NULL unless STATUS_OK. */
typedef void (*chain_fn)(void *arg, enum status status, struct credentials *credentials);

/* After a failure the providers are not asked again for this long: a scan over a mount without
 * credentials must not read the files for each name. Short enough that "works as soon as they
 * appear" holds. */
#define CHAIN_RETRY_NS (1 * NS_PER_S)

/* For so long where a server was asked and failed, which must not be hit by each name of a scan, or
 * where it is about newer credentials while there are some. */
#define CHAIN_RENEW_NS (10 * NS_PER_S)

/* Takes the providers (freed with the chain), also on failure; one that is NULL could not be made
 * for want of memory. Borrows the rest. Answers 0 or -ENOMEM. */
int chain_new(struct loop *loop, const struct clock *clock, struct log *log,
              struct provider **providers, size_t n_providers, struct chain **ret_chain);

/* Accepts NULL. Questions that are open are not answered any more. Threads: loop. */
void chain_free(struct chain *chain);

/* Asks for credentials; `done` is called later on the loop thread, never inside this call. Any
 * number of callers share one question. Credentials that expire soon are refreshed without anybody
 * waiting for it, but in their last minute, and kept until they do expire when that fails.
 * STATUS_NO_CREDENTIALS when no provider is configured, which is logged with what was looked at;
 * STATUS_CREDENTIALS_EXPIRED when those at hand have expired and nothing renews them; else what the
 * provider said that failed. Answers 0 or -ENOMEM (then `done` is not called). Threads: loop. */
int chain_get(struct chain *chain, chain_fn done, void *arg);

/* The name of the provider because of which the last question failed: static; NULL where none did,
 * or where none is configured. Threads: loop. */
const char *chain_culprit(const struct chain *chain);

/* ECR refused `credentials`: if they are still the ones in use they are forgotten, and the next
 * chain_get() asks the providers. Answers whether that question can give others: false when they
 * were fetched for this very reason less than a minute ago. Threads: loop. */
bool chain_reject(struct chain *chain, const struct credentials *credentials);

/* The next chain_get() asks the providers, whatever is at hand. Threads: loop. */
void chain_forget(struct chain *chain);

/* How it stands. Threads: any. */
void chain_report(struct chain *chain, struct chain_report *ret_report);

#endif
