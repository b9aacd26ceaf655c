/* The chain's one question:
 *
 *   chain_get ─► questions ─► step: credentials at hand? ──yes──► answer all
 *                              ▲     │ no, or soon to expire
 *                              │     ▼
 *                              └── provider, provider, … ─► found, failed, or none configured
 *
 * While the credentials at hand are still valid, questions do not wait for their refresh, and a
 * refresh that fails takes nothing away.
 */
#include "ecr/chain.h"
#include "base/cleanup.h"
#include "ecr/credentials.h"
#include "ecr/provider.h"
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* botocore refreshes 15 minutes before the end. Sessions may last no longer than that: then the
 * last quarter of their life. */
#define REFRESH_WINDOW_NS (15 * 60 * NS_PER_S)
#define REFRESH_FRACTION  4

/* Credentials that were fetched because others had been refused, and are refused, too: for this
 * long nothing better is to be expected. */
#define REJECT_AGAIN_NS (60 * NS_PER_S)

struct question {
	struct question *next;
	chain_fn done;
	void *arg;
};

struct chain {
	struct loop *loop;
	const struct clock *clock;
	struct log *log;
	struct loop_task step;
	bool step_posted;
	struct question *questions;
	struct credentials *credentials; /* at hand, or NULL */
	uint64_t refresh_ns;             /* real time; when to look for newer ones */
	bool asking;                     /* a provider is asked: the one before next */
	size_t next;
	enum status failure;    /* of the last round, STATUS_OK when it found some */
	uint64_t failed_ns;     /* monotonic; when there is a failure */
	bool after_reject;      /* the next credentials are fetched because of a refusal */
	bool replaced_rejected; /* those at hand were */
	uint64_t replaced_ns;   /* monotonic; when they were */
	pthread_mutex_t report_lock;
	struct chain_report report; /* under its lock */
	size_t n_providers;
	struct provider *providers[];
};

static void run_step(struct loop_task *task);
static void ask_next(struct chain *chain);

static void free_providers(struct provider **providers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (providers[i])
			providers[i]->ops->free(providers[i]);
}

int chain_new(struct loop *loop, const struct clock *clock, struct log *log,
              struct provider **providers, size_t n_providers, struct chain **ret_chain)
{
	struct chain *chain = calloc(1, sizeof(*chain) + n_providers * sizeof(providers[0]));
	bool complete = chain;

	for (size_t i = 0; i < n_providers; i++)
		complete = complete && providers[i];
	if (!complete) {
		free_providers(providers, n_providers);
		free(chain);
		return -ENOMEM;
	}
	chain->loop = loop;
	chain->clock = clock;
	chain->log = log;
	chain->step.run = run_step;
	chain->n_providers = n_providers;
	pthread_mutex_init(&chain->report_lock, NULL);
	memcpy(chain->providers, providers, n_providers * sizeof(providers[0]));
	*ret_chain = chain;
	return 0;
}

void chain_free(struct chain *chain)
{
	struct question *question, *next;

	if (!chain)
		return;
	loop_unpost(chain->loop, &chain->step);
	free_providers(chain->providers, chain->n_providers);
	LL_FOREACH_SAFE(chain->questions, question, next)
	{
		free(question);
	}
	credentials_unref(chain->credentials);
	pthread_mutex_destroy(&chain->report_lock);
	free(chain);
}

static bool have_expired(const struct chain *chain, const struct credentials *credentials)
{
	uint64_t expires_ns = credentials_expires_ns(credentials);

	return expires_ns && clock_realtime_ns(chain->clock) >= expires_ns;
}

/* When credentials that come now are to be refreshed, real time. */
static uint64_t refresh_time(const struct chain *chain, const struct credentials *credentials)
{
	uint64_t expires_ns = credentials_expires_ns(credentials);
	uint64_t now_ns = clock_realtime_ns(chain->clock), window_ns;

	if (!expires_ns)
		return UINT64_MAX;
	window_ns = (expires_ns - now_ns) / REFRESH_FRACTION;
	return expires_ns - (window_ns < REFRESH_WINDOW_NS ? window_ns : REFRESH_WINDOW_NS);
}

/* Whether the providers are to be asked now. */
static bool is_due(const struct chain *chain)
{
	if (chain->asking)
		return false;
	if (chain->failure != STATUS_OK &&
	    clock_monotonic_ns(chain->clock) - chain->failed_ns < CHAIN_RETRY_NS)
		return false;
	return !chain->credentials || clock_realtime_ns(chain->clock) >= chain->refresh_ns;
}

static void answer_all(struct chain *chain, enum status status)
{
	struct question *question = chain->questions, *next;
	struct credentials *credentials =
	        status == STATUS_OK ? credentials_ref(chain->credentials) : NULL;

	chain->questions = NULL;
	for (; question; question = next) {
		next = question->next;
		question->done(question->arg, status, credentials);
		free(question);
	}
	credentials_unref(credentials);
}

