/* The repositories of a registry as a tree of path components.
 *
 * All functions: the caller holds the cache's lock. Threads: any.
 */
#ifndef ECRFS_CACHE_TREE_H
#define ECRFS_CACHE_TREE_H

#include "cache/names.h"
#include "ecr/name.h"

struct core;
struct promise;
struct repository_record;

/* A component. The root has no name. */
struct tree_node {
	struct name name;
	struct names children;
	bool is_repository; /* as the last pass said that showed it */
	uint32_t repository_pass;
	struct promise *promise; /* of the repository; NULL: none */
	char text[];
};

struct tree {
	struct tree_node *root;
	size_t bytes; /* of all nodes */
};

/* Answers 0 or -ENOMEM. */
int tree_init(struct tree *tree);
void tree_deinit(struct tree *tree);

/* The node at `path` ("" for the root), or NULL. */
struct tree_node *tree_find(const struct tree *tree, const char *path);

/* How a tree is walked: what lies below a repository comes before its tags. */
struct walk {
	int direction; /* 1: forwards, -1: backwards */
	bool by_name;  /* in the order of names; else in that of listings */
};

/* The repository that a walk of the tree comes to next after that at `path`, which is in the tree.
 * Answers false at the end. The two paths may be one. */
bool tree_next_repository(const struct tree *tree, const char *path, struct walk walk,
                          char ret_path[static NAME_REPOSITORY_MAX + 1]);

/* The server showed this repository, whose name is valid, in pass `pass`. Answers 0 or -ENOMEM. */
int tree_see(struct tree *tree, struct core *core, const struct repository_record *record,
             uint32_t pass, uint64_t now_ns);

/* All pages of the pass were seen: what it did not show is gone. */
void tree_complete(struct tree *tree, uint32_t pass, uint64_t realtime_ns);

#endif
