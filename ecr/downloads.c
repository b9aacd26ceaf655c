/* Blobs, from the question to the answer. */
#include "ecr/downloads.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/random.h"
#include "ecr/api.h"
#include "ecr/blob_url.h"
#include "ecr/body.h"
#include "ecr/json_fields.h"
#include "ecr/principal.h"
#include "ecr/principals.h"
#include "ecr/query.h"
#include "ecr/registry.h"
#include "ecr/retry.h"
#include "ecr/retry_rules.h"
#include "net/http.h"
#include "net/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define OPERATION "GetDownloadUrlForLayer"

/* An address and a digest. */
#define MAX_URL_ANSWER_BYTES (64 << 10)

/* Room for what the blob host says in the place of a blob. */
#define MAX_ERROR_BYTES (64 << 10)

#define CODE_SIZE 64

struct downloads {
	struct api *api;
	struct loop *loop;
	struct log *log;
	struct principals *principals;
	unsigned max_calls, max_attempts;
	struct blob *under_way, *waiting;
	unsigned n_under_way;
	struct retry_bucket bucket; /* of blob hosts */
	struct loop_task start;     /* of those that may be begun */
	bool is_posted, is_closing;
};

struct blob {
	struct blob *prev, *next;
	struct downloads *downloads;
	const struct registry *registry;
	struct digest digest;
	size_t size;
	document_fn fetched;
	void *arg;
	struct loop_timer *timer; /* NULL until it is sent again */
	struct retry_state retry;
	bool was_renewed; /* another address was asked for since one had expired */
	char host[BLOB_URL_HOST_SIZE];
	char repository[];
};

static void start_waiting(struct loop_task *task);
static void ask_for_url(struct blob *blob);

int downloads_new(struct api *api, unsigned max_calls, struct downloads **ret_downloads)
{
	const struct api_parts *parts = api_parts(api);
	const struct aws_settings *settings = parts->settings;
	struct downloads *downloads = calloc(1, sizeof(*downloads));

	if (!downloads)
		return -ENOMEM;
	downloads->api = api;
	downloads->loop = parts->loop;
	downloads->log = parts->log;
	downloads->principals = parts->principals;
	downloads->max_calls = max_calls;
	downloads->max_attempts =
	        settings->max_attempts ? settings->max_attempts : RETRY_RULES_MAX_ATTEMPTS;
	downloads->start.run = start_waiting;
	retry_bucket_init(&downloads->bucket);
	*ret_downloads = downloads;
	return 0;
}

/* More may begin on the next turn of the loop. */
static void post(struct downloads *downloads)
{
	if (!downloads->is_posted && !downloads->is_closing)
		loop_post(downloads->loop, &downloads->start);
	downloads->is_posted = true;
}

static void blob_free(struct blob *blob)
{
	loop_timer_free(blob->timer);
	free(blob);
}

/* Ends it. `bytes` are borrowed, NULL unless STATUS_OK. */
static void finish(struct blob *blob, enum status status, struct bytes *bytes)
{
	struct downloads *downloads = blob->downloads;

	DL_DELETE(downloads->under_way, blob);
	downloads->n_under_way--;
	blob->fetched(blob->arg, status, bytes);
	blob_free(blob);
	if (downloads->waiting)
		post(downloads);
}

/* Ends it with a line in the log, which names all but the address. */
static void give_up(struct blob *blob, enum status status, const char *what, const char *detail)
{
	char digest[DIGEST_TEXT_SIZE], key[BLOB_URL_HOST_SIZE + 32];
	const char *account = blob->registry->account;

	digest_format(&blob->digest, digest);
	snprintf(key, sizeof(key), "blob %s %d", blob->host, (int)status);
	log_event(blob->downloads->log, LEVEL_ERROR, key, "blob %s of %s/%s, from %s: %s%s%s",
	          digest, account[0] ? account : "default", blob->repository,
	          blob->host[0] ? blob->host : "nowhere", what, detail[0] ? ": " : "", detail);
	finish(blob, status, NULL);
}

static void retry_timer_fired(void *arg)
{
	ask_for_url(arg);
}

/* Asks again later, if the retry rules allow. */
static bool try_again(struct blob *blob, bool timed_out)
{
	struct downloads *downloads = blob->downloads;
	struct retry_failure failure = {.timed_out = timed_out};
	uint64_t wait_ns;

	if (!retry_again(&downloads->bucket, &blob->retry, downloads->max_attempts, &failure,
	                 random_spread(), &wait_ns))
		return false;
	if (!blob->timer &&
	    loop_timer_new(downloads->loop, retry_timer_fired, blob, &blob->timer) < 0)
		return false;
	loop_timer_set(blob->timer, wait_ns);
	return true;
}

static void verify(struct blob *blob, const struct http_answer *http)
{
	struct digest digest;
	struct bytes *bytes;

	if (http->body_size != blob->size ||
	    digest_compute(http->body, http->body_size, &digest) < 0 ||
	    !digest_equal(&digest, &blob->digest)) {
		give_up(blob, STATUS_WRONG_BYTES,
		        "the bytes are not those of digest and size in the manifest", "");
		return;
	}
	retry_succeeded(&blob->downloads->bucket, &blob->retry);
	bytes = bytes_new(http->body, http->body_size);
	finish(blob, bytes ? STATUS_OK : STATUS_NO_MEMORY, bytes);
	bytes_unref(bytes);
}

static bool may_pass(long code)
{
	return code == 429 || code == 500 || code == 502 || code == 503 || code == 504;
}

