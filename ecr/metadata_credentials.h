/* Credentials as IMDS and the servers of containers write them. */
#ifndef ECRFS_ECR_METADATA_CREDENTIALS_H
#define ECRFS_ECR_METADATA_CREDENTIALS_H

#include "base/status.h"

#include <stddef.h>

struct credentials;

#define METADATA_WHY_SIZE 400

/* Reads AccessKeyId, SecretAccessKey, Token, Expiration and AccountId; those without an Expiration
 * never expire. `provider` is as for credentials_new(). STATUS_PROTOCOL for what is not that, with
 * the reason; STATUS_NO_CREDENTIALS where the server says instead what is wrong, as IMDS does with
 * a Code other than "Success"; STATUS_NO_MEMORY. The reason has no line breaks, and no secret that
 * was read. Returns new. Threads: any. */
enum status metadata_credentials_read(const char *text, size_t size, const char *provider,
                                      struct credentials **ret_credentials,
                                      char ret_why[static METADATA_WHY_SIZE]);

/* What an error answer says of itself, "CODE: MESSAGE"; "" where it says nothing. Threads: any. */
void metadata_error_read(const char *text, size_t size, char ret_text[static METADATA_WHY_SIZE]);

#endif
