/* What a profile says about IAM Identity Center, in either of its forms:
 *
 *   sso_session = NAME, and a section [sso-session NAME] that profiles share
 *   sso_start_url, sso_region in the profile itself (of old: such a token is never renewed)
 *
 * Threads: pure.
 */
#ifndef ECRFS_ECR_SSO_CONFIG_H
#define ECRFS_ECR_SSO_CONFIG_H

#include "ecr/endpoint.h"

struct aws_settings;
struct profile_content;

#define SSO_CONFIG_ERROR_SIZE 400

enum sso_config_answer {
	SSO_CONFIG_FOUND,
	SSO_CONFIG_NOT_THERE, /* the profile has neither sso_account_id nor sso_role_name */
	SSO_CONFIG_WRONG,     /* with a text that tells what, and what to do */
	SSO_CONFIG_NO_MEMORY,
};

struct sso_config {
	char *session;          /* NULL: the form of old */
	char *start_url;        /* of the user's portal */
	char *account, *role;   /* what credentials are for */
	struct endpoint portal; /* which gives them */
	struct endpoint oidc;   /* which renews the token */
};

/* `ret_config` is to be deinited when found, and only then. */
enum sso_config_answer sso_config_read(const struct profile_content *content,
                                       const struct aws_settings *settings,
                                       struct sso_config *ret_config,
                                       char ret_error[static SSO_CONFIG_ERROR_SIZE]);

/* Does no harm where all is zero, and leaves it so. */
void sso_config_deinit(struct sso_config *config);

#endif
