/* A provider that asks STS, and an STS whose answers the test lays out. With the AWS files of
 * `profile_fixture.h`. */
#ifndef ECRFS_TESTS_UNIT_STS_FIXTURE_H
#define ECRFS_TESTS_UNIT_STS_FIXTURE_H

#include "ecr/corrected_clock.h"
#include "ecr/imds.h"
#include "ecr/settings.h"
#include "tests/unit/http_server.h"
#include "tests/unit/profile_fixture.h"
#include "tests/unit/provider_result.h"

struct sts_fixture {
	struct aws_settings settings;
	struct corrected_clock aws_clock;
	struct http_server *server;
	struct http *http;
	struct imds *imds;
	struct region *region;
	struct provider *provider; /* NULL until it is opened */
	struct provider_result result;
};

extern struct sts_fixture s;

int sts_fixture_set_up(void **state);
int sts_fixture_tear_down(void **state);

/* The profile in use with that -o profile, and the parts for a provider of it. */
struct provider_parts sts_fixture_open(const char *profile);

/* Asks the provider, and waits for its answer. */
void sts_fixture_fetch(void);

/* Found, with this key id. */
void assert_found(const char *key_id);

/* Failed so, with one line that has these words. */
void assert_failed(enum status status, const char *words);

/* The answer to the next request: credentials that end in an hour, as JSON of an AssumeRole. */
void sts_fixture_answer(const char *key_id);

/* An error, as XML. */
void sts_fixture_refuse(int http_code, const char *code);

/* The request with this number, counted from 0, has these words. */
void assert_sent(unsigned number, const char *words);
void assert_not_sent(unsigned number, const char *words);

#endif
