/* The names that ECR accepts for repositories and tags. Threads: pure.
 *
 * A name that fails here is never asked for, and never shown when a server gives it.
 */
#ifndef ECRFS_ECR_NAME_H
#define ECRFS_ECR_NAME_H

#include <stdbool.h>

/* ECR: repositoryName has 2 to 256 characters. */
#define NAME_REPOSITORY_MAX 256

/* Linux: NAME_MAX. ECR's model allows tags of 300 bytes, which no directory can show. */
#define NAME_COMPONENT_MAX 255

/* Whether `text` may be one component of a repository name: runs of [a-z0-9] joined by ".", "_",
 * "__" or any number of "-". */
bool name_is_component(const char *text);

/* Whether `text` is a repository name: components joined by "/", within ECR's length. */
bool name_is_repository(const char *text);

/* Whether `text` may be a tag: [A-Za-z0-9_], then [A-Za-z0-9._-], as OCI has it; up to
 * NAME_COMPONENT_MAX long. */
bool name_is_tag(const char *text);

/* Whether the path of a repository, or of something in it, is `parent` or below that ("" is above
 * all): also a reference to an image of it, as in "parent:tag". */
bool name_is_below(const char *path, const char *parent);

#endif
