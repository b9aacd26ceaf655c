/* The grammar of the tree: which names are ours, which can be a registry's content, and how paths
 * are put together and taken apart. Threads: pure.
 */
#ifndef ECRFS_FS_PATH_H
#define ECRFS_FS_PATH_H

#include "ecr/name.h"

#include <stdbool.h>

#define PATH_MANIFEST "manifest.json"

/* Below a registry: a repository's name, a slash and a tag at most, and the NUL. */
#define PATH_SIZE (NAME_REPOSITORY_MAX + 1 + NAME_COMPONENT_MAX + 1)

/* Repository "a/b" with tag "c", of the path "a/b/c". */
struct path_parts {
	char repository[NAME_REPOSITORY_MAX + 1];
	const char *tag; /* into the path */
};

/* What `name` in the directory `parent` ("" for the registry's own) may be, by its form alone.
 * `path`: the two joined, when it may be anything. */
struct path_child {
	char path[PATH_SIZE];
	bool may_be_directory; /* a component of a repository name that ECR would accept */
	bool may_be_tag;       /* a tag of the repository `parent` */
};

/* Answers false when ECR has nothing of that name: then nobody needs to be asked. */
bool path_child(const char *parent, const char *name, struct path_child *ret_child);

/* Takes the path of an image apart. Answers false when it has no tag, or no repository that ECR
 * would accept. */
bool path_split(const char *path, struct path_parts *ret_parts);

#endif
