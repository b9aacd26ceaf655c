/* Remedies by provider and by kind of failure: the first row that fits. */
#include "fs/check_provider.h"

#include <string.h>

/* Any kind of failure. */
#define ANY CHECK_EXIT_WELL

#define STS_NETWORK                                                                                \
	"let STS be reached: see the host above, the network and the proxy; in a network without " \
	"internet access, make the VPC interface endpoint com.amazonaws.REGION.sts"

struct row {
	const char *provider; /* its name, as in the report; NULL: any, or none */
	enum check_exit kind;
	const char *remedy;
	const char *behind_profile; /* goes on behind the profile's name; NULL: that is left out */
};

static const struct row rows[] = {
        {"sso", CHECK_EXIT_CREDENTIALS, "run: aws sso login --profile ", ""},
        {"sso", CHECK_EXIT_DENIED,
         "let the role of the profile be assigned to you in that account, in IAM Identity Center; "
         "then run: aws sso login --profile ",
         ""},
        {"login", CHECK_EXIT_CREDENTIALS, "run: aws login --profile ", ""},
        {"assume-role", CHECK_EXIT_DENIED,
         "allow sts:AssumeRole on the role in the policy of who assumes it, and name them in the "
         "trust policy of the role; where that asks for it, give external_id in profile ",
         ""},
        {"assume-role", CHECK_EXIT_CREDENTIALS, "mend profile ",
         ", or the one whose keys assume its role"},
        {"assume-role-with-web-identity", CHECK_EXIT_DENIED,
         "let the trust policy of the role allow sts:AssumeRoleWithWebIdentity for the issuer, "
         "audience and subject of the token",
         NULL},
        {"assume-role-with-web-identity", CHECK_EXIT_CREDENTIALS,
         "see to it that the token file is there, is renewed, and may be read by the user who "
         "mounts: AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, or the keys of profile ",
         ""},
        {"custom-process", ANY,
         "run the program as the user who mounts: it must print the credentials as JSON, in time, "
         "and exit with 0. It is credential_process of profile ",
         ""},
        {"container-role", ANY,
         "see whether the agent of the container answers, and whether the token file may be read: "
         "AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI, "
         "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
         NULL},
        {"iam-role", CHECK_EXIT_CREDENTIALS,
         "give the instance a role: aws ec2 associate-iam-instance-profile", NULL},
        {"iam-role", ANY,
         "let the instance metadata service be reached; in a container that takes a hop limit of "
         "2: aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2. Elsewhere "
         "than on EC2 give keys or a profile",
         NULL},
        {"profile", CHECK_EXIT_CREDENTIALS,
         "name a profile that is there, or make this one: aws configure --profile ", ""},
        {"shared-credentials-file", CHECK_EXIT_CREDENTIALS,
         "complete the key: aws configure --profile ", ""},
        {"config-file", CHECK_EXIT_CREDENTIALS, "complete the key: aws configure --profile ", ""},
        {"assume-role", CHECK_EXIT_NETWORK, STS_NETWORK, NULL},
        {"assume-role-with-web-identity", CHECK_EXIT_NETWORK, STS_NETWORK, NULL},
        {"sso", CHECK_EXIT_NETWORK,
         "let IAM Identity Center be reached: see the host above, sso_region of the profile, the "
         "network and the proxy",
         NULL},
        /* Of the files, or of whoever has not answered yet. */
        {NULL, CHECK_EXIT_NETWORK,
         "look whether the file system of the AWS files hangs, or name others: AWS_CONFIG_FILE, "
         "AWS_SHARED_CREDENTIALS_FILE; else who gives the credentials takes longer than the option "
         "timeout",
         NULL},
        {NULL, CHECK_EXIT_DENIED, "allow what the line above names", NULL},
};

bool check_provider_advise(struct finding *finding, enum status status,
                           const struct check_call *call)
{
	enum check_exit kind = check_words_exit(status);

	if (kind == CHECK_EXIT_SYSTEM || kind == CHECK_EXIT_SETTINGS)
		return false;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];

		if ((row->provider &&
		     (!call->culprit || strcmp(row->provider, call->culprit) != 0)) ||
		    (row->kind != ANY && row->kind != kind))
			continue;
		if (row->behind_profile)
			finding_remedy(finding, "%s%s%s", row->remedy, call->profile,
			               row->behind_profile);
		else
			finding_remedy(finding, "%s", row->remedy);
		return true;
	}
	return false;
}
