/* Repository names as a tree. */
#include "cache/tree.h"
#include "cache/core.h"
#include "cache/promise.h"
#include "ecr/name.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static struct tree_node *node_new(const char *text, size_t length)
{
	struct tree_node *node = calloc(1, sizeof(*node) + length + 1);

	if (!node)
		return NULL;
	memcpy(node->text, text, length);
	node->name.text_offset = offsetof(struct tree_node, text);
	return node;
}

static void node_free(void *arg, struct name *name)
{
	struct tree *tree = arg;
	struct tree_node *node = (struct tree_node *)name;

	tree->bytes -= budget_heap_bytes(node) + budget_heap_bytes(node->promise) +
	               names_bytes(&node->children);
	names_clear(&node->children, node_free, tree);
	promise_free(node->promise);
	free(node);
}

int tree_init(struct tree *tree)
{
	tree->root = node_new("", 0);
	tree->bytes = tree->root ? budget_heap_bytes(tree->root) : 0;
	return tree->root ? 0 : -ENOMEM;
}

void tree_deinit(struct tree *tree)
{
	if (tree->root)
		node_free(tree, &tree->root->name);
	tree->root = NULL;
}

/* Cuts the first component off `*path` and copies it. Answers false at the end of the path, or when
 * the component is too long for any node. */
static bool next_component(const char **path, char component[static NAME_COMPONENT_MAX + 1])
{
	size_t length = strcspn(*path, "/");

	if (length == 0 || length > NAME_COMPONENT_MAX)
		return false;
	memcpy(component, *path, length);
	component[length] = '\0';
	*path += length;
	*path += strspn(*path, "/");
	return true;
}

struct tree_node *tree_find(const struct tree *tree, const char *path)
{
	struct tree_node *node = tree->root;
	char component[NAME_COMPONENT_MAX + 1];

	while (node && *path) {
		if (!next_component(&path, component))
			return NULL;
		node = (struct tree_node *)names_find(&node->children, component);
	}
	return node;
}

static struct tree_node *add_child(struct tree *tree, struct core *core, struct tree_node *parent,
                                   const char *component)
{
	struct tree_node *child = node_new(component, strlen(component));
	size_t before = names_bytes(&parent->children);
	int r;

	if (!child)
		return NULL;
	r = names_add(&parent->children, &child->name);
	tree->bytes += names_bytes(&parent->children) - before;
	if (r < 0) {
		free(child);
		return NULL;
	}
	child->name.number = core_new_number(core);
	tree->bytes += budget_heap_bytes(child);
	return child;
}

int tree_see(struct tree *tree, struct core *core, const struct repository_record *record,
             uint32_t pass, uint64_t now_ns)
{
	const char *repository = record->name;
	struct tree_node *node = tree->root;
	char component[NAME_COMPONENT_MAX + 1];

	while (*repository && next_component(&repository, component)) {
		struct tree_node *child =
		        (struct tree_node *)names_find(&node->children, component);

		if (!child)
			child = add_child(tree, core, node, component);
		if (!child)
			return -ENOMEM;
		child->name.seen_ns = now_ns;
		child->name.pass = pass;
		node = child;
	}
	tree->bytes -= budget_heap_bytes(node->promise);
	promise_free(node->promise);
	node->promise = promise_new(record);
	tree->bytes += budget_heap_bytes(node->promise);
	node->is_repository = true;
	node->repository_pass = pass;
	return 0;
}

static void complete_node(struct tree *tree, struct tree_node *node, uint32_t pass,
                          uint64_t realtime_ns)
{
	struct names *children = &node->children;
	size_t before = names_bytes(children);

	names_complete(children, pass, realtime_ns, node_free, tree);
	tree->bytes += names_bytes(children) - before;
	node->is_repository = node->repository_pass == pass && node != tree->root;
	for (size_t i = 0; i < children->n; i++)
		complete_node(tree, (struct tree_node *)children->places[i], pass, realtime_ns);
}

void tree_complete(struct tree *tree, uint32_t pass, uint64_t realtime_ns)
{
	complete_node(tree, tree->root, pass, realtime_ns);
}
