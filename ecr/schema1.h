/* Signed docker manifests of schema 1 (`…manifest.v1+prettyjws`): their digest is that of the
 * payload that is signed, not that of the bytes.
 */
#ifndef ECRFS_ECR_SCHEMA1_H
#define ECRFS_ECR_SCHEMA1_H

#include "base/digest.h"

/* The digest of the payload of `manifest`. Answers 0, -EBADMSG when it is not such a manifest,
 * -ENOMEM, or -EIO (OpenSSL). Threads: any. */
int schema1_digest(const char *manifest, size_t size, struct digest *ret_digest);

#endif
