/* Whose a registry is:
 *
 *   named ──────────────────────────────────────────────► its own account
 *   default ─► credentials ─► known? ── yes ────────────► theirs
 *                               └───── no ─► STS, once ─► theirs, known from now on
 */
#include "ecr/account.h"
#include "ecr/api.h"
#include "ecr/credentials.h"
#include "ecr/principal.h"
#include "ecr/query.h"
#include "ecr/registry.h"
#include "net/loop.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* The answer has three short members. */
#define ANSWER_MAX_BYTES (64u * 1024)

struct question {
	struct question *next;
	const struct registry *registry;
	account_fn found;
	void *arg;
};

struct account {
	struct loop *loop;
	struct api *api;
	struct principal *principal;
	struct loop_task step;
	bool step_posted;
	struct question *named; /* answered at the next step */
	struct question *unnamed;
	bool asking; /* for those unnamed */
	bool closing;
};

static void step(struct loop_task *task);

int account_new(struct loop *loop, struct api *api, struct principal *principal,
                struct account **ret_account)
{
	struct account *account = calloc(1, sizeof(*account));

	if (!account)
		return -ENOMEM;
	account->loop = loop;
	account->api = api;
	account->principal = principal;
	account->step.run = step;
	*ret_account = account;
	return 0;
}

/* Answers and frees the questions, which may ask again; `id` is NULL for each registry's own. */
static void answer_all(struct question **questions, enum status status, const char *id)
{
	struct question *question = *questions, *next;

	*questions = NULL;
	for (; question; question = next) {
		next = question->next;
		if (status != STATUS_OK)
			question->found(question->arg, status, NULL);
		else
			question->found(question->arg, status,
			                id ? id : question->registry->account);
		free(question);
	}
}

static void answer_unnamed(struct account *account, enum status status, const char *id)
{
	account->asking = false;
	answer_all(&account->unnamed, status, id);
}

void account_free(struct account *account)
{
	if (!account)
		return;
	account->closing = true;
	loop_unpost(account->loop, &account->step);
	answer_all(&account->named, STATUS_SERVER_ERROR, NULL);
	answer_all(&account->unnamed, STATUS_SERVER_ERROR, NULL);
	free(account);
}

static void sts_answered(void *arg, const struct api_answer *answer)
{
	struct account *account = arg;
	char id[REGISTRY_ACCOUNT_DIGITS + 2]; /* one more than fits shows that it is too long */

	if (answer->status != STATUS_OK) {
		answer_unnamed(account, answer->status, NULL);
		return;
	}
	query_read_text(answer->body, answer->body_size, "Account", id, sizeof(id));
	if (!registry_is_account(id)) {
		api_complain(account->api, account->unnamed->registry, "GetCallerIdentity", "",
		             answer->request_id, "the answer names no account");
		answer_unnamed(account, STATUS_PROTOCOL, NULL);
		return;
	}
	if (answer->credentials)
		identity_learn(&account->principal->identity, answer->credentials, id);
	answer_unnamed(account, STATUS_OK, id);
}

static void ask_sts(struct account *account)
{
	struct api_request request = {
	        .service = API_STS,
	        .registry = account->unnamed->registry,
	        .operation = "GetCallerIdentity",
	        .subject = "",
	        .body = query_get_caller_identity(),
	        .max_answer_bytes = ANSWER_MAX_BYTES,
	};

	if (api_call(account->api, &request, sts_answered, account) < 0)
		answer_unnamed(account, STATUS_NO_MEMORY, NULL);
}

static void credentials_found(void *arg, enum status status, struct credentials *credentials)
{
	struct account *account = arg;
	const char *id;

	if (status != STATUS_OK) {
		answer_unnamed(account, status, NULL);
		return;
	}
	id = identity_account(&account->principal->identity, credentials);
	if (id)
		answer_unnamed(account, STATUS_OK, id);
	else
		ask_sts(account);
}

static void step(struct loop_task *task)
{
	struct account *account = (struct account *)((char *)task - offsetof(struct account, step));

	account->step_posted = false;
	answer_all(&account->named, STATUS_OK, NULL);
	if (account->asking || !account->unnamed)
		return;
	account->asking = true;
	if (principal_credentials(account->principal, credentials_found, account) < 0)
		answer_unnamed(account, STATUS_NO_MEMORY, NULL);
}

int account_find(struct account *account, const struct registry *registry, account_fn found,
                 void *arg)
{
	struct question *question;

	if (account->closing)
		return -ECANCELED;
	question = calloc(1, sizeof(*question));
	if (!question)
		return -ENOMEM;
	*question = (struct question){.registry = registry, .found = found, .arg = arg};
	if (registry->account[0])
		LL_APPEND(account->named, question);
	else
		LL_APPEND(account->unnamed, question);
	if (!account->step_posted) {
		account->step_posted = true;
		loop_post(account->loop, &account->step);
	}
	return 0;
}
