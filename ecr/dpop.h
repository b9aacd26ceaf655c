/* DPoP (RFC 9449): proof that who asks has the key that a token was given out for. */
#ifndef ECRFS_ECR_DPOP_H
#define ECRFS_ECR_DPOP_H

#include <stdint.h>

/* A proof for one request, signed with ES256: the value of its DPoP header. `key_pem` is a private
 * key on the curve P-256; `now_s` counts from 1970. The answer is a string of heap. Answers 0,
 * -EBADMSG (it is no such key), -ENOMEM, or -EIO when the crypto library fails. Threads: any. */
int dpop_prove(const char *key_pem, const char *method, const char *url, int64_t now_s,
               char **ret_proof);

#endif
