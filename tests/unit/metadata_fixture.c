/* Building and asking. */
#include "tests/unit/metadata_fixture.h"
#include "base/cleanup.h"

#include <stdio.h>
#include <string.h>

struct metadata_fixture m;

int metadata_fixture_set_up(void **state)
{
	struct http_config config = {
	        .user_agent = "a test",
	        .max_connections = 10,
	        .connect_timeout_ns = 20 * NS_PER_S,
	        .read_timeout_ns = 20 * NS_PER_S,
	};

	memset(&m, 0, sizeof(m));
	assert_int_equal(profile_fixture_set_up(state), 0);
	m.server = http_server_new();
	assert_int_equal(http_new(f.loop, &config, &m.http), 0);
	open_profile(NULL);
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", http_server_url(m.server), 1);
	return 0;
}

int metadata_fixture_tear_down(void **state)
{
	provider_result_deinit(&m.result);
	http_free(m.http);
	if (m.provider)
		m.provider->ops->free(m.provider);
	imds_free(m.imds);
	http_server_free(m.server);
	return profile_fixture_tear_down(state);
}

void open_imds(void)
{
	assert_int_equal(
	        imds_new(f.loop, &f.clock.clock, f.captured.log, m.http, f.profile, &m.imds), 0);
}

struct provider_parts metadata_fixture_parts(void)
{
	struct provider_parts parts = profile_fixture_parts();

	parts.http = m.http;
	parts.imds = m.imds;
	return parts;
}

void fetch(void)
{
	provider_result_deinit(&m.result);
	provider_result_fetch(f.loop, m.provider, &m.result);
}

void assert_failed(enum status status, const char *why)
{
	assert_int_equal(m.result.answer, PROVIDER_FAILED);
	assert_int_equal(m.result.status, status);
	assert_int_equal(captured_log_count(&f.captured, "no AWS credentials from"), 1);
	assert_int_equal(captured_log_count(&f.captured, why), 1);
}

const char *url_of(const char *path)
{
	static char url[256];

	snprintf(url, sizeof(url), "%s%s", http_server_url(m.server), path);
	return url;
}

bool sent(unsigned number, const char *text)
{
	CLEANUP(free_string) char *request = http_server_request(m.server, number);

	return strstr(request, text);
}

void answer_token(const char *token, const char *ttl_s)
{
	char headers[128] = "";

	if (ttl_s)
		snprintf(headers, sizeof(headers), "X-Aws-Ec2-Metadata-Token-Ttl-Seconds: %s\r\n",
		         ttl_s);
	http_server_answer(m.server, 200, headers, token);
}
