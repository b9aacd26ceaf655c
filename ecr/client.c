/* Puts the parts of the ecr layer together, and answers the questions of `ecr/source.h` with them.
 */
#include "ecr/client.h"
#include "ecr/api.h"
#include "ecr/batch.h"
#include "ecr/chain.h"
#include "ecr/listing.h"
#include "ecr/profile.h"
#include "ecr/provider_env.h"
#include "ecr/provider_profile.h"
#include "ecr/region.h"
#include "ecr/settings.h"
#include "ecr/source.h"
#include "net/http.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#define USER_AGENT "ecrfs/" ECRFS_VERSION

struct client {
	struct source source;
	struct http *http;
	struct profile *profile;
	struct chain *chain;
	struct region *region;
	struct api *api;
	struct batcher *batcher;
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
	return batcher_ask(client_of(source)->batcher, &batch_repositories_by_name, registry, "",
	                   repository, (union batch_fn){.repository = found}, arg);
}

static int list_images(struct source *source, const struct registry *registry,
                       const char *repository, images_fn page, void *arg)
{
	return listing_images(client_of(source)->api, registry, repository, page, arg);
}

static int find_image(struct source *source, const struct registry *registry,
                      const char *repository, const char *tag, image_fn found, void *arg)
{
	return batcher_ask(client_of(source)->batcher, &batch_images_by_tag, registry, repository,
	                   tag, (union batch_fn){.image = found}, arg);
}

static int fetch_manifest(struct source *source, const struct registry *registry,
                          const char *repository, const struct digest *digest, manifest_fn fetched,
                          void *arg)
{
	char text[DIGEST_TEXT_SIZE];

	digest_format(digest, text);
	return batcher_ask(client_of(source)->batcher, &batch_manifests_by_digest, registry,
	                   repository, text, (union batch_fn){.manifest = fetched}, arg);
}

static const struct source_ops client_ops = {
        .list_repositories = list_repositories,
        .find_repository = find_repository,
        .list_images = list_images,
        .find_image = find_image,
        .fetch_manifest = fetch_manifest,
};

/* A profile that an option names wins over keys of the environment; AWS_PROFILE does not. So it is
 * in the AWS CLI. */
static int chain_build(struct client *client, struct loop *loop, const struct clock *clock,
                       struct log *log, const struct aws_settings *settings)
{
	struct provider *providers[2];
	size_t n = 0;

	if (!settings->profile)
		providers[n++] = provider_env_new(loop, log);
	providers[n++] = provider_profile_new(loop, log, client->profile);
	return chain_new(loop, clock, log, providers, n, &client->chain);
}

static int client_build(struct client *client, struct loop *loop, const struct clock *clock,
                        struct log *log, const struct aws_settings *settings)
{
	struct http_config http = {
	        .user_agent = USER_AGENT,
	        .ca_bundle = settings->ca_bundle,
	        .no_verify_ssl = settings->no_verify_ssl,
	        .max_connections = settings->max_connections,
	        .connect_timeout_ns = settings->connect_timeout_ns,
	        .read_timeout_ns = settings->read_timeout_ns,
	};
	int r = http_new(loop, &http, &client->http);

	if (r == 0)
		r = profile_new(loop, log, settings->profile, &client->profile);
	if (r == 0)
		r = chain_build(client, loop, clock, log, settings);
	if (r == 0)
		r = region_new(loop, log, client->profile, settings->region, &client->region);
	if (r == 0)
		r = api_new(loop, clock, log, client->http, client->chain, client->region, settings,
		            &client->api);
	if (r == 0)
		r = batcher_new(loop, client->api, settings->max_connections, &client->batcher);
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
	r = client_build(client, loop, clock, log, settings);
	if (r < 0) {
		client_free(client);
		return r;
	}
	*ret_client = client;
	return 0;
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
	http_free(client->http);
	region_free(client->region);
	chain_free(client->chain);
	profile_free(client->profile);
	free(client);
}
