/* Paths below a registry. */
#include "fs/path.h"
#include "base/digest.h"

#include <stdio.h>
#include <string.h>

static bool is_digest(const char *text)
{
	struct digest digest;

	return digest_parse(text, &digest);
}

/* Copies the first `length` bytes, if that is a repository's name. */
static bool take_repository(const char *path, size_t length, struct path_parts *parts)
{
	if (length > NAME_REPOSITORY_MAX)
		return false;
	memcpy(parts->repository, path, length);
	parts->repository[length] = '\0';
	return name_is_repository(parts->repository);
}

/* The length of `path` without a last component that is a directory of ours. */
static size_t length_without_own(const char *path, size_t length)
{
	static const char *const own[] = {"/" PATH_DIGESTS, "/" PATH_UNTAGGED};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		size_t n = strlen(own[i]);

		if (length > n && strncmp(path + length - n, own[i], n) == 0)
			return length - n;
	}
	return length;
}

bool path_split(const char *path, struct path_parts *ret_parts)
{
	const char *slash = strrchr(path, '/');
	const char *last = slash ? slash + 1 : path;
	const char *at = strchr(last, '@'), *colon = strchr(last, ':');
	size_t length = slash ? (size_t)(slash - path) : 0;

	if (at) {
		ret_parts->image = at + 1;
		return is_digest(at + 1) && take_repository(path, (size_t)(at - path), ret_parts);
	}
	ret_parts->image = last;
	if (is_digest(last) && take_repository(path, length_without_own(path, length), ret_parts))
		return true; /* else the tag of a repository called "sha256" */
	if (colon) {
		ret_parts->image = colon + 1;
		length = (size_t)(colon - path);
	}
	return name_is_tag(ret_parts->image) && take_repository(path, length, ret_parts);
}

bool path_may_be_directory(const char *path)
{
	const char *slash = strrchr(path, '/');

	return name_is_component(slash ? slash + 1 : path) && strlen(path) <= NAME_REPOSITORY_MAX;
}

void path_child(const char *parent, const char *name, struct path_child *ret_child)
{
	struct path_parts parts;
	int length;

	*ret_child = (struct path_child){.form = PATH_NOTHING};
	length = snprintf(ret_child->path, sizeof(ret_child->path), "%s%s%s", parent,
	                  parent[0] ? "/" : "", name);
	if (length < 0 || (size_t)length >= sizeof(ret_child->path))
		return;
	if (strpbrk(parent, ":@")) /* an image, and nothing else */
		return;
	if (name[0] == '.') {
		if (strcmp(name, PATH_DIGESTS) == 0 || strcmp(name, PATH_UNTAGGED) == 0)
			ret_child->form = name_is_repository(parent) ? PATH_HIDDEN : PATH_NOTHING;
		return;
	}
	if (strpbrk(name, ":@")) {
		if (path_split(ret_child->path, &parts))
			ret_child->form = PATH_REFERENCE;
		return;
	}
	/* "a" alone is no repository (ECR: at least 2 characters), but may lead to "a/b". */
	ret_child->may_be_directory =
	        name_is_component(name) && (size_t)length <= NAME_REPOSITORY_MAX;
	ret_child->may_be_tag = name_is_tag(name) && name_is_repository(parent);
	if (ret_child->may_be_directory || ret_child->may_be_tag)
		ret_child->form = PATH_COMPONENT;
}
