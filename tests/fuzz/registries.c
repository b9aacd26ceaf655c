/* Names of registries, regions and endpoints: a line each. */
#include "base/cleanup.h"
#include "ecr/endpoint.h"
#include "ecr/registry.h"
#include "tests/fuzz/fuzz.h"

/* What must never be in the host of a request, nor in its Host header. */
static void check_endpoint(const struct endpoint *endpoint)
{
	size_t length = strlen(endpoint->url);
	const char *host = strstr(endpoint->url, "://");

	MUST(host && strncmp(host + 3, endpoint->host, strlen(endpoint->host)) == 0);
	MUST(strncmp(endpoint->url, "http", 4) == 0);
	MUST(strcmp(host + 3 + strlen(endpoint->host), "/") == 0);
	MUST(length < sizeof(endpoint->url));
	for (const char *c = endpoint->host; *c; c++)
		MUST(*c > ' ' && *c <= '~' && !strchr("@/?#\\%\"<>", *c) && (*c < 'A' || *c > 'Z'));
}

/* An address that was made of one that was given leads to the same place. */
static void check_address(const char *address)
{
	struct endpoint once, twice;

	if (endpoint_resolve(AWS_ECR, "us-east-1", false, false, address, &once) != ENDPOINT_FOUND)
		return;
	check_endpoint(&once);
	MUST(endpoint_resolve(AWS_ECR, "us-east-1", false, false, once.url, &twice) ==
	     ENDPOINT_FOUND);
	MUST(strcmp(once.url, twice.url) == 0 && strcmp(once.host, twice.host) == 0);
	MUST(endpoint_resolve(AWS_STS, "us-east-1", false, false, address, &twice) ==
	     ENDPOINT_FOUND);
	MUST(endpoint_resolve(AWS_ECR, "us-east-1", true, false, address, &twice) ==
	     ENDPOINT_CONFLICT);
}

static void check_region(const char *region)
{
	bool is_region = registry_region_length(region) && !region[registry_region_length(region)];

	for (unsigned i = 0; i < 4 * AWS_N_SERVICES; i++) {
		struct endpoint endpoint;
		enum endpoint_answer answer =
		        endpoint_resolve(i / 4, region, i & 1, i & 2, NULL, &endpoint);

		MUST((answer == ENDPOINT_BAD_REGION) == !is_region);
		MUST(endpoint_answer_text(answer)[0]);
		if (answer != ENDPOINT_FOUND)
			continue;
		check_endpoint(&endpoint);
		MUST(strcmp(endpoint.region, region) == 0);
		MUST(strncmp(endpoint.url, "https://", strlen("https://")) == 0);
	}
}

/* A host name says whose registry it is, and where. */
static void check_host(const char *text, const struct registry *registry)
{
	struct registry again;

	MUST(registry_region_length(registry->region) == strlen(registry->region));
	MUST(registry->region[0] && strstr(text, registry->region));
	MUST(registry_is_account(registry->account));
	MUST(registry_parse(registry->account, &again) == REGISTRY_ACCOUNT);
	check_region(registry->region);
}

static void check_registry(const char *text)
{
	struct registry registry;

	memset(&registry, 0x55, sizeof(registry));
	switch (registry_parse(text, &registry)) {
	case REGISTRY_INVALID:
	case REGISTRY_PUBLIC:
		break;
	case REGISTRY_ACCOUNT:
		MUST(strcmp(registry.account, text) == 0 && !registry.region[0]);
		MUST(registry_is_account(text));
		break;
	case REGISTRY_HOST:
		check_host(text, &registry);
		break;
	case REGISTRY_DEFAULT:
		MUST(!registry.account[0] && !registry.region[0]);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free_string) char *text = fuzz_text(data, size);
	const char *lines[3] = {"", "", ""};

	fuzz_cut_lines(text, lines, 3);
	check_registry(lines[0]);
	check_region(lines[1]);
	check_address(lines[2]);
	return 0;
}
