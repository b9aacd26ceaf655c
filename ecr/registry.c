/* The names of registries. */
#include "ecr/registry.h"

#include <string.h>

/* What follows the region in a host name; amazon-ecr-credential-helper knows the same. */
static const char *const plain_suffixes[] = {
        ".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu",   ".c2s.ic.gov",
        ".sc2s.sgov.gov", ".cloud.adc-e.uk",   ".csp.hci.ic.gov",
};
static const char *const dualstack_suffixes[] = {
        ".on.aws",
        ".on.amazonwebservices.com.cn",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What follows `prefix` in `text`, or NULL. */
static const char *after(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

static bool is_one_of(const char *text, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(text, texts[i]) == 0)
			return true;
	return false;
}

static bool starts_with_account(const char *text)
{
	return strspn(text, "0123456789") == REGISTRY_ACCOUNT_DIGITS;
}

bool registry_is_account(const char *text)
{
	return starts_with_account(text) && !text[REGISTRY_ACCOUNT_DIGITS];
}

size_t registry_region_length(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");

	if (length >= REGISTRY_REGION_SIZE || text[0] == '-')
		return 0;
	return length && text[length - 1] == '-' ? 0 : length;
}

/* <account>.dkr.ecr[-fips].<region>.<suffix> and <account>.dkr-ecr[-fips].<region>.on.<suffix>.
 * `text` is what follows the account. */
static bool parse_host(const char *text, struct registry *registry)
{
	const char *rest = after(text, ".dkr.ecr");
	size_t length;

	if (!rest) {
		rest = after(text, ".dkr-ecr");
		registry->dualstack = true;
	}
	if (!rest)
		return false;
	registry->fips = after(rest, "-fips");
	if (registry->fips)
		rest = after(rest, "-fips");
	if (*rest++ != '.')
		return false;
	length = registry_region_length(rest);
	if (!length)
		return false;
	memcpy(registry->region, rest, length);
	rest += length;
	return registry->dualstack ? is_one_of(rest, dualstack_suffixes, COUNT(dualstack_suffixes))
	                           : is_one_of(rest, plain_suffixes, COUNT(plain_suffixes));
}

enum registry_kind registry_parse(const char *text, struct registry *ret_registry)
{
	struct registry registry = {0};

	if (strcmp(text, "default") == 0) {
		*ret_registry = registry;
		return REGISTRY_DEFAULT;
	}
	if (strcmp(text, "public.ecr.aws") == 0 || strcmp(text, "ecr-public.aws.com") == 0)
		return REGISTRY_PUBLIC;
	if (!starts_with_account(text))
		return REGISTRY_INVALID;
	memcpy(registry.account, text, REGISTRY_ACCOUNT_DIGITS);
	text += REGISTRY_ACCOUNT_DIGITS;
	if (*text && !parse_host(text, &registry))
		return REGISTRY_INVALID;
	*ret_registry = registry;
	return *text ? REGISTRY_HOST : REGISTRY_ACCOUNT;
}
