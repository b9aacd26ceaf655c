/* Parts of a provider, with a server. */
#include "tests/unit/sts_fixture.h"
#include "ecr/credentials.h"
#include "ecr/region.h"
#include "net/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct sts_fixture s;

/* In place of the C library's: retries wait no longer than they must. */
ssize_t getrandom(void *buffer, size_t size, unsigned flags)
{
	(void)flags;
	memset(buffer, 0, size);
	return (ssize_t)size;
}

int sts_fixture_set_up(void **state)
{
	struct http_config http = {
	        .user_agent = "a test",
	        .max_connections = 2,
	        .connect_timeout_ns = 20 * NS_PER_S,
	        .read_timeout_ns = 20 * NS_PER_S,
	};

	profile_fixture_set_up(state);
	memset(&s, 0, sizeof(s));
	setenv("no_proxy", "*", 1);
	corrected_clock_init(&s.aws_clock, &f.clock.clock);
	s.server = http_server_new();
	s.settings.service_urls[AWS_STS] = http_server_url(s.server);
	return http_new(f.loop, &http, &s.http);
}

int sts_fixture_tear_down(void **state)
{
	http_free(s.http);
	region_free(s.region);
	provider_result_deinit(&s.result);
	if (s.provider)
		s.provider->ops->free(s.provider);
	imds_free(s.imds);
	http_server_free(s.server);
	return profile_fixture_tear_down(state);
}

struct provider_parts sts_fixture_open(const char *profile)
{
	struct provider_parts parts;

	open_profile(profile);
	assert_int_equal(
	        region_new(f.loop, f.captured.log, f.profile, NULL, "us-east-1", &s.region), 0);
	assert_int_equal(
	        imds_new(f.loop, &f.clock.clock, f.captured.log, s.http, f.profile, &s.imds), 0);
	parts = profile_fixture_parts();
	parts.clock = &s.aws_clock.clock;
	parts.aws_clock = &s.aws_clock;
	parts.http = s.http;
	parts.imds = s.imds;
	parts.region = s.region;
	parts.settings = &s.settings;
	parts.profile_alone = profile;
	return parts;
}

void sts_fixture_fetch(void)
{
	assert_non_null(s.provider);
	provider_result_deinit(&s.result);
	provider_result_fetch(f.loop, s.provider, &s.result);
}

void assert_found(const char *key_id)
{
	assert_int_equal(s.result.answer, PROVIDER_FOUND);
	assert_string_equal(credentials_access_key_id(s.result.credentials), key_id);
}

void assert_failed(enum status status, const char *words)
{
	assert_int_equal(s.result.answer, PROVIDER_FAILED);
	assert_int_equal(s.result.status, status);
	assert_int_equal(captured_log_count(&f.captured, words), 1);
}

void sts_fixture_answer(const char *key_id)
{
	char body[1024];

	snprintf(body, sizeof(body),
	         "{\"AssumeRoleResponse\":{\"AssumeRoleResult\":{\"Credentials\":{\"AccessKeyId\":"
	         "\"%s\",\"SecretAccessKey\":\"secret of %s\",\"SessionToken\":\"token-of-%s\","
	         "\"Expiration\":%llu},\"AssumedRoleUser\":{\"Arn\":"
	         "\"arn:aws:sts::012345678910:assumed-role/r/s\"}}}}",
	         key_id, key_id, key_id,
	         (unsigned long long)(clock_realtime_ns(&f.clock.clock) / NS_PER_S + 3600));
	http_server_answer(s.server, 200, "", body);
}

void sts_fixture_refuse(int http_code, const char *code)
{
	char body[512];

	snprintf(body, sizeof(body),
	         "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>it says"
	         "</Message></Error><RequestId>id-1</RequestId></ErrorResponse>",
	         code);
	http_server_answer(s.server, http_code, "", body);
}

static bool sent(unsigned number, const char *words)
{
	char *request;
	bool found;

	assert_true(number < http_server_requests(s.server));
	request = http_server_request(s.server, number);
	found = strstr(request, words);
	free(request);
	return found;
}

void assert_sent(unsigned number, const char *words)
{
	assert_true(sent(number, words));
}

void assert_not_sent(unsigned number, const char *words)
{
	assert_false(sent(number, words));
}
