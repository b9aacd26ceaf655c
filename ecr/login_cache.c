/* file ─► token ──lives long enough, or cannot be renewed──► answer
 *           └──► POST ─► renewed ─► answer, and written back
 *                 └──► not: the old one, until it expires
 */
#include "ecr/login_cache.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/log.h"
#include "ecr/json_fields.h"
#include "ecr/login_token.h"
#include "ecr/profile.h"
#include "ecr/provider.h"
#include "ecr/unsigned_call.h"
#include "net/disk_file.h"
#include "net/disk_replace.h"
#include "net/loop.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Two tokens, a registration or a key: about ten kilobytes. */
#define MAX_FILE_BYTES 65536

struct login_cache {
	struct provider_parts parts;
	const struct login_kind *kind;
	char *directory; /* NULL: there is no home directory */
	char *path;      /* of the token that was asked for last */
	char *url;       /* where it is renewed, or NULL */
	struct loop_task fail;
	enum status failure;
	struct disk_reading *reading;     /* NULL: none, as below */
	struct disk_replacing *replacing; /* the one whose end is awaited */
	struct unsigned_call *call;
	struct login_token *token; /* the last one that was read or renewed */
	struct digest origin;      /* of the file's text that it comes from */
	bool was_attempted;        /* to renew one */
	uint64_t attempted_ns;     /* monotonic; when */
	login_cache_fn done;       /* of the question under way */
	void *arg;
};

static void finish(struct login_cache *cache, enum status status)
{
	cache->done(cache->arg, status, status == STATUS_OK ? cache->token : NULL);
}

static void forget_token(struct login_cache *cache)
{
	login_token_free(cache->token);
	cache->token = NULL;
}

/* `what` is said of the token. */
static void refuse(struct login_cache *cache, enum status status, const char *what, const char *why)
{
	const struct login_kind *kind = cache->kind;

	log_event(cache->parts.log, LEVEL_ERROR, kind->log_key,
	          "no AWS credentials: %s %s%s%s; run `%s --profile %s` as the user who mounts",
	          kind->what, what, why[0] ? ": " : "", why, kind->command,
	          profile_name(cache->parts.profile));
	finish(cache, status);
}

static uint64_t now(const struct login_cache *cache)
{
	return clock_realtime_ns(cache->parts.clock);
}

static bool has_expired(const struct login_cache *cache)
{
	return cache->token->expires_ns <= now(cache);
}

static void was_written(void *arg, int error)
{
	struct login_cache *cache = arg;

	cache->replacing = NULL;
	if (error)
		log_event(cache->parts.log, LEVEL_WARNING, cache->path,
		          "%s was renewed and is kept in memory only, since %s cannot be written: "
		          "%s; other programs may have to run `%s`",
		          cache->kind->what, cache->path, strerror(-error), cache->kind->command);
}

static void write_back(struct login_cache *cache)
{
	char *text = json_fields_print(cache->token->fields);
	int r = -ENOMEM;

	disk_replace_abandon(cache->replacing);
	cache->replacing = NULL;
	if (text)
		r = disk_replace(cache->parts.loop, cache->path, text, strlen(text), was_written,
		                 cache, &cache->replacing);
	if (r < 0)
		was_written(cache, r);
	json_fields_free_text(text);
}

/* The one at hand stays good until it expires. */
static void was_not_renewed(struct login_cache *cache, enum status status, const char *why)
{
	if (has_expired(cache)) {
		refuse(cache, status, "has expired and cannot be renewed", why);
		return;
	}
	log_event(cache->parts.log, LEVEL_WARNING, cache->kind->command,
	          "%s cannot be renewed and is used until it expires: %s", cache->kind->what, why);
	finish(cache, STATUS_OK);
}

static void renewal_answered(void *arg, const struct http_answer *answer)
{
	struct login_cache *cache = arg;
	char why[UNSIGNED_CALL_WHY_SIZE];
	int r;

	cache->call = NULL;
	if (answer->status != STATUS_OK || answer->code != 200) {
		unsigned_call_explain(answer, why);
		was_not_renewed(cache,
		                answer->status != STATUS_OK ? answer->status
		                                            : STATUS_CREDENTIALS_EXPIRED,
		                why);
		return;
	}
	r = login_token_renew(cache->token, answer->body, answer->body_size, now(cache));
	if (r == -EBADMSG) {
		was_not_renewed(cache, STATUS_PROTOCOL, "the answer has no new one");
	} else if (r < 0) { /* it is half of one now */
		forget_token(cache);
		finish(cache, STATUS_NO_MEMORY);
	} else {
		log_event(cache->parts.log, LEVEL_INFO, cache->kind->command, "%s was renewed",
		          cache->kind->what);
		write_back(cache);
		finish(cache, STATUS_OK);
	}
}

