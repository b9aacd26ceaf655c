/* Puts the parts of the ecr layer together, and answers the questions of `ecr/source.h` with them.
 */
#include "ecr/client.h"
#include "ecr/account.h"
#include "ecr/api.h"
#include "ecr/batch.h"
#include "ecr/downloads.h"
#include "ecr/callers.h"
#include "ecr/corrected_clock.h"
#include "ecr/documents.h"
#include "ecr/listing.h"
#include "ecr/principal.h"
#include "ecr/principals.h"
#include "ecr/pull.h"
#include "ecr/refusals.h"
#include "ecr/region.h"
#include "ecr/retry_rules.h"
#include "ecr/settings.h"
#include "ecr/sigv4.h"
#include "ecr/source.h"
#include "net/http.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define USER_AGENT "ecrfs/" ECRFS_VERSION

struct client {
	struct source source;
	struct http *http;
	struct corrected_clock aws_clock;
	struct principals principals;
	struct refusals *refusals;
	struct api *api;
	struct batcher *batcher;
	struct downloads *downloads;
	struct account *account;
	struct callers *callers;
};

static struct client *client_of(struct source *source)
{
	return (struct client *)((char *)source - offsetof(struct client, source));
}

static int list_repositories(struct source *source, const struct registry *registry,
                             repositories_fn page, void *arg)
{
	return listing_repositories(client_of(source)->api, registry, page, arg);
}

static int find_repository(struct source *source, const struct registry *registry,
                           const char *repository, repository_fn found, void *arg)
{
	return batcher_ask(client_of(source)->batcher, &batch_repositories, registry, "",
	                   repository, (union batch_fn){.repository = found}, arg);
}

static int list_images(struct source *source, const struct registry *registry,
                       const char *repository, enum image_scope scope, images_fn page, void *arg)
{
	struct client *client = client_of(source);

	return listing_images(client->api, client->refusals, registry, repository, scope, page,
	                      arg);
}

static int find_image(struct source *source, const struct registry *registry,
                      const char *repository, const struct image_reference *reference,
                      image_fn found, void *arg)
{
	char digest[DIGEST_TEXT_SIZE];

	digest_format(&reference->digest, digest);
	return batcher_ask(client_of(source)->batcher, &batch_images, registry, repository,
	                   reference->tag ? reference->tag : digest,
	                   (union batch_fn){.image = found}, arg);
}

static int fetch_manifest(struct source *source, const struct registry *registry,
                          const char *repository, const struct digest *digest, manifest_fn fetched,
                          void *arg)
{
	char text[DIGEST_TEXT_SIZE];

	digest_format(digest, text);
	return batcher_ask(client_of(source)->batcher, &batch_manifests, registry, repository, text,
	                   (union batch_fn){.manifest = fetched}, arg);
}

static int pull_by_tag(struct source *source, const struct registry *registry,
                       const char *repository, const char *tag, pulled_fn pulled, void *arg)
{
	return pull_tag(client_of(source)->batcher, registry, repository, tag, pulled, arg);
}

static int fetch_document(struct source *source, const struct registry *registry,
                          const char *repository, const struct document_id *id, document_fn fetched,
                          void *arg)
{
	struct client *client = client_of(source);

	if (id->kind != DOCUMENT_CONFIG)
		return documents_ask(client->api, registry, repository, id, fetched, arg);
	return downloads_fetch(client->downloads, registry, repository, &id->digest, id->size_bytes,
	                       fetched, arg);
}

static int find_account(struct source *source, const struct registry *registry, account_fn found,
                        void *arg)
{
	return account_find(client_of(source)->account, registry, found, arg);
}

static int find_caller(struct source *source, const struct registry *registry, caller_fn found,
                       void *arg)
{
	return callers_find(client_of(source)->callers, registry, found, arg);
}

static const struct source_ops client_ops = {
        .list_repositories = list_repositories,
        .find_repository = find_repository,
        .list_images = list_images,
        .find_image = find_image,
        .fetch_manifest = fetch_manifest,
        .pull_tag = pull_by_tag,
        .fetch_document = fetch_document,
        .find_account = find_account,
        .find_caller = find_caller,
};

