/* Credentials of a sign-in to the AWS console, as `aws login` leaves them: they live for a quarter
 * of an hour, and are renewed for as long as the sign-in lasts. Threads: any.
 */
#ifndef ECRFS_ECR_SIGNIN_TOKEN_H
#define ECRFS_ECR_SIGNIN_TOKEN_H

#include "ecr/login_token.h"

extern const struct login_kind signin_token_kind;

#define SIGNIN_TOKEN_KEY_ID  "accessToken.accessKeyId"
#define SIGNIN_TOKEN_SECRET  "accessToken.secretAccessKey"
#define SIGNIN_TOKEN_SESSION "accessToken.sessionToken"
#define SIGNIN_TOKEN_ACCOUNT "accessToken.accountId"

#endif
