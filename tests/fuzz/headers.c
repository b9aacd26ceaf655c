/* Values of response headers: Date, x-amz-retry-after and x-amzn-errortype, a line each. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "ecr/clock_skew.h"
#include "ecr/error.h"
#include "ecr/json.h"
#include "ecr/retry.h"
#include "tests/fuzz/fuzz.h"

#include <time.h>

#define NOW_S   1767323045
#define YEAR_S  (366LL * 24 * 3600)
#define LONGEST ((RETRY_MAX_WAIT_S + RETRY_MAX_LONGER_S) * NS_PER_S)

/* A clock is corrected once: the next answer with that Date finds it right. */
static void check_skew(int64_t server_s, int64_t tolerated_s)
{
	struct clock_sample sample = {
	        .sent_s = NOW_S, .received_s = NOW_S + 3, .server_s = server_s};
	int64_t offset_s = 0;

	if (!clock_skew_learn(&offset_s, &sample, tolerated_s)) {
		MUST(offset_s == 0);
		return;
	}
	MUST(offset_s < -tolerated_s || offset_s > tolerated_s);
	MUST(!clock_skew_learn(&offset_s, &sample, tolerated_s));
}

static void check_date(const char *text)
{
	char again[64];
	int64_t time_s, time_again_s;
	time_t time;
	struct tm utc;

	if (!clock_skew_parse_date(text, &time_s))
		return;
	MUST(time_s >= 0 && time_s < (10000 - 1970) * YEAR_S);
	check_skew(time_s, CLOCK_SKEW_TOLERATED_S);
	check_skew(time_s, CLOCK_SKEW_REFUSED_S);
	time = (time_t)time_s;
	MUST(gmtime_r(&time, &utc));
	MUST(strftime(again, sizeof(again), "%a, %d %b %Y %H:%M:%S GMT", &utc));
	if (utc.tm_year + 1900 > 9999) /* 31 December 9999, 23:59:60 */
		return;
	MUST(clock_skew_parse_date(again, &time_again_s));
	MUST(time_s == time_again_s);
}

/* However long a server asks us to wait. */
static void check_retry_after(const char *text)
{
	bool is_number = text[0] && !text[strspn(text, "0123456789")];
	struct retry_failure failure = {.after_ms = retry_after_ms(text)};

	MUST(is_number || failure.after_ms == 0);
	MUST((failure.after_ms == 0) == (!is_number || !text[strspn(text, "0")]));
	for (unsigned attempts = 1; attempts < 100; attempts *= 3) {
		struct retry_bucket bucket;
		struct retry_state state = {.attempts = attempts};
		uint64_t wait_ns;

		retry_bucket_init(&bucket);
		MUST(retry_again(&bucket, &state, 100, &failure, UINT32_MAX, &wait_ns));
		MUST(wait_ns <= LONGEST);
		MUST(wait_ns <= failure.after_ms * NS_PER_MS ||
		     wait_ns <= RETRY_MAX_WAIT_S * NS_PER_S);
	}
}

static void check_error_type(const char *text)
{
	char code[JSON_CODE_SIZE];

	api_error_copy_code(text, code, sizeof(code));
	MUST(strlen(code) < sizeof(code) && !strpbrk(code, ":#"));
	MUST(api_error_of(code, 400).status != STATUS_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free_string) char *text = fuzz_text(data, size);
	const char *lines[3] = {"", "", ""};

	fuzz_cut_lines(text, lines, 3);
	check_date(lines[0]);
	check_retry_after(lines[1]);
	check_error_type(lines[2]);
	return 0;
}
