/* Listings: all pages of DescribeRepositories, DescribeImages or ListImages, one call after the
 * other. */
#ifndef ECRFS_ECR_LISTING_H
#define ECRFS_ECR_LISTING_H

#include "ecr/source.h"

struct api;
struct refusals;

/* 1,000 records with many tags each; ECR: at most 1,000 tags of 300 bytes per image, which nobody
 * has on every image of a page. */
#define LISTING_PAGE_MAX_BYTES (64u * 1024 * 1024)

/* As `list_repositories` and `list_images` of `ecr/source.h`. `refusals` is borrowed until the
 * listing ends. Threads: loop. */
int listing_repositories(struct api *api, const struct registry *registry, repositories_fn page,
                         void *arg);
int listing_images(struct api *api, struct refusals *refusals, const struct registry *registry,
                   const char *repository, enum image_scope scope, images_fn page, void *arg);

#endif