static void renew(struct login_cache *cache)
{
	struct unsigned_question question = {
	        .url = cache->url,
	        .headers = {"Content-Type: application/json", "Accept: application/json"},
	};
	char *body = NULL, *header = NULL;
	int r;

	cache->was_attempted = true;
	cache->attempted_ns = clock_monotonic_ns(cache->parts.clock);
	r = cache->kind->question(cache->token->fields, cache->url, now(cache), &body, &header);
	question.body = body;
	question.headers[2] = header;
	if (r == 0)
		r = unsigned_call_start(cache->parts.loop, cache->parts.http, &question,
		                        renewal_answered, cache, &cache->call);
	json_fields_free_text(body);
	json_fields_free_text(header);
	if (r == -ENOMEM)
		finish(cache, STATUS_NO_MEMORY);
	else if (r < 0)
		was_not_renewed(cache, STATUS_CREDENTIALS_EXPIRED, "its key cannot be used");
}

static bool is_to_be_renewed(const struct login_cache *cache)
{
	uint64_t now_ns = now(cache);

	if (!cache->url || !login_token_is_renewable(cache->token, now_ns) ||
	    cache->token->expires_ns > now_ns + cache->kind->window_s * NS_PER_S)
		return false;
	return !cache->was_attempted ||
	       clock_monotonic_ns(cache->parts.clock) - cache->attempted_ns >=
	               LOGIN_CACHE_ATTEMPT_S * NS_PER_S;
}

static void use_token(struct login_cache *cache)
{
	if (is_to_be_renewed(cache))
		renew(cache);
	else if (has_expired(cache))
		refuse(cache, STATUS_CREDENTIALS_EXPIRED, "has expired", "");
	else
		finish(cache, STATUS_OK);
}

/* What was renewed, and could not be written, counts more than the file that it comes from, and
 * less than any other. */
static void file_was_read(void *arg, int error, const char *text, size_t size)
{
	struct login_cache *cache = arg;
	enum status shortage = status_of_shortage(-error);
	struct digest digest;
	int r = error ? error : digest_compute(text, size, &digest);

	cache->reading = NULL;
	if (r == 0 && (!cache->token || !digest_equal(&digest, &cache->origin))) {
		forget_token(cache);
		r = login_token_read(cache->kind, text, size, &cache->token);
		cache->origin = digest;
	}
	if (r == 0) {
		use_token(cache);
		return;
	}
	forget_token(cache);
	if (r == -ENOENT)
		refuse(cache, STATUS_NO_CREDENTIALS, "is not there; there is no file", cache->path);
	else if (r == -EBADMSG)
		refuse(cache, STATUS_NO_CREDENTIALS, "is not there; it is not in", cache->path);
	else if (r == -ENOMEM || shortage != STATUS_OK)
		finish(cache, shortage != STATUS_OK ? shortage : STATUS_NO_MEMORY);
	else
		refuse(cache, STATUS_NO_CREDENTIALS,
		       "the token of IAM Identity Center cannot be read", strerror(-r));
}

/* Answers 0 or -ENOMEM. */
static int set_question(struct login_cache *cache, const char *name, const char *url)
{
	char *path, *copy = url ? strdup(url) : NULL;

	if (!copy != !url || asprintf(&path, "%s/%s.json", cache->directory, name) < 0) {
		free(copy);
		return -ENOMEM;
	}
	if (cache->path && strcmp(path, cache->path) != 0)
		forget_token(cache);
	free(cache->path);
	free(cache->url);
	cache->path = path;
	cache->url = copy;
	return 0;
}

static void fail(struct loop_task *task)
{
	struct login_cache *cache =
	        (struct login_cache *)((char *)task - offsetof(struct login_cache, fail));

	if (!cache->directory)
		refuse(cache, STATUS_NO_CREDENTIALS,
		       "is not there: there is no home directory; set HOME", "");
	else
		finish(cache, cache->failure);
}

void login_cache_ask(struct login_cache *cache, const char *name, const char *url,
                     login_cache_fn done, void *arg)
{
	int r = -ENOENT;

	cache->done = done;
	cache->arg = arg;
	if (cache->directory)
		r = set_question(cache, name, url);
	if (r == 0)
		r = disk_file_read(cache->parts.loop, cache->path, MAX_FILE_BYTES, file_was_read,
		                   cache, &cache->reading);
	if (r == 0)
		return;
	/* A full disk pool is one whose disk does not answer. */
	cache->failure = r == -EBUSY ? STATUS_TIMED_OUT : STATUS_NO_MEMORY;
	loop_post(cache->parts.loop, &cache->fail);
}

struct login_cache *login_cache_new(const struct provider_parts *parts,
                                    const struct login_kind *kind, const char *variable,
                                    const char *directory)
{
	struct login_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return NULL;
	cache->parts = *parts;
	cache->kind = kind;
	cache->fail.run = fail;
	if (profile_choose_path(parts->profile, variable, directory, &cache->directory) ==
	    -ENOMEM) {
		free(cache);
		return NULL;
	}
	return cache;
}

void login_cache_free(struct login_cache *cache)
{
	if (!cache)
		return;
	loop_unpost(cache->parts.loop, &cache->fail);
	disk_file_abandon(cache->reading);
	disk_replace_abandon(cache->replacing);
	unsigned_call_free(cache->call);
	forget_token(cache);
	free(cache->directory);
	free(cache->path);
	free(cache->url);
	free(cache);
}
