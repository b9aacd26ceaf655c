/* The list. The order is botocore's (`create_credential_resolver()` in botocore/credentials.py).
 */
#include "ecr/providers.h"
#include "ecr/provider.h"
#include "ecr/provider_container.h"
#include "ecr/provider_env.h"
#include "ecr/provider_imds.h"
#include "ecr/provider_keys.h"
#include "ecr/provider_login.h"
#include "ecr/provider_process.h"
#include "ecr/provider_profile.h"
#include "ecr/provider_role.h"
#include "ecr/provider_sso.h"
#include "ecr/provider_web_identity.h"

#include <stdbool.h>

enum kind {
	OF_VARIABLES, /* not asked where somebody chose the profile */
	OF_ROLE,      /* of the profile in use alone: it knows itself which are its sources */
	OF_PROFILE,
	OF_MACHINE,
};

/* clang-format off */
static const struct row {
	struct provider *(*create)(const struct provider_parts *parts);
	enum kind kind;
} rows[] = {
        {provider_env_new, OF_VARIABLES},
        {provider_profile_new, OF_PROFILE},
        {provider_role_new, OF_ROLE},
        {provider_web_identity_new, OF_PROFILE},
        {provider_sso_new, OF_PROFILE},
        {provider_credentials_file_new, OF_PROFILE},
        {provider_login_new, OF_PROFILE},
        {provider_process_new, OF_PROFILE},
        {provider_config_file_new, OF_PROFILE},
        {provider_container_new, OF_MACHINE},
        {provider_imds_new, OF_MACHINE},
};
/* clang-format on */

_Static_assert(sizeof(rows) / sizeof(rows[0]) <= PROVIDERS_MAX, "room for all");

size_t providers_new(const struct provider_parts *parts,
                     struct provider *ret_providers[PROVIDERS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].kind != OF_VARIABLES || !parts->profile_alone)
			ret_providers[n++] = rows[i].create(parts);
	return n;
}

size_t providers_new_of_profile(const struct provider_parts *parts,
                                struct provider *ret_providers[PROVIDERS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].kind == OF_PROFILE)
			ret_providers[n++] = rows[i].create(parts);
	return n;
}
