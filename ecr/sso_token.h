/* A token of IAM Identity Center, as `aws sso login` leaves it. Threads: any. */
#ifndef ECRFS_ECR_SSO_TOKEN_H
#define ECRFS_ECR_SSO_TOKEN_H

#include "ecr/login_token.h"

extern const struct login_kind sso_token_kind;

/* The path of the secret itself. */
#define SSO_TOKEN_ACCESS "accessToken"

#endif
