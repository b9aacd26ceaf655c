/* The disk store's part of /.ecrfs/status and /.ecrfs/metrics: nothing where there is none. */
#ifndef ECRFS_FS_LIVE_STORE_H
#define ECRFS_FS_LIVE_STORE_H

#include <stdio.h>

struct mount;

/* Threads: any. */
void live_store_status(struct mount *mount, FILE *out);
void live_store_metrics(struct mount *mount, FILE *out);

#endif
