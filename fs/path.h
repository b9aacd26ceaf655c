/* The grammar of the tree below a registry: which names can be something, and which image a path
 * stands for. Threads: pure.
 *
 *   repository/tag   repository/sha256:…   repository:tag   repository@sha256:…
 *   repository/.digests/sha256:…           repository/.untagged/sha256:…
 */
#ifndef ECRFS_FS_PATH_H
#define ECRFS_FS_PATH_H

#include "ecr/name.h"

#include <stdbool.h>

#define PATH_DIGESTS  ".digests"
#define PATH_UNTAGGED ".untagged"
#define PATH_OWN      ".ecrfs" /* in the root */

/* A repository's name, the longest directory of ours, a name, two slashes and the NUL. */
#define PATH_SIZE (NAME_REPOSITORY_MAX + 1 + sizeof(PATH_UNTAGGED) + NAME_COMPONENT_MAX + 1)

enum path_form {
	PATH_NOTHING,   /* ECR has nothing of that name: nobody needs to be asked */
	PATH_COMPONENT, /* a component of a repository name, a tag, or both */
	PATH_REFERENCE, /* an image, told by its form alone */
	PATH_HIDDEN,    /* a directory of ours in a repository */
};

/* What `name` in the directory `parent` ("" for the registry's own) may be, by its form alone. */
struct path_child {
	enum path_form form;
	char path[PATH_SIZE];  /* the two joined; not for PATH_NOTHING */
	bool may_be_directory; /* PATH_COMPONENT: of a repository name that ECR would accept */
	bool may_be_tag;       /* PATH_COMPONENT: of the repository `parent` */
};

void path_child(const char *parent, const char *name, struct path_child *ret_child);

/* Whether a path below a registry, of an image or not, may be (part of) a repository's name, too.
 */
bool path_may_be_directory(const char *path);

/* The repository and the tag or digest of an image's path. */
struct path_parts {
	char repository[NAME_REPOSITORY_MAX + 1];
	const char *image; /* a tag, or "sha256:…"; into the path */
};

/* Takes the path of an image apart. Answers false when ECR has no such image. */
bool path_split(const char *path, struct path_parts *ret_parts);

#endif
