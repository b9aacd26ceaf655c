/* Going from repository to repository, in the order in which programs walk the tree. */
#include "cache/tree.h"

#include <stdio.h>
#include <string.h>

static struct tree_node *node_of(struct name *name)
{
	return (struct tree_node *)name;
}

static void append(char path[static NAME_REPOSITORY_MAX + 1], const struct name *name)
{
	size_t length = strlen(path);

	snprintf(path + length, NAME_REPOSITORY_MAX + 1 - length, "%s%s", length ? "/" : "",
	         name_text(name));
}

/* From a node to its parent. */
static struct tree_node *leave(const struct tree *tree, char path[static NAME_REPOSITORY_MAX + 1])
{
	char *slash = strrchr(path, '/');

	*(slash ? slash : path) = '\0';
	return tree_find(tree, path);
}

/* Whether `name` is nearer to `from` (NULL: the end) than `other` (NULL: none yet). */
static bool is_nearer(const struct name *name, const struct name *other, const struct name *from,
                      int direction)
{
	if (from && direction * strcmp(name_text(name), name_text(from)) <= 0)
		return false;
	return !other || direction * strcmp(name_text(name), name_text(other)) < 0;
}

static struct name *next_by_name(const struct names *names, const struct name *from, int direction)
{
	struct name *found = NULL;

	for (size_t i = 0; i < names->n; i++)
		if (is_nearer(names->places[i], found, from, direction))
			found = names->places[i];
	return found;
}

/* The one beside `from`; the first in the walk's direction where that is NULL. */
static struct name *beside(const struct names *names, const struct name *from, struct walk walk)
{
	if (walk.by_name)
		return next_by_name(names, from, walk.direction);
	if (walk.direction > 0)
		return names_next(names, from ? from->sequence : 0);
	return names_before(names, from ? from->sequence : UINT64_MAX);
}

/* One node on: behind a node come the first leaf of the next one beside it, or its parent. */
static bool go_forwards(const struct tree *tree, struct walk walk,
                        char path[static NAME_REPOSITORY_MAX + 1])
{
	const struct tree_node *node = tree_find(tree, path);
	const struct tree_node *parent = leave(tree, path);
	struct name *next = beside(&parent->children, &node->name, walk);

	for (; next; next = beside(&node_of(next)->children, NULL, walk))
		append(path, next);
	return path[0];
}

/* One node back: before a node come its last child, or the node before it, or before its parent. */
static bool go_backwards(const struct tree *tree, struct walk walk,
                         char path[static NAME_REPOSITORY_MAX + 1])
{
	const struct tree_node *node = tree_find(tree, path);
	struct name *before = beside(&node->children, NULL, walk);

	while (!before && path[0]) {
		const struct name *left = &node->name;

		node = leave(tree, path);
		before = beside(&node->children, left, walk);
	}
	if (before)
		append(path, before);
	return before;
}

bool tree_next_repository(const struct tree *tree, const char *path, struct walk walk,
                          char ret_path[static NAME_REPOSITORY_MAX + 1])
{
	char at[NAME_REPOSITORY_MAX + 1];

	snprintf(at, sizeof(at), "%s", path);
	if (!at[0] || !tree_find(tree, at))
		return false;
	while (walk.direction > 0 ? go_forwards(tree, walk, at) : go_backwards(tree, walk, at)) {
		if (!tree_find(tree, at)->is_repository)
			continue;
		strcpy(ret_path, at);
		return true;
	}
	return false;
}
