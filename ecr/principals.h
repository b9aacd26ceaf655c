/* Who asks AWS about which registry: the mount's own profile, or the one that an option names for
 * that account. Those are made when they are needed.
 *
 * Threads: loop; what says so may be called on any.
 */
#ifndef ECRFS_ECR_PRINCIPALS_H
#define ECRFS_ECR_PRINCIPALS_H

#include <stddef.h>

struct principal;
struct registry;

struct principals {
	struct principal *own;              /* of the mount; owned, as are the others */
	_Atomic(struct principal *) others; /* that were needed so far; grows at its end */
};

/* The one for the registry; borrowed until principals_deinit(). NULL when out of memory. */
struct principal *principals_of(struct principals *principals, const struct registry *registry);

/* The i-th that there is, the mount's own first; NULL when there are no more. Borrowed likewise.
 * Threads: any. */
const struct principal *principals_at(const struct principals *principals, size_t i);

/* As principal_forget(), for all. */
void principals_forget(struct principals *principals);

/* As principal_free(). */
void principals_deinit(struct principals *principals);

#endif
