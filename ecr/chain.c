/* The chain's one question:
 *
 *   chain_get ─► questions ─► step: credentials at hand? ──yes──► answer all
 *                              ▲     │ no, or soon to expire
 *                              │     ▼
 *                              └── provider, provider, … ─► found, failed, or none configured
 *
 * While the credentials at hand are still valid, questions do not wait for their refresh (but in
 * the last minute), and a refresh that fails takes nothing away.
 */
#include "ecr/chain.h"
#include "base/cleanup.h"
#include "base/random.h"
#include "ecr/credentials.h"
#include "ecr/provider_list.h"
#include "ecr/validity.h"
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

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
	struct validity validity;        /* theirs */
	bool outlasts;                   /* their provider's */
	bool asking;                     /* the providers are asked */
	enum status failure;             /* of the last round, STATUS_OK when it found some */
	uint64_t failed_ns;              /* monotonic; when there is a failure */
	uint64_t pause_ns;               /* after it */
	bool after_reject;               /* the next credentials are fetched because of a refusal */
	bool replaced_rejected;          /* those at hand were */
	uint64_t replaced_ns;            /* monotonic; when they were */
	const char *culprit;             /* of the failure, where a provider is */
	pthread_mutex_t report_lock;
	struct chain_report report; /* under its lock */
	struct provider_list *providers;
};

static void run_step(struct loop_task *task);
static void providers_answered(void *arg, enum provider_answer answer, enum status status,
                               struct credentials *credentials, bool outlasts);

int chain_new(struct loop *loop, const struct clock *clock, struct log *log,
              struct provider **providers, size_t n_providers, struct chain **ret_chain)
{
	struct provider_list *list;
	int r = provider_list_new(providers, n_providers, &list);
	struct chain *chain;

	if (r < 0)
		return r;
	chain = calloc(1, sizeof(*chain));
	if (!chain) {
		provider_list_free(list);
		return -ENOMEM;
	}
	chain->loop = loop;
	chain->clock = clock;
	chain->log = log;
	chain->step.run = run_step;
	chain->providers = list;
	pthread_mutex_init(&chain->report_lock, NULL);
	*ret_chain = chain;
	return 0;
}

void chain_free(struct chain *chain)
{
	struct question *question, *next;

	if (!chain)
		return;
	loop_unpost(chain->loop, &chain->step);
	provider_list_free(chain->providers);
	LL_FOREACH_SAFE(chain->questions, question, next)
	{
		free(question);
	}
	credentials_unref(chain->credentials);
	pthread_mutex_destroy(&chain->report_lock);
	free(chain);
}

static uint64_t now_ns(const struct chain *chain)
{
	return clock_realtime_ns(chain->clock);
}

/* Whether those at hand may be signed with. */
static bool are_valid(const struct chain *chain)
{
	return chain->credentials && now_ns(chain) < chain->validity.end_ns;
}

/* Those at hand are used on, though they have expired. */
static void outlast(struct chain *chain)
{
	validity_outlast(&chain->validity, now_ns(chain), random_spread());
	log_event(chain->log, LEVEL_WARNING, "credentials outlast",
	          "the AWS credentials from %s have expired and are not renewed; they are used on "
	          "for %llu minutes, since AWS may still take them",
	          credentials_provider(chain->credentials),
	          (unsigned long long)((chain->validity.end_ns - now_ns(chain)) / (60 * NS_PER_S)));
}

/* How long the providers are left alone after such a failure. */
static uint64_t pause_after(enum status status)
{
	switch (status) {
	case STATUS_NO_CREDENTIALS:
	case STATUS_CREDENTIALS_EXPIRED:
	case STATUS_MISCONFIGURED:
	case STATUS_NO_MEMORY:
	case STATUS_NO_DESCRIPTORS:
		return CHAIN_RETRY_NS;
	default:
		return CHAIN_RENEW_NS;
	}
}

