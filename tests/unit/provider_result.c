/* Keeps the answer of a provider. */
#include "tests/unit/provider_result.h"
#include "ecr/credentials.h"
#include "tests/unit/pump.h"
#include "tests/unit/unit_test.h"

static void answered(void *arg, enum provider_answer answer, enum status status,
                     struct credentials *credentials)
{
	struct provider_result *result = arg;

	assert_false(result->done);
	assert_int_equal(answer == PROVIDER_FOUND, credentials != NULL);
	assert_int_equal(answer == PROVIDER_FAILED, status != STATUS_OK);
	*result = (struct provider_result){
	        .done = true,
	        .answer = answer,
	        .status = status,
	        .credentials = credentials,
	};
}

void provider_result_fetch(struct loop *loop, struct provider *provider,
                           struct provider_result *result)
{
	*result = (struct provider_result){0};
	provider->ops->fetch(provider, answered, result);
	assert_false(result->done);
	pump_until(loop, &result->done);
}

void provider_result_deinit(struct provider_result *result)
{
	credentials_unref(result->credentials);
}
