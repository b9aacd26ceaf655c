/* Building and ending a provider that reads the AWS files. */
#include "tests/unit/provider_fixture.h"

#include <string.h>

struct provider *provider;
struct provider_result result;

int provider_fixture_set_up(void **state)
{
	provider = NULL;
	memset(&result, 0, sizeof(result));
	return profile_fixture_set_up(state);
}

int provider_fixture_tear_down(void **state)
{
	provider_result_deinit(&result);
	if (provider)
		provider->ops->free(provider);
	return profile_fixture_tear_down(state);
}