/* Does what is to be done now: asks, answers, or both. */
static void step(struct chain *chain)
{
	if (is_due(chain)) {
		chain->asking = true;
		chain->next = 0;
		ask_next(chain);
	}
	if (chain->credentials && !have_expired(chain, chain->credentials))
		answer_all(chain, STATUS_OK);
	else if (!chain->asking)
		answer_all(chain, chain->failure);
}

static void run_step(struct loop_task *task)
{
	struct chain *chain = (struct chain *)((char *)task - offsetof(struct chain, step));

	chain->step_posted = false;
	step(chain);
}

/* What is shown of it changes with it. */
static void update_report(struct chain *chain)
{
	struct chain_report report = {.failure = chain->failure};

	if (chain->credentials) {
		report.provider = credentials_provider(chain->credentials);
		report.expires_ns = credentials_expires_ns(chain->credentials);
	}
	if (chain->failure != STATUS_OK)
		report.failed_ns = clock_realtime_ns(chain->clock);
	SCOPED_LOCK(&chain->report_lock);

	chain->report = report;
}

void chain_report(struct chain *chain, struct chain_report *ret_report)
{
	SCOPED_LOCK(&chain->report_lock);

	*ret_report = chain->report;
}

static void take(struct chain *chain, struct credentials *credentials)
{
	credentials_unref(chain->credentials);
	chain->credentials = credentials;
	chain->refresh_ns = refresh_time(chain, credentials);
	chain->replaced_rejected = chain->after_reject;
	chain->replaced_ns = clock_monotonic_ns(chain->clock);
	chain->after_reject = false;
	chain->failure = STATUS_OK;
	update_report(chain);
	log_event(chain->log, LEVEL_INFO, "credentials", "AWS credentials from %s",
	          credentials_provider(credentials));
}

static void fail(struct chain *chain, enum status status)
{
	/* What was at hand has expired: that, and not why nothing new came, is the state. */
	if (chain->credentials && have_expired(chain, chain->credentials))
		status = STATUS_CREDENTIALS_EXPIRED;
	chain->failure = status;
	chain->failed_ns = clock_monotonic_ns(chain->clock);
	update_report(chain);
}

/* Says what was looked at, and what to do. */
static void log_no_credentials(const struct chain *chain)
{
	char names[512] = "";
	size_t length = 0;

	for (size_t i = 0; i < chain->n_providers && length < sizeof(names); i++)
		length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s",
		                           i ? ", " : "", chain->providers[i]->ops->name);
	log_event(chain->log, LEVEL_ERROR, "no credentials",
	          "no AWS credentials, looked at: %s; set AWS_ACCESS_KEY_ID and "
	          "AWS_SECRET_ACCESS_KEY, or run `aws configure` as the user who mounts",
	          names);
}

static void provider_answered(void *arg, enum provider_answer answer, enum status status,
                              struct credentials *credentials)
{
	struct chain *chain = arg;

	switch (answer) {
	case PROVIDER_NOT_CONFIGURED:
		ask_next(chain);
		break;
	case PROVIDER_FAILED:
		chain->asking = false;
		fail(chain, status);
		break;
	case PROVIDER_FOUND:
		chain->asking = false;
		if (!have_expired(chain, credentials)) {
			take(chain, credentials);
			break;
		}
		log_event(chain->log, LEVEL_ERROR, "credentials expired",
		          "the AWS credentials from %s have expired: renew them",
		          credentials_provider(credentials));
		credentials_unref(credentials);
		fail(chain, STATUS_CREDENTIALS_EXPIRED);
		break;
	}
	step(chain);
}

/* Asks the provider whose turn it is; behind the last one there are no credentials. */
static void ask_next(struct chain *chain)
{
	struct provider *provider;

	if (chain->next == chain->n_providers) {
		chain->asking = false;
		log_no_credentials(chain);
		fail(chain, STATUS_NO_CREDENTIALS);
		return;
	}
	provider = chain->providers[chain->next++];
	provider->ops->fetch(provider, provider_answered, chain);
}

int chain_get(struct chain *chain, chain_fn done, void *arg)
{
	struct question *question = calloc(1, sizeof(*question));

	assert(loop_is_current(chain->loop));
	if (!question)
		return -ENOMEM;
	question->done = done;
	question->arg = arg;
	LL_APPEND(chain->questions, question);
	if (!chain->step_posted) {
		chain->step_posted = true;
		loop_post(chain->loop, &chain->step);
	}
	return 0;
}

bool chain_reject(struct chain *chain, const struct credentials *credentials)
{
	bool again;

	assert(loop_is_current(chain->loop));
	if (chain->credentials != credentials)
		return true;
	again = chain->replaced_rejected &&
	        clock_monotonic_ns(chain->clock) - chain->replaced_ns < REJECT_AGAIN_NS;
	credentials_unref(chain->credentials);
	chain->credentials = NULL;
	chain->after_reject = true;
	update_report(chain);
	return !again;
}

void chain_forget(struct chain *chain)
{
	assert(loop_is_current(chain->loop));
	credentials_unref(chain->credentials);
	chain->credentials = NULL;
	chain->failure = STATUS_OK;
	update_report(chain);
}
