/* What STS is asked, as a form. */
#ifndef ECRFS_ECR_STS_REQUEST_H
#define ECRFS_ECR_STS_REQUEST_H

#include <stdint.h>

struct sts_role;

/* The operation that the role needs: "AssumeRole", or that of a web identity. Static storage. */
const char *sts_request_action(const struct sts_role *role);

/* The body of the call. `now_s` is for the name of the session. A string of heap, for the caller to
 * wipe, or NULL when out of memory. Threads: any. */
char *sts_request_body(const struct sts_role *role, uint64_t now_s);

#endif
