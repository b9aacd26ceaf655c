/* Paths below a registry. */
#include "fs/path.h"

#include <stdio.h>
#include <string.h>

bool path_child(const char *parent, const char *name, struct path_child *ret_child)
{
	int length = snprintf(ret_child->path, sizeof(ret_child->path), "%s%s%s", parent,
	                      parent[0] ? "/" : "", name);

	if (length < 0 || (size_t)length >= sizeof(ret_child->path))
		return false;
	/* "a" alone is no repository (ECR: at least 2 characters), but may lead to "a/b". */
	ret_child->may_be_directory =
	        name_is_component(name) && (size_t)length <= NAME_REPOSITORY_MAX;
	ret_child->may_be_tag = name_is_tag(name) && name_is_repository(parent);
	return ret_child->may_be_directory || ret_child->may_be_tag;
}

bool path_split(const char *path, struct path_parts *ret_parts)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) : 0;

	if (!length || length > NAME_REPOSITORY_MAX)
		return false;
	memcpy(ret_parts->repository, path, length);
	ret_parts->repository[length] = '\0';
	ret_parts->tag = slash + 1;
	return name_is_repository(ret_parts->repository) && name_is_tag(ret_parts->tag);
}
