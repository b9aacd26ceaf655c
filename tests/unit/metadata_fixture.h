/* A server that stands for a metadata service, and what asks it, beside the fixture of the AWS
 * files. */
#ifndef ECRFS_TESTS_UNIT_METADATA_FIXTURE_H
#define ECRFS_TESTS_UNIT_METADATA_FIXTURE_H

#include "ecr/imds.h"
#include "ecr/provider.h"
#include "net/http.h"
#include "tests/unit/http_server.h"
#include "tests/unit/profile_fixture.h"
#include "tests/unit/provider_result.h"

struct metadata_fixture {
	struct http_server *server;
	struct http *http;
	struct imds *imds; /* NULL until it is opened */
	struct provider *provider;
	struct provider_result result;
};

extern struct metadata_fixture m;

/* The profile is opened, too; IMDS is at the server. */
int metadata_fixture_set_up(void **state);
int metadata_fixture_tear_down(void **state);
#define tear_down metadata_fixture_tear_down

void open_imds(void);

struct provider_parts metadata_fixture_parts(void);

/* Asks m.provider; the answer is m.result. */
void fetch(void);

/* It failed so, with that in the one line of the log that is an error. */
void assert_failed(enum status status, const char *why);

/* A path of the server. Overwritten by the next call. */
const char *url_of(const char *path);

/* Whether the request with this number has that text in it. */
bool sent(unsigned number, const char *text);

/* The server answers a question for a token with this one. */
void answer_token(const char *token, const char *ttl_s);

#endif