/* Whether the providers are to be asked now. */
static bool is_due(const struct chain *chain)
{
	if (chain->asking)
		return false;
	if (chain->failure != STATUS_OK &&
	    clock_monotonic_ns(chain->clock) - chain->failed_ns < chain->pause_ns)
		return false;
	return !are_valid(chain) || now_ns(chain) >= chain->validity.refresh_ns;
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
	bool valid = are_valid(chain); /* at one moment: they may expire at the next */

	if (is_due(chain)) {
		chain->asking = true;
		provider_list_ask(chain->providers, providers_answered, chain);
	}
	if (valid && (!chain->asking || now_ns(chain) < chain->validity.wait_ns))
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

static bool same_key(const struct credentials *a, const struct credentials *b)
{
	return a && b && strcmp(credentials_access_key_id(a), credentials_access_key_id(b)) == 0;
}

static void take(struct chain *chain, struct credentials *credentials, bool outlasts)
{
	uint64_t expires_ns = credentials_expires_ns(credentials);
	bool again = same_key(chain->credentials, credentials);

	if (!again)
		log_event(chain->log, LEVEL_INFO, "credentials", "AWS credentials from %s",
		          credentials_provider(credentials));
	credentials_unref(chain->credentials);
	chain->credentials = credentials;
	chain->outlasts = outlasts;
	if (!expires_ns || now_ns(chain) < expires_ns)
		validity_begin(&chain->validity, now_ns(chain), expires_ns, again);
	else
		outlast(chain);
	chain->replaced_rejected = chain->after_reject;
	chain->replaced_ns = clock_monotonic_ns(chain->clock);
	chain->after_reject = false;
	chain->failure = STATUS_OK;
	update_report(chain);
}

static void fail(struct chain *chain, enum status status)
{
	chain->failure = status;
	chain->failed_ns = clock_monotonic_ns(chain->clock);
	chain->pause_ns = are_valid(chain) ? CHAIN_RENEW_NS : pause_after(status);
	if (are_valid(chain))
		log_event(chain->log, LEVEL_WARNING, "credentials kept",
		          "the AWS credentials from %s could not be renewed; they are used until "
		          "they expire",
		          credentials_provider(chain->credentials));
	/* What was at hand has expired: that, and not why nothing new came, is the state. */
	if (chain->credentials && !are_valid(chain)) {
		chain->failure = STATUS_CREDENTIALS_EXPIRED;
		if (chain->outlasts)
			outlast(chain);
	}
	update_report(chain);
}

/* Says what was looked at, and what to do. */
static void log_no_credentials(const struct chain *chain)
{
	char names[512];

	provider_list_names(chain->providers, names, sizeof(names));
	log_event(chain->log, LEVEL_ERROR, "no credentials",
	          "no AWS credentials, looked at: %s; set AWS_ACCESS_KEY_ID and "
	          "AWS_SECRET_ACCESS_KEY, or run `aws configure` as the user who mounts",
	          names);
}

static bool is_usable(const struct chain *chain, const struct credentials *credentials,
                      bool outlasts)
{
	uint64_t expires_ns = credentials_expires_ns(credentials);

	return outlasts || !expires_ns || now_ns(chain) < expires_ns;
}

static void providers_answered(void *arg, enum provider_answer answer, enum status status,
                               struct credentials *credentials, bool outlasts)
{
	struct chain *chain = arg;

	chain->asking = false;
	chain->culprit = answer == PROVIDER_FAILED ? provider_list_last(chain->providers) : NULL;
	switch (answer) {
	case PROVIDER_NOT_CONFIGURED:
		fail(chain, STATUS_NO_CREDENTIALS);
		if (!are_valid(chain))
			log_no_credentials(chain);
		break;
	case PROVIDER_FAILED:
		fail(chain, status);
		break;
	case PROVIDER_FOUND:
		if (is_usable(chain, credentials, outlasts)) {
			take(chain, credentials, outlasts);
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

const char *chain_culprit(const struct chain *chain)
{
	return chain->failure == STATUS_OK ? NULL : chain->culprit;
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
	chain->failure = STATUS_OK; /* which is no reason to wait with this */
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
