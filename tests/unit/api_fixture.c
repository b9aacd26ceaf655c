/* Building and using an api. */
#include "tests/unit/api_fixture.h"
#include "base/cleanup.h"

#include <string.h>
#include <sys/random.h>

/* As api_counts numbers it. */
#define DESCRIBE_IMAGES 1

struct api_fixture f;
const struct registry own = {0};
const struct registry abroad = {.account = "012345678910", .region = "eu-west-1"};

/* In place of the C library's: retries wait no longer than they must. */
ssize_t getrandom(void *buffer, size_t size, unsigned flags)
{
	(void)flags;
	memset(buffer, 0, size);
	return (ssize_t)size;
}

/* Its profile says nothing, and may be asked all the same. */
static void make_principal(void)
{
	struct principal_parts parts = {
	        .loop = f.loop,
	        .clock = &f.clock.clock,
	        .aws_clock = &f.aws_clock,
	        .log = f.log,
	        .http = f.http,
	        .settings = &f.settings,
	};

	endpoint_choice_deinit(&f.principal.endpoints);
	principal_init(&f.principal, &parts);
	f.principals.own = &f.principal;
	f.principal.http = f.http;
	f.principal.chain = f.chain;
	f.principal.profile = f.profile;
	f.principal.region = f.region;
	f.principal.is_prepared = true;
	assert_int_equal(endpoint_choice_init(&f.principal.endpoints, &f.settings, NULL), 0);
}

static int make_api(void)
{
	struct api_parts parts = {
	        .loop = f.loop,
	        .clock = &f.clock.clock,
	        .aws_clock = &f.aws_clock,
	        .log = f.log,
	        .principals = &f.principals,
	        .settings = &f.settings,
	};

	make_principal();
	return api_new(&parts, &f.api);
}

void remake_api(void)
{
	api_free(f.api);
	assert_int_equal(make_api(), 0);
}

int api_fixture_set_up(void **state)
{
	struct provider *providers[] = {&f.provider.provider};
	struct http_config http = {
	        .user_agent = "a test",
	        .max_connections = 10,
	        .connect_timeout_ns = 20 * NS_PER_S,
	        .read_timeout_ns = 20 * NS_PER_S,
	};

	(void)state;
	memset(&f, 0, sizeof(f));
	setenv("no_proxy", "*", 1);
	fake_clock_init(&f.clock);
	corrected_clock_init(&f.aws_clock, &f.clock.clock);
	captured_log_init(&f.captured, &f.clock.clock);
	f.log = f.captured.log;
	aws_home_init(&f.home);
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	fake_provider_init(&f.provider);
	f.server = http_server_new();
	f.settings = (struct aws_settings){
	        .endpoint_url = http_server_url(f.server),
	        .max_attempts = 3,
	};
	assert_int_equal(loop_new(&f.loop), 0);
	assert_int_equal(http_new(f.loop, &http, &f.http), 0);
	assert_int_equal(
	        chain_new(f.loop, &f.aws_clock.clock, f.captured.log, providers, 1, &f.chain), 0);
	assert_int_equal(profile_new(f.loop, f.captured.log, NULL, &f.profile), 0);
	assert_int_equal(
	        imds_new(f.loop, &f.clock.clock, f.captured.log, f.http, f.profile, &f.imds), 0);
	assert_int_equal(
	        region_new(f.loop, f.captured.log, f.profile, f.imds, "us-east-1", &f.region), 0);
	return make_api();
}

int api_fixture_tear_down(void **state)
{
	(void)state;
	api_free(f.api);
	http_free(f.http);
	region_free(f.region);
	chain_free(f.chain);
	imds_free(f.imds);
	profile_free(f.profile);
	endpoint_choice_deinit(&f.principal.endpoints);
	loop_run_once(f.loop);
	loop_free(f.loop);
	http_server_free(f.server);
	temp_dir_deinit(&f.home);
	captured_log_deinit(&f.captured);
	return 0;
}

void answered(void *arg, const struct api_answer *answer)
{
	struct outcome *outcome = arg;

	assert_false(outcome->done);
	*outcome = (struct outcome){
	        .done = true,
	        .status = answer->status,
	        .oversized = answer->oversized,
	        .invalid_parameter = answer->invalid_parameter,
	        .filter_refused = answer->filter_refused,
	        .repository_absent = answer->repository_absent,
	};
	snprintf(outcome->body, sizeof(outcome->body), "%.*s", (int)answer->body_size,
	         answer->body);
	snprintf(outcome->request_id, sizeof(outcome->request_id), "%s", answer->request_id);
}

struct api_request describe_images(const struct registry *registry)
{
	return (struct api_request){
	        .registry = registry,
	        .operation = "DescribeImages",
	        .subject = "team/app",
	        .body = strdup("{\"repositoryName\":\"team/app\"}"),
	        .max_answer_bytes = MAX_ANSWER_BYTES,
	};
}

void start(const struct registry *registry, struct outcome *outcome)
{
	struct api_request request = describe_images(registry);

	memset(outcome, 0, sizeof(*outcome));
	assert_int_equal(api_call(f.api, &request, answered, outcome), 0);
	assert_false(outcome->done);
}

void call(const struct registry *registry)
{
	start(registry, &f.outcome);
}

void give_key(const char *key_id)
{
	pump_until(f.loop, &f.provider.asked);
	fake_provider_find(&f.provider, key_id, 0);
}

void call_with_key(const struct registry *registry)
{
	call(registry);
	give_key("AKID1");
	pump_until(f.loop, &f.outcome.done);
}

void call_with_two_keys(const struct registry *registry)
{
	call(registry);
	give_key("AKID1");
	give_key("AKID2");
	pump_until(f.loop, &f.outcome.done);
}

void call_again(const struct registry *registry)
{
	call(registry);
	pump_until(f.loop, &f.outcome.done);
}

void call_for(const struct api_request *request)
{
	memset(&f.outcome, 0, sizeof(f.outcome));
	assert_int_equal(api_call(f.api, request, answered, &f.outcome), 0);
	if (f.provider.fetches == 0)
		give_key("AKID1");
	pump_until(f.loop, &f.outcome.done);
}

void call_sts(void)
{
	struct api_request request = {
	        .service = API_STS,
	        .registry = &own,
	        .operation = "GetCallerIdentity",
	        .subject = "",
	        .body = strdup("Action=GetCallerIdentity"),
	        .max_answer_bytes = MAX_ANSWER_BYTES,
	};

	call_for(&request);
}

void wait_for_requests(unsigned n)
{
	while (http_server_requests(f.server) < n)
		loop_run_once(f.loop);
}

uint64_t events(enum api_event event)
{
	return api_counts_get_event(api_counted(f.api), DESCRIBE_IMAGES, event);
}

unsigned lines(const char *text)
{
	return captured_log_count(&f.captured, text);
}

bool sent(unsigned number, const char *text)
{
	CLEANUP(free_string) char *request = http_server_request(f.server, number);

	return strstr(request, text);
}

void assert_failed(enum status status, unsigned requests)
{
	assert_int_equal(f.outcome.status, status);
	assert_string_equal(f.outcome.body, "");
	assert_int_equal(http_server_requests(f.server), requests);
}
