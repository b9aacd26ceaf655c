/* The calls under way, and what they share. */
#include "ecr/api.h"
#include "ecr/call.h"
#include "ecr/principal.h"
#include "ecr/principals.h"

#include <errno.h>
#include <stdlib.h>

int api_new(const struct api_parts *parts, struct api **ret_api)
{
	struct api *api = calloc(1, sizeof(*api));

	if (!api)
		return -ENOMEM;
	api->parts = *parts;
	standings_init(&api->standings, parts->clock);
	retry_rules_init(&api->rules, parts->settings, parts->principals->own->profile, parts->log);
	*ret_api = api;
	return 0;
}

void api_free(struct api *api)
{
	if (!api)
		return;
	api->closing = true;
	while (api->calls)
		call_fail(api->calls, STATUS_SERVER_ERROR);
	peers_deinit(&api->peers);
	retry_rules_deinit(&api->rules);
	standings_deinit(&api->standings);
	free(api);
}

void api_complain(struct api *api, const struct registry *registry, const char *operation,
                  const char *subject, const char *request_id, const char *what)
{
	struct api_subject about = {.registry = registry, .operation = operation, .name = subject};

	api_log_complaint(api->parts.log, &about, request_id, what);
}

const struct api_parts *api_parts(const struct api *api)
{
	return &api->parts;
}

const struct retry_rules *api_rules(const struct api *api)
{
	return &api->rules;
}

uint64_t api_usual_ns(const struct api *api)
{
	return api->usual_ns;
}

const struct api_counts *api_counted(const struct api *api)
{
	return &api->counts;
}

bool api_standing(struct api *api, const struct registry *registry, struct standing *ret_standing)
{
	return standings_get(&api->standings, registry, ret_standing);
}

bool api_endpoint(const struct api *api, size_t i, struct api_endpoint *ret_endpoint)
{
	const struct peer *peer = peers_at(&api->peers, i);

	if (!peer)
		return false;
	peer_host(peer, ret_endpoint->host);
	ret_endpoint->offline = breaker_reason(&peer->breaker);
	ret_endpoint->offline_since_s = breaker_since_s(&peer->breaker);
	return true;
}

int api_call(struct api *api, const struct api_request *request, api_fn done, void *arg)
{
	struct call *call;

	if (api->closing) {
		free(request->body);
		return -ECANCELED;
	}
	call = call_new(api, request, done, arg);
	if (!call)
		return -ENOMEM;
	if (call_start(call) < 0) {
		call_free(call);
		return -ENOMEM;
	}
	return 0;
}
