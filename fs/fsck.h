/* ecrfs --fsck DIR: whether what is kept in a cache directory is whole. */
#ifndef ECRFS_FS_FSCK_H
#define ECRFS_FS_FSCK_H

struct options;

/* Exit codes. */
enum fsck_exit {
	FSCK_EXIT_WELL = 0,
	FSCK_EXIT_SYSTEM = 2,   /* the directory cannot be used */
	FSCK_EXIT_REPAIRED = 3, /* something was damaged or missing, and is not any more */
	FSCK_EXIT_DAMAGED = 4,  /* and it could not be repaired */
};

/* Looks, repairs, and prints what it found. Answers the exit code. Threads: main, while there is no
 * other. */
int fsck_run(const struct options *options);

#endif
