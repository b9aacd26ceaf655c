/* The registries of a mount: those that were named, and those that somebody entered by name. */
#ifndef ECRFS_FS_REGISTRIES_H
#define ECRFS_FS_REGISTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct asker;
struct cache;
struct log;
struct options;
struct registries;
struct registry;

enum registries_answer {
	REGISTRIES_FOUND,
	REGISTRIES_LINK, /* another name of one that was named: a link to that */
	REGISTRIES_ABSENT,
	REGISTRIES_WAIT, /* it depends on whose the caller's own registry is, which is being asked
	                  */
	REGISTRIES_NO_MEMORY,
};

/* What a name in the root stands for. */
struct registries_entry {
	const char *name;                /* as long as the mount; of a link: the one named */
	const struct registry *registry; /* REGISTRIES_FOUND: lives as long as the mount */
	uint64_t number;                 /* of its inode */
};

/* Registers those that were named with the cache. Borrows all. Answers 0 or -ENOMEM. */
int registries_new(const struct options *options, struct cache *cache, struct log *log,
                   struct registries **ret_registries);
void registries_free(struct registries *registries);

/* What `name` stands for; a valid registry that nobody named comes to be. Threads: as the asker. */
enum registries_answer registries_find(struct registries *registries, const char *name,
                                       struct asker *asker, struct registries_entry *ret_entry);

/* The i-th of those that were named. Answers false behind the last one. Threads: any. */
bool registries_named(const struct registries *registries, size_t i,
                      struct registries_entry *ret_entry);

/* Those that were named, and then those that were entered: heap, `ret_n` of them. NULL, and none,
 * when out of memory. Threads: any. */
struct registries_entry *registries_all(struct registries *registries, size_t *ret_n);

#endif
