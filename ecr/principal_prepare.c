/* From a profile to what a call needs:
 *
 *   principal_prepare ─► profile ─► endpoints ─► certificates ─► ready, until it is forgotten
 *                           │ cannot be read soon
 *                           └───────► as before, or as the settings say ─► ready, for a second
 */
#include "ecr/ca_bundle.h"
#include "ecr/principal_inside.h"
#include "ecr/profile.h"
#include "net/http.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* Takes the question. */
static void answer_one(struct principal_question *question, enum status status)
{
	if (question->done)
		question->done(question->arg, status);
	else if (status != STATUS_OK)
		question->found(question->arg, status, NULL);
	else if (chain_get(question->principal->chain, question->found, question->arg) < 0)
		question->found(question->arg, STATUS_NO_MEMORY, NULL);
	free(question);
}

static void answer_all(struct principal *principal)
{
	struct principal_question *question = principal->questions, *next;
	enum status status = principal->trouble;

	principal->questions = NULL;
	for (; question; question = next) {
		next = question->next;
		answer_one(question, status);
	}
}

/* A lack of memory or descriptors is the trouble of those who wait, not of who comes next. */
static void prepared(struct principal *principal, enum status status)
{
	bool is_shortage = status == STATUS_NO_MEMORY || status == STATUS_NO_DESCRIPTORS;

	principal->is_preparing = false;
	principal->is_prepared = !principal->is_stale && !is_shortage;
	principal->is_stale = false;
	principal->trouble = status;
	if (status != STATUS_OK)
		principal->again_ns =
		        clock_monotonic_ns(principal->parts.clock) + PRINCIPAL_RETRY_NS;
	answer_all(principal);
}

static void bundle_was_loaded(void *arg, enum status status)
{
	struct principal *principal = arg;

	if (status == STATUS_OK) {
		http_set_ca_bundle(principal->http, ca_bundle_file(principal->ca_bundle),
		                   principal->ca_path);
	} else {
		free(principal->ca_path); /* to be read again */
		principal->ca_path = NULL;
	}
	prepared(principal, status);
}

/* Takes the path; NULL is the system's bundle, where libcurl finds it. */
static void trust(struct principal *principal, char *path, const char *origin)
{
	bool is_loaded = path && principal->ca_path && strcmp(path, principal->ca_path) == 0;

	free(principal->ca_path);
	principal->ca_path = path;
	if (is_loaded) {
		prepared(principal, STATUS_OK);
	} else if (path) {
		ca_bundle_load(principal->ca_bundle, path, origin, bundle_was_loaded, principal);
	} else {
		http_set_ca_bundle(principal->http, NULL, NULL);
		prepared(principal, STATUS_OK);
	}
}

/* The path of the certificates to be trusted, heap, NULL: the system's. Answers 0 or -errno. */
static int find_bundle(const struct principal *principal, const struct profile_content *content,
                       char **ret_path, const char **ret_origin)
{
	const char *path = principal->settings.ca_bundle;

	*ret_path = NULL;
	*ret_origin = principal->settings.ca_bundle_origin;
	if (!path && content) {
		path = profile_get(content, "ca_bundle");
		*ret_origin = "ca_bundle of the profile";
	}
	if (!path || principal->settings.no_verify_ssl)
		return 0;
	return profile_absolute_path(principal->profile, path, ret_path);
}

/* Goes by what the profile says, or by the settings alone where `content` is NULL. */
static void decide(struct principal *principal, const struct profile_content *content)
{
	const char *origin;
	char *path;
	int r;

	endpoint_choice_deinit(&principal->endpoints);
	r = endpoint_choice_init(&principal->endpoints, &principal->settings, content);
	if (r == 0)
		r = find_bundle(principal, content, &path, &origin);
	if (r == 0)
		trust(principal, path, origin);
	else
		prepared(principal, r == -ENOMEM ? STATUS_NO_MEMORY : STATUS_MISCONFIGURED);
}

static void profile_was_read(void *arg, int error, const struct profile_content *content)
{
	struct principal *principal = arg;
	enum status shortage = status_of_shortage(-error);

	principal->again_ns =
	        error ? clock_monotonic_ns(principal->parts.clock) + PRINCIPAL_RETRY_NS : 0;
	principal->is_known = principal->is_known || !error;
	if (shortage != STATUS_OK)
		prepared(principal, shortage);
	else if (error && principal->is_known)
		prepared(principal, principal->trouble);
	else
		decide(principal, content);
}

void principal_answer(struct loop_task *task)
{
	struct principal *principal =
	        (struct principal *)((char *)task - offsetof(struct principal, answer));

	if (principal->is_preparing)
		profile_was_read(principal, principal->refused, NULL);
	else
		answer_all(principal);
}

/* The profile may not even be asked: that is known later, as all is. */
static void start_preparing(struct principal *principal)
{
	principal->is_preparing = true;
	principal->refused = profile_read_soon(principal->profile, profile_was_read, principal);
	if (principal->refused)
		loop_post(principal->parts.loop, &principal->answer);
}

static int ask(struct principal *principal, const struct principal_question *asked)
{
	struct principal_question *question = malloc(sizeof(*question));
	bool is_first = !principal->questions;

	if (!question)
		return -ENOMEM;
	*question = *asked;
	question->principal = principal;
	LL_APPEND(principal->questions, question);
	if (principal->is_preparing || !is_first)
		return 0;
	if (principal_is_ready(principal))
		loop_post(principal->parts.loop, &principal->answer);
	else
		start_preparing(principal);
	return 0;
}

bool principal_is_ready(const struct principal *principal)
{
	return principal->is_prepared &&
	       (!principal->again_ns ||
	        clock_monotonic_ns(principal->parts.clock) < principal->again_ns);
}

int principal_prepare(struct principal *principal, principal_fn done, void *arg)
{
	struct principal_question question = {.done = done, .arg = arg};

	return ask(principal, &question);
}

int principal_credentials(struct principal *principal, chain_fn done, void *arg)
{
	struct principal_question question = {.found = done, .arg = arg};

	return ask(principal, &question);
}
