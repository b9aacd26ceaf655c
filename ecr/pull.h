/* The manifest of a tag, for a caller who may do nothing but pull. */
#ifndef ECRFS_ECR_PULL_H
#define ECRFS_ECR_PULL_H

#include "ecr/source.h"

struct batcher;

/* As `pull_tag` of `ecr/source.h`. Threads: loop. */
int pull_tag(struct batcher *batcher, const struct registry *registry, const char *repository,
             const char *tag, pulled_fn pulled, void *arg);

#endif
