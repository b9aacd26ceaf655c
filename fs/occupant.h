/* The ecrfs that is mounted at a place already: whether it lives, and how to be rid of a dead one.
 *
 * Nothing here blocks for long, whatever is mounted there. Threads: main.
 */
#ifndef ECRFS_FS_OCCUPANT_H
#define ECRFS_FS_OCCUPANT_H

enum occupant_state {
	OCCUPANT_NONE,   /* what is on top there, if anything, is no ecrfs */
	OCCUPANT_DEAD,   /* its daemon has gone without unmounting, or its connection was aborted */
	OCCUPANT_ALIVE,  /* it answers; also when it answers that we may not use it */
	OCCUPANT_SILENT, /* it does not answer: its daemon was stopped, for example */
};

struct occupant {
	char *source; /* what it shows; NULL: none, or out of memory */
	int root;     /* its root directory, O_PATH, or -1 */
};

/* Looks at the topmost mount at an absolute path without symbolic links. The caller ends
 * `ret_occupant` with occupant_deinit(), whatever the answer. */
enum occupant_state occupant_find(const char *path, struct occupant *ret_occupant);
void occupant_deinit(struct occupant *occupant);

/* Takes this mount, and no other, out of the tree, at once. As another user than root, with
 * fusermount3(1), the topmost one at `path`. Answers 0 or -errno. */
int occupant_unmount(const struct occupant *occupant, const char *path);

#endif
