/* Signs with them. */
#include "tests/fuzz/credentials_check.h"
#include "base/clock.h"
#include "ecr/credentials.h"
#include "ecr/sigv4.h"
#include "tests/fuzz/fuzz.h"

/* The year in which nanoseconds since 1970 end. */
#define LAST_YEAR 2554

/* A key that cannot be in a header is refused. */
static void check_signature(const struct credentials *credentials)
{
	struct sigv4_request request = {
	        .service = "ecr",
	        .region = "us-east-1",
	        .host = "localhost",
	        .content_type = "application/x-amz-json-1.1",
	        .target = "T.ListImages",
	        .body = "{}",
	        .body_size = 2,
	        .time_s = 1767323045,
	};
	const char *token = credentials_session_token(credentials);
	struct sigv4_signature signature;

	if (sigv4_sign(&request, credentials, &signature) < 0)
		return;
	for (const char *c = signature.authorization; *c; c++)
		MUST(*c >= ' ' && *c <= '~');
	for (const char *c = token ? token : ""; *c; c++)
		MUST(*c > ' ' && *c <= '~');
	MUST(strlen(signature.date) == SIGV4_DATE_SIZE - 1);
}

void credentials_check(const struct credentials *credentials)
{
	MUST(credentials_access_key_id(credentials)[0] && credentials_secret(credentials)[0]);
	check_signature(credentials);
}

void credentials_check_end(uint64_t expires_ns, const char *text)
{
	char told[CLOCK_UTC_SIZE];
	long year = strtol(text, NULL, 10), told_year;

	clock_format_utc((int64_t)(expires_ns / NS_PER_S), told);
	told_year = strtol(told, NULL, 10);
	MUST(expires_ns &&
	     (labs(told_year - year) <= 1 || (year >= LAST_YEAR && told_year >= LAST_YEAR - 1)));
}