/* S3 says 403 of an address that has expired, and of one that a policy does not let through. */
static void receive_error(struct blob *blob, const struct http_answer *http)
{
	char detail[CODE_SIZE + 16], code[CODE_SIZE];

	if (http->code == 403 && !blob->was_renewed) {
		blob->was_renewed = true;
		blob->retry.attempts--; /* the next one is no retry */
		ask_for_url(blob);
		return;
	}
	if (may_pass(http->code) && try_again(blob, false))
		return;
	query_read_text(http->body, http->body_size, "Code", code, sizeof(code));
	snprintf(detail, sizeof(detail), "HTTP %ld%s%s", http->code, code[0] ? " " : "", code);
	if (http->code == 403)
		give_up(blob, STATUS_DENIED,
		        "refused; see whether a policy of the bucket, of a VPC endpoint or of a "
		        "proxy forbids it",
		        detail);
	else if (http->code == 429 || http->code == 503)
		give_up(blob, STATUS_THROTTLED, "it is asked too often", detail);
	else
		give_up(blob, STATUS_SERVER_ERROR, "no blob came", detail);
}

static void receive_nothing(struct blob *blob, const struct http_answer *http)
{
	give_up(blob, http->status, "no answer", http->error);
}

static void received(void *arg, const struct http_answer *http)
{
	struct blob *blob = arg;

	if (http->oversized)
		give_up(blob, STATUS_WRONG_BYTES, "it is larger than the manifest says", "");
	else if (http->status != STATUS_OK && http->broken &&
	         try_again(blob, http->status == STATUS_TIMED_OUT))
		return;
	else if (http->status != STATUS_OK)
		receive_nothing(blob, http);
	else if (http->code == 200)
		verify(blob, http);
	else
		receive_error(blob, http);
}

/* The address is kept nowhere but in what is wiped, and in libcurl while it is used. */
static void fetch(struct blob *blob, const struct api_answer *answer,
                  const struct json_fields *fields)
{
	const char *url = json_fields_text(fields, "downloadUrl");
	struct principal *principal;
	struct http_request request = {
	        .url = url,
	        .max_answer_bytes = blob->size + MAX_ERROR_BYTES,
	};

	if (!url || !blob_url_check(url, answer->unencrypted, blob->host)) {
		api_complain(blob->downloads->api, blob->registry, OPERATION, blob->repository,
		             answer->request_id, "the answer has no address that may be followed");
		finish(blob, STATUS_PROTOCOL, NULL);
		return;
	}
	blob->retry.attempts++;
	/* That of the registry trusts the certificates that its profile names. */
	principal = principals_of(blob->downloads->principals, blob->registry);
	if (!principal || http_send(principal->http, &request, received, blob) < 0)
		finish(blob, STATUS_NO_MEMORY, NULL);
}

static void url_received(void *arg, const struct api_answer *answer)
{
	struct blob *blob = arg;
	struct json_fields *fields;
	int r;

	if (answer->status != STATUS_OK) {
		finish(blob, answer->status, NULL); /* the api has said why */
		return;
	}
	r = json_fields_read(answer->body, answer->body_size, &fields);
	if (r == 0) {
		fetch(blob, answer, fields);
		json_fields_free(fields);
		return;
	}
	if (r == -EBADMSG)
		api_complain(blob->downloads->api, blob->registry, OPERATION, blob->repository,
		             answer->request_id, "the answer is not the JSON that was asked for");
	finish(blob, r == -EBADMSG ? STATUS_PROTOCOL : STATUS_NO_MEMORY, NULL);
}

static void ask_for_url(struct blob *blob)
{
	char digest[DIGEST_TEXT_SIZE];
	struct api_request request = {
	        .registry = blob->registry,
	        .operation = OPERATION,
	        .subject = blob->repository,
	        .max_answer_bytes = MAX_URL_ANSWER_BYTES,
	};

	digest_format(&blob->digest, digest);
	request.body = body_find_layer(blob->repository, digest);
	if (api_call(blob->downloads->api, &request, url_received, blob) < 0)
		finish(blob, STATUS_NO_MEMORY, NULL);
}

static void begin(struct blob *blob)
{
	struct downloads *downloads = blob->downloads;

	DL_DELETE(downloads->waiting, blob);
	DL_APPEND(downloads->under_way, blob);
	downloads->n_under_way++;
}

static void start(struct blob *blob)
{
	begin(blob);
	if (blob->size > DOWNLOADS_MAX_BYTES)
		give_up(blob, STATUS_PROTOCOL, "it is not fetched, since it has more than 8 MiB",
		        "");
	else
		ask_for_url(blob);
}

static void start_waiting(struct loop_task *task)
{
	struct downloads *downloads =
	        (struct downloads *)((char *)task - offsetof(struct downloads, start));

	downloads->is_posted = false;
	while (downloads->waiting && downloads->n_under_way < downloads->max_calls)
		start(downloads->waiting);
}

int downloads_fetch(struct downloads *downloads, const struct registry *registry,
                    const char *repository, const struct digest *digest, uint64_t size_bytes,
                    document_fn fetched, void *arg)
{
	struct blob *blob;

	if (downloads->is_closing)
		return -ECANCELED;
	blob = calloc(1, sizeof(*blob) + strlen(repository) + 1);
	if (!blob)
		return -ENOMEM;
	blob->downloads = downloads;
	blob->registry = registry;
	blob->digest = *digest;
	blob->size = size_bytes;
	blob->fetched = fetched;
	blob->arg = arg;
	strcpy(blob->repository, repository);
	DL_APPEND(downloads->waiting, blob);
	post(downloads);
	return 0;
}

void downloads_free(struct downloads *downloads)
{
	if (!downloads)
		return;
	downloads->is_closing = true;
	loop_unpost(downloads->loop, &downloads->start);
	while (downloads->waiting)
		begin(downloads->waiting);
	while (downloads->under_way)
		finish(downloads->under_way, STATUS_SERVER_ERROR, NULL);
	free(downloads);
}
