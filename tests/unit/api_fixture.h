/* An api between a real server on 127.0.0.1 and a provider of keys that the test plays. */
#ifndef ECRFS_TESTS_UNIT_API_FIXTURE_H
#define ECRFS_TESTS_UNIT_API_FIXTURE_H

#include "ecr/api.h"
#include "ecr/api_counts.h"
#include "ecr/chain.h"
#include "ecr/corrected_clock.h"
#include "ecr/imds.h"
#include "ecr/principal.h"
#include "ecr/principals.h"
#include "ecr/profile.h"
#include "ecr/region.h"
#include "ecr/registry.h"
#include "ecr/settings.h"
#include "net/http.h"
#include "net/loop.h"
#include "tests/unit/aws_home.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/fake_provider.h"
#include "tests/unit/http_server.h"
#include "tests/unit/pump.h"
#include "tests/unit/unit_test.h"

#define MAX_ANSWER_BYTES 10000
#define THROTTLED        "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}"
#define UNKNOWN_KEY      "{\"__type\":\"UnrecognizedClientException\",\"message\":\"who?\"}"

/* What one call was answered. */
struct outcome {
	bool done;
	enum status status;
	bool oversized, invalid_parameter, filter_refused, repository_absent;
	char body[256];
	char request_id[64];
};

struct api_fixture {
	struct fake_clock clock;
	struct corrected_clock aws_clock;
	struct captured_log captured;
	struct log *log; /* of the api */
	struct temp_dir home;
	struct loop *loop;
	struct http_server *server;
	struct http *http;
	struct fake_provider provider;
	struct chain *chain;
	struct profile *profile;
	struct imds *imds; /* switched off */
	struct region *region;
	struct principal principal;
	struct principals principals;
	struct aws_settings settings;
	struct api *api;
	struct outcome outcome; /* of call() */
};

extern struct api_fixture f;
extern const struct registry own, abroad;

int api_fixture_set_up(void **state);
int api_fixture_tear_down(void **state);
#define set_up    api_fixture_set_up
#define tear_down api_fixture_tear_down

/* Makes f.api anew, after its parts or settings have changed. */
void remake_api(void);

/* An api_fn: its argument is a struct outcome. */
void answered(void *arg, const struct api_answer *answer);

/* DescribeImages of team/app. The body is heap, for api_call(). */
struct api_request describe_images(const struct registry *registry);

/* Calls it. */
void start(const struct registry *registry, struct outcome *outcome);

/* Calls it; the outcome is f.outcome, and so it is below. */
void call(const struct registry *registry);
void give_key(const char *key_id);

/* Calls with a key that is at hand, and waits for the outcome. */
void call_with_key(const struct registry *registry);

/* The same with a second key, because the first one is refused. */
void call_with_two_keys(const struct registry *registry);

/* Calls once more, when the key is there, and waits for the outcome. */
void call_again(const struct registry *registry);

/* Calls with the key that is there, or the first one, and waits for the outcome. */
void call_for(const struct api_request *request);

/* So, GetCallerIdentity. */
void call_sts(void);

/* The server has got so many requests. */
void wait_for_requests(unsigned n);

/* Those of DescribeImages. */
uint64_t events(enum api_event event);

/* The number of lines of the log with this text; whether that request had it. */
unsigned lines(const char *text);
bool sent(unsigned number, const char *text);
void assert_failed(enum status status, unsigned requests);

#endif
