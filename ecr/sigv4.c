/* AWS Signature Version 4:
 *
 *   request ─► canonical text ─► SHA-256 ─┐
 *   date, region, service ────────────────┴► string to sign ─► HMAC ─► signature
 *   secret ─► HMAC by date, region, service ───────────────────┘
 */
#include "ecr/sigv4.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "ecr/credentials.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#define ALGORITHM  "AWS4-HMAC-SHA256"
#define SCOPE_SIZE 160

/* Whether the text can be the value of a header as it is: a line break would end it, and blanks
 * would have to be signed in another form than they are sent. */
static bool is_value(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

static int format_date(int64_t time_s, char date[static SIGV4_DATE_SIZE])
{
	time_t time = (time_t)time_s;
	struct tm utc;

	if (!gmtime_r(&time, &utc))
		return -EINVAL;
	/* Years of other than four digits do not fit, or leave the text short. */
	if (strftime(date, SIGV4_DATE_SIZE, "%Y%m%dT%H%M%SZ", &utc) != SIGV4_DATE_SIZE - 1)
		return -EINVAL;
	return 0;
}

static int format_scope(const struct sigv4_request *request, const char *date,
                        char scope[static SCOPE_SIZE])
{
	int length = snprintf(scope, SCOPE_SIZE, "%.8s/%s/%s/aws4_request", date, request->region,
	                      request->service);

	return length < 0 || length >= SCOPE_SIZE ? -EINVAL : 0;
}

/* The names, sorted as they have to be. Static storage. */
static const char *signed_headers(bool token, bool target)
{
	if (token)
		return target ? "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
		              : "content-type;host;x-amz-date;x-amz-security-token";
	return target ? "content-type;host;x-amz-date;x-amz-target"
	              : "content-type;host;x-amz-date";
}

/* The digest, in hex, of the request in its canonical form. */
static int hash_request(const struct sigv4_request *request, const char *token, const char *date,
                        char hex[static DIGEST_HEX_SIZE])
{
	CLEANUP(wipe_string) char *canonical = NULL; /* the token is in it */
	char body_hex[DIGEST_HEX_SIZE];
	struct digest digest;
	int length;

	if (digest_compute(request->body, request->body_size, &digest) < 0)
		return -EIO;
	digest_format_hex(&digest, body_hex);
	length = asprintf(&canonical,
	                  "POST\n/\n\ncontent-type:%s\nhost:%s\nx-amz-date:%s\n%s%s%s%s%s%s\n"
	                  "%s\n%s",
	                  request->content_type, request->host, date,
	                  token ? "x-amz-security-token:" : "", token ? token : "",
	                  token ? "\n" : "", request->target ? "x-amz-target:" : "",
	                  request->target ? request->target : "", request->target ? "\n" : "",
	                  signed_headers(token, request->target), body_hex);
	if (length < 0) {
		canonical = NULL;
		return -ENOMEM;
	}
	if (digest_compute(canonical, (size_t)length, &digest) < 0)
		return -EIO;
	digest_format_hex(&digest, hex);
	return 0;
}

/* Replaces the key by HMAC(key, text). */
static int hmac(struct digest *key, const char *text, size_t size)
{
	struct digest result;
	unsigned length = sizeof(result.sha256);

	if (!HMAC(EVP_sha256(), key->sha256, DIGEST_BYTES, (const unsigned char *)text, size,
	          result.sha256, &length))
		return -EIO;
	*key = result;
	explicit_bzero(&result, sizeof(result));
	return 0;
}

int sigv4_prepare(void)
{
	struct digest key;
	int r = digest_compute("", 0, &key);

	return r < 0 ? r : hmac(&key, "", 0);
}

/* The key of one day, region and service. The caller wipes it. */
static int derive_key(const struct sigv4_request *request, const char *secret, const char *date,
                      struct digest *key)
{
	CLEANUP(wipe_string) char *first = NULL;
	unsigned length = DIGEST_BYTES;
	int r;

	if (asprintf(&first, "AWS4%s", secret) < 0) {
		first = NULL;
		return -ENOMEM;
	}
	if (!HMAC(EVP_sha256(), first, (int)strlen(first), (const unsigned char *)date,
	          strlen("20260102"), key->sha256, &length))
		return -EIO;
	r = hmac(key, request->region, strlen(request->region));
	if (r == 0)
		r = hmac(key, request->service, strlen(request->service));
	if (r == 0)
		r = hmac(key, "aws4_request", strlen("aws4_request"));
	return r;
}

/* The signature, in hex, of a canonical request whose digest is `request_hex`. */
static int compute_signature(const struct sigv4_request *request, const char *secret,
                             const char *date, const char *scope, const char *request_hex,
                             char hex[static DIGEST_HEX_SIZE])
{
	char to_sign[sizeof(ALGORITHM) + SIGV4_DATE_SIZE + SCOPE_SIZE + DIGEST_HEX_SIZE];
	int length = snprintf(to_sign, sizeof(to_sign), ALGORITHM "\n%s\n%s\n%s", date, scope,
	                      request_hex);
	struct digest key;
	int r = derive_key(request, secret, date, &key);

	if (r == 0)
		r = hmac(&key, to_sign, (size_t)length);
	if (r == 0)
		digest_format_hex(&key, hex);
	explicit_bzero(&key, sizeof(key));
	return r;
}

int sigv4_sign(const struct sigv4_request *request, const struct credentials *credentials,
               struct sigv4_signature *ret_signature)
{
	const char *key_id = credentials_access_key_id(credentials);
	const char *token = credentials_session_token(credentials);
	struct sigv4_signature result;
	char scope[SCOPE_SIZE], request_hex[DIGEST_HEX_SIZE], signature[DIGEST_HEX_SIZE];
	int length, r;

	if (!is_value(key_id) || (token && !is_value(token)))
		return -EINVAL;
	r = format_date(request->time_s, result.date);
	if (r == 0)
		r = format_scope(request, result.date, scope);
	if (r == 0)
		r = hash_request(request, token, result.date, request_hex);
	if (r == 0)
		r = compute_signature(request, credentials_secret(credentials), result.date, scope,
		                      request_hex, signature);
	if (r < 0)
		return r;
	length = snprintf(result.authorization, sizeof(result.authorization),
	                  ALGORITHM " Credential=%s/%s, SignedHeaders=%s, Signature=%s", key_id,
	                  scope, signed_headers(token, request->target), signature);
	if (length < 0 || (size_t)length >= sizeof(result.authorization))
		return -EINVAL;
	*ret_signature = result;
	return 0;
}
