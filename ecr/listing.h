/* Listings: all pages of DescribeRepositories or DescribeImages, one call after the other. */
#ifndef ECRFS_ECR_LISTING_H
#define ECRFS_ECR_LISTING_H

#include "ecr/source.h"

struct api;

/* As `list_repositories` and `list_images` of `ecr/source.h`. Threads: loop. */
int listing_repositories(struct api *api, const struct registry *registry, repositories_fn page,
                         void *arg);
int listing_images(struct api *api, const struct registry *registry, const char *repository,
                   images_fn page, void *arg);

#endif
