/* Parameters of the two operations. */
#include "ecr/sts_request.h"
#include "ecr/query.h"
#include "ecr/sts.h"

#include <stdio.h>
#include <unistd.h>

const char *sts_request_action(const struct sts_role *role)
{
	return role->token ? "AssumeRoleWithWebIdentity" : "AssumeRole";
}

char *sts_request_body(const struct sts_role *role, uint64_t now_s)
{
	char session_name[64];
	struct query_parameter parameters[] = {
	        {"Action", sts_request_action(role)},
	        {"Version", "2011-06-15"},
	        {"RoleArn", role->arn},
	        {"RoleSessionName", role->session_name ? role->session_name : session_name},
	        {"ExternalId", role->external_id},
	        {"DurationSeconds", role->duration},
	        {"WebIdentityToken", role->token},
	};

	snprintf(session_name, sizeof(session_name), "ecrfs-%d-%llu", (int)getpid(),
	         (unsigned long long)now_s);
	return query_form(parameters, sizeof(parameters) / sizeof(parameters[0]));
}
