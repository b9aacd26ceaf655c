/* The address of a blob that ECR gives out: presigned, so that whoever has it may read. It must
 * never be shown. */
#ifndef ECRFS_ECR_BLOB_URL_H
#define ECRFS_ECR_BLOB_URL_H

#include <stdbool.h>

/* RFC 1035: a name has 253 characters at most; with a port and the NUL. */
#define BLOB_URL_HOST_SIZE 262

/* Whether it is an address that may be followed: https, or http where ECR itself is spoken to
 * without encryption, as in tests; with a host, and without a user. `ret_host`: host and port, all
 * that may be shown of it; untouched when not. Threads: pure. */
bool blob_url_check(const char *url, bool may_be_plain, char ret_host[static BLOB_URL_HOST_SIZE]);

#endif
