/* The last lines of the log, for those who look at a running daemon. Threads: any. */
#ifndef ECRFS_BASE_LOG_RING_H
#define ECRFS_BASE_LOG_RING_H

#include <pthread.h>
#include <stddef.h>

struct bytes;

/* Enough for what led to a fault. A line of the log has 2 KiB at most, so this takes 2 MiB. */
#define LOG_RING_LINES 1000

struct log_ring {
	pthread_mutex_t lock;
	struct bytes *lines[LOG_RING_LINES]; /* under lock */
	size_t added;                        /* under lock: so many, ever */
};

void log_ring_init(struct log_ring *ring);
void log_ring_deinit(struct log_ring *ring);

/* The next line, in place of the oldest one. Takes it; NULL (out of memory) is left out. */
void log_ring_add(struct log_ring *ring, struct bytes *line);

/* The lines that are there, the oldest one first: references. Answers how many. */
size_t log_ring_lines(struct log_ring *ring, struct bytes *ret_lines[static LOG_RING_LINES]);

#endif
