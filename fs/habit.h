/* Which files of each image a thread reads once it has read the directory of that, to tell which
 * ones it will want of the next.
 *
 *   look at 8 images ──► kinds read in at least 4 of them: offered for the next 64 ──► look again
 *                    └─► none: look on
 *
 * What was offered is not asked for, so it can only be seen to be wanted where it is not offered.
 * Who opens the files while it reads the directory has no use for what is offered at its end.
 *
 * Threads: the caller sees to it.
 */
#ifndef ECRFS_FS_HABIT_H
#define ECRFS_FS_HABIT_H

#include "fs/file_kind.h"

/* A walk over fewer images is over before anything pays, and one that ceases to read costs no more
 * than a page of memory for each kind and image that it is offered. */
#define HABIT_LOOKS  8
#define HABIT_OFFERS 64

struct habit {
	unsigned images; /* since it began to look, or to be offered something */
	unsigned kinds;  /* bits of 1 << enum file_number: what it is offered; 0: looking */
	bool has_names;  /* of the image that it is at: it has read the directory to its end */
	uint8_t reads[FILE_NUMBERS]; /* since it began to look */
};

/* The thread reads the directory of an image. */
void habit_enter(struct habit *habit);

/* It has read that to its end. Answers what it is to be offered, as `kinds`. */
unsigned habit_end(struct habit *habit);

/* It reads the file of that number. */
void habit_read(struct habit *habit, enum file_number file);

#endif
