/* The files in .ecrfs: made when they are looked up, so that each opening shows the moment. */
#ifndef ECRFS_FS_LIVE_H
#define ECRFS_FS_LIVE_H

#include <stdbool.h>

struct bytes;
struct mount;

/* Whether there is a file of that name; `ret_number`: its place, from 1. Threads: pure. */
bool live_find(const char *name, unsigned *ret_number);

/* The name of the i-th file, from 1; NULL behind the last. Threads: pure. */
const char *live_name(unsigned number);

/* What it shows now. Returns new, or NULL when out of memory. Threads: any. */
struct bytes *live_make(struct mount *mount, unsigned number);

#endif
