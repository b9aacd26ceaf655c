/* Whether a repository lets a tag be moved to another image. */
#ifndef ECRFS_ECR_MUTABILITY_H
#define ECRFS_ECR_MUTABILITY_H

#include "ecr/source.h"

/* Whether the repository promises that this tag stays with its image. Threads: pure. */
bool mutability_tag_is_fixed(const struct repository_record *record, const char *tag);

#endif
