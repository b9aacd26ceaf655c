/* The request bodies of the ECR API: JSON, but for `registryId`, which ecr/api_wire.c puts in
 * front.
 *
 * Strings of heap, or NULL when out of memory; the caller frees. Each has at least one member.
 * Image ids are tags or digests; a colon tells, since no tag has one. Threads: any.
 */
#ifndef ECRFS_ECR_BODY_H
#define ECRFS_ECR_BODY_H

#include "ecr/source.h"

/* `next_token` is NULL for the first page. */
char *body_list_repositories(const char *next_token);
char *body_find_repositories(const char *const *names, size_t n);

/* Of DescribeImages and of ListImages, which take the same. `any_status` asks for archived images
 * as well, with a member that servers of before November 2025 do not know. */
char *body_list_images(const char *repository, enum image_scope scope, bool any_status,
                       const char *next_token);
char *body_find_images(const char *repository, const char *const *ids, size_t n);
/* Of one repository; what they do not need is ignored. */
char *body_one_repository(const char *repository, const char *digest, const char *next_token);
char *body_repository(const char *repository, const char *digest, const char *next_token);

/* Of one image, page by page. */
char *body_list_referrers(const char *repository, const char *digest, const char *next_token);
char *body_find_scan(const char *repository, const char *digest, const char *next_token);

char *body_find_layer(const char *repository, const char *digest);
char *body_fetch_manifests(const char *repository, const char *const *ids, size_t n);

#endif
