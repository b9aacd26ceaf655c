/* file ─► token ──lives long enough, or cannot be renewed──► answer
 *           └──► POST /token ─► renewed ─► answer, and written back
 *                     └──► not: the old one, until it expires
 */
#include "ecr/sso_cache.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/log.h"
#include "ecr/json_fields.h"
#include "ecr/profile.h"
#include "ecr/provider.h"
#include "ecr/sso_config.h"
#include "ecr/sso_token.h"
#include "ecr/unsigned_call.h"
#include "net/disk_file.h"
#include "net/disk_replace.h"
#include "net/loop.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define DIRECTORY "~/.aws/sso/cache"
#define LOG_KEY   "credentials sso"

/* An access token, a refresh token and a registration: about ten kilobytes. */
#define MAX_FILE_BYTES 65536

struct sso_cache {
	struct provider_parts parts;
	char *directory; /* NULL: there is no home directory */
	char *path;      /* of the token that was asked for last */
	struct loop_task fail;
	enum status failure;
	struct disk_reading *reading;     /* NULL: none, as below */
	struct disk_replacing *replacing; /* the one whose end is awaited */
	struct unsigned_call *call;
	struct sso_token *token;         /* the last one that was read or renewed */
	struct digest origin;            /* of the file's text that it comes from */
	bool was_attempted;              /* to renew one */
	uint64_t attempted_ns;           /* monotonic; when */
	const struct sso_config *config; /* of the question under way, as below */
	sso_cache_fn done;
	void *arg;
};

static void finish(struct sso_cache *cache, enum status status)
{
	cache->done(cache->arg, status,
	            status == STATUS_OK ? sso_token_access(cache->token) : NULL);
}

static void forget_token(struct sso_cache *cache)
{
	sso_token_free(cache->token);
	cache->token = NULL;
}

static void refuse(struct sso_cache *cache, enum status status, const char *what, const char *why)
{
	const char *profile = profile_name(cache->parts.profile);

	log_event(cache->parts.log, LEVEL_ERROR, LOG_KEY,
	          "no AWS credentials: %s%s%s; run `aws sso login --profile %s` as the user who "
	          "mounts",
	          what, why[0] ? ": " : "", why, profile);
	finish(cache, status);
}

static uint64_t now(const struct sso_cache *cache)
{
	return clock_realtime_ns(cache->parts.clock);
}

static bool has_expired(const struct sso_cache *cache)
{
	return sso_token_expires_ns(cache->token) <= now(cache);
}

static void was_written(void *arg, int error)
{
	struct sso_cache *cache = arg;

	cache->replacing = NULL;
	if (error)
		log_event(
		        cache->parts.log, LEVEL_WARNING, "credentials sso file",
		        "the renewed token of IAM Identity Center is kept in memory only, since "
		        "%s cannot be written: %s; other programs may have to run `aws sso login`",
		        cache->path, strerror(-error));
}