static int http_build(struct client *client, struct loop *loop, const struct aws_settings *settings)
{
	struct http_config http = {
	        .user_agent = USER_AGENT,
	        .no_verify_ssl = settings->no_verify_ssl,
	        .max_connections = 2 * settings->max_connections, /* as the batcher's calls */
	        .connect_timeout_ns = settings->connect_timeout_ns,
	        .read_timeout_ns = settings->read_timeout_ns,
	};

	return http_new(loop, &http, &client->http);
}

static int principal_build(struct client *client, struct loop *loop, const struct clock *clock,
                           struct log *log, const struct aws_settings *settings)
{
	struct principal_parts parts = {
	        .loop = loop,
	        .clock = clock,
	        .aws_clock = &client->aws_clock,
	        .log = log,
	        .http = client->http,
	        .settings = settings,
	};

	return principal_new(&parts, &client->principals.own);
}

static int api_build(struct client *client, struct loop *loop, const struct clock *clock,
                     struct log *log, const struct aws_settings *settings)
{
	struct api_parts parts = {
	        .loop = loop,
	        .clock = clock,
	        .aws_clock = &client->aws_clock,
	        .log = log,
	        .principals = &client->principals,
	        .settings = settings,
	};

	return api_new(&parts, &client->api);
}

static int client_build(struct client *client, struct loop *loop, const struct clock *clock,
                        struct log *log, const struct aws_settings *settings)
{
	int r = sigv4_prepare();

	if (r == 0)
		r = http_build(client, loop, settings);
	if (r == 0)
		r = principal_build(client, loop, clock, log, settings);
	if (r == 0)
		r = api_build(client, loop, clock, log, settings);
	if (r == 0)
		r = refusals_new(clock, log, &client->refusals);
	if (r == 0)
		r = batcher_new(loop, client->api, settings->max_connections, &client->batcher);
	if (r == 0)
		r = downloads_new(client->api, settings->max_connections, &client->downloads);
	if (r == 0)
		r = account_new(loop, client->api, client->principals.own, &client->account);
	if (r == 0)
		r = callers_new(&client->principals, &client->callers);
	return r;
}

int client_new(struct loop *loop, const struct clock *clock, struct log *log,
               const struct aws_settings *settings, struct client **ret_client)
{
	struct client *client = calloc(1, sizeof(*client));
	int r;

	if (!client)
		return -ENOMEM;
	client->source.ops = &client_ops;
	corrected_clock_init(&client->aws_clock, clock);
	r = client_build(client, loop, clock, log, settings);
	if (r < 0) {
		client_free(client);
		return r;
	}
	*ret_client = client;
	return 0;
}

struct api *client_api(struct client *client)
{
	return client->api;
}

const struct api_counts *client_counts(const struct client *client)
{
	return api_counted(client->api);
}

bool client_endpoint(const struct client *client, size_t i, struct api_endpoint *ret_endpoint)
{
	return api_endpoint(client->api, i, ret_endpoint);
}

bool client_standing(struct client *client, const struct registry *registry,
                     struct standing *ret_standing)
{
	return api_standing(client->api, registry, ret_standing);
}

bool client_credentials(struct client *client, size_t i, struct chain_report *ret_report)
{
	const struct principal *principal = principals_at(&client->principals, i);

	if (!principal)
		return false;
	chain_report(principal->chain, ret_report);
	snprintf(ret_report->account, sizeof(ret_report->account), "%s", principal->account);
	return true;
}

void client_settings(const struct client *client, struct client_settings *ret_settings)
{
	const struct retry_rules *rules = api_rules(client->api);

	*ret_settings = (struct client_settings){
	        .region = region_known(client->principals.own->region),
	        .adaptive = rules->adaptive,
	        .mode_of_profile = rules->mode_of_profile,
	        .max_attempts = rules->max_attempts,
	        .attempts_of_profile = rules->attempts_of_profile,
	};
}

void client_forget(struct client *client)
{
	principals_forget(&client->principals);
}

struct source *client_source(struct client *client)
{
	return &client->source;
}

void client_free(struct client *client)
{
	if (!client)
		return;
	api_free(client->api); /* its calls end with an error, which empties the batcher's */
	batcher_free(client->batcher);
	downloads_free(client->downloads);
	account_free(client->account);
	callers_free(client->callers);
	refusals_free(client->refusals);
	http_free(client->http);
	principals_deinit(&client->principals);
	free(client);
}