static void write_back(struct sso_cache *cache)
{
	char *text = sso_token_text(cache->token);
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
static void was_not_renewed(struct sso_cache *cache, enum status status, const char *why)
{
	if (has_expired(cache)) {
		refuse(cache, status,
		       "the token of IAM Identity Center has expired and cannot be renewed", why);
		return;
	}
	log_event(
	        cache->parts.log, LEVEL_WARNING, "credentials sso token",
	        "the token of IAM Identity Center cannot be renewed and is used until it expires: "
	        "%s",
	        why);
	finish(cache, STATUS_OK);
}

static void renewal_answered(void *arg, const struct http_answer *answer)
{
	struct sso_cache *cache = arg;
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
	r = sso_token_renew(cache->token, answer->body, answer->body_size, now(cache));
	if (r == -EBADMSG) {
		was_not_renewed(cache, STATUS_PROTOCOL,
		                "the answer has no accessToken and expiresIn");
	} else if (r < 0) { /* it is half of one now */
		forget_token(cache);
		finish(cache, STATUS_NO_MEMORY);
	} else {
		log_event(cache->parts.log, LEVEL_INFO, "credentials sso token",
		          "the token of IAM Identity Center was renewed");
		write_back(cache);
		finish(cache, STATUS_OK);
	}
}

static void renew(struct sso_cache *cache)
{
	CLEANUP(free_string) char *url = NULL;
	char *body = sso_token_question(cache->token);
	struct unsigned_question question = {
	        .headers = {"Content-Type: application/json", "Accept: application/json"},
	        .body = body,
	};
	int r = -ENOMEM;

	cache->was_attempted = true;
	cache->attempted_ns = clock_monotonic_ns(cache->parts.clock);
	if (asprintf(&url, "%stoken", cache->config->oidc.url) < 0)
		url = NULL;
	question.url = url;
	if (url && body)
		r = unsigned_call_start(cache->parts.loop, cache->parts.http, &question,
		                        renewal_answered, cache, &cache->call);
	json_fields_free_text(body);
	if (r < 0)
		finish(cache, STATUS_NO_MEMORY);
}

/* Tokens of the form of old are the legacy client's, which gets no refresh tokens. */
static bool is_to_be_renewed(const struct sso_cache *cache)
{
	uint64_t now_ns = now(cache);

	if (!cache->config->session || !sso_token_is_renewable(cache->token, now_ns) ||
	    sso_token_expires_ns(cache->token) > now_ns + SSO_CACHE_WINDOW_S * NS_PER_S)
		return false;
	return !cache->was_attempted ||
	       clock_monotonic_ns(cache->parts.clock) - cache->attempted_ns >=
	               SSO_CACHE_ATTEMPT_S * NS_PER_S;
}

static void use_token(struct sso_cache *cache)
{
	if (is_to_be_renewed(cache))
		renew(cache);
	else if (has_expired(cache))
		refuse(cache, STATUS_CREDENTIALS_EXPIRED,
		       "the token of IAM Identity Center has expired", "");
	else
		finish(cache, STATUS_OK);
}

/* What was renewed, and could not be written, counts more than the file that it comes from, and
 * less than any other. */
static void file_was_read(void *arg, int error, const char *text, size_t size)
{
	struct sso_cache *cache = arg;
	enum status shortage = status_of_shortage(-error);
	struct digest digest;
	int r = error ? error : digest_compute(text, size, &digest);

	cache->reading = NULL;
	if (r == 0 && (!cache->token || !digest_equal(&digest, &cache->origin))) {
		forget_token(cache);
		r = sso_token_read(text, size, &cache->token);
		cache->origin = digest;
	}
	if (r == 0) {
		use_token(cache);
		return;
	}
	forget_token(cache);
	if (r == -ENOENT)
		refuse(cache, STATUS_NO_CREDENTIALS,
		       "nobody is logged in to IAM Identity Center; there is no file", cache->path);
	else if (r == -EBADMSG)
		refuse(cache, STATUS_NO_CREDENTIALS,
		       "nobody is logged in to IAM Identity Center; there is no token in",
		       cache->path);
	else if (r == -ENOMEM || shortage != STATUS_OK)
		finish(cache, shortage != STATUS_OK ? shortage : STATUS_NO_MEMORY);
	else
		refuse(cache, STATUS_NO_CREDENTIALS,
		       "the token of IAM Identity Center cannot be read", strerror(-r));
}

/* Answers 0, or -errno with nothing logged. */
static int find_path(struct sso_cache *cache)
{
	const struct sso_config *config = cache->config;
	char name[DIGEST_SHA1_HEX_SIZE], *path;
	int r = digest_sha1_hex(config->session ? config->session : config->start_url, name);

	if (r < 0)
		return r;
	if (asprintf(&path, "%s/%s.json", cache->directory, name) < 0)
		return -ENOMEM;
	if (cache->path && strcmp(path, cache->path) != 0)
		forget_token(cache);
	free(cache->path);
	cache->path = path;
	return 0;
}

static void fail(struct loop_task *task)
{
	struct sso_cache *cache =
	        (struct sso_cache *)((char *)task - offsetof(struct sso_cache, fail));

	if (!cache->directory)
		refuse(cache, STATUS_NO_CREDENTIALS,
		       "there is no home directory, in which " DIRECTORY " would be", "set HOME");
	else
		finish(cache, cache->failure);
}

void sso_cache_ask(struct sso_cache *cache, const struct sso_config *config, sso_cache_fn done,
                   void *arg)
{
	int r = -ENOENT;

	cache->config = config;
	cache->done = done;
	cache->arg = arg;
	if (cache->directory)
		r = find_path(cache);
	if (r == 0)
		r = disk_file_read(cache->parts.loop, cache->path, MAX_FILE_BYTES, file_was_read,
		                   cache, &cache->reading);
	if (r == 0)
		return;
	/* A full disk pool is one whose disk does not answer. */
	cache->failure = r == -EBUSY ? STATUS_TIMED_OUT : STATUS_NO_MEMORY;
	loop_post(cache->parts.loop, &cache->fail);
}

struct sso_cache *sso_cache_new(const struct provider_parts *parts)
{
	struct sso_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return NULL;
	cache->parts = *parts;
	cache->fail.run = fail;
	if (profile_choose_path(parts->profile, NULL, DIRECTORY, &cache->directory) < 0) {
		free(cache);
		return NULL;
	}
	return cache;
}

void sso_cache_free(struct sso_cache *cache)
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
	free(cache);
}
