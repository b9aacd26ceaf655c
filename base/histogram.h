/* How long things take: counts of durations, by size. Adding one is two additions and no lock.
 * Threads: any. */
#ifndef ECRFS_BASE_HISTOGRAM_H
#define ECRFS_BASE_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

/* From what memory answers in to the usual `timeout`. */
#define HISTOGRAM_BOUNDS 14

/* All zero: nothing was added. */
struct histogram {
	atomic_uint_fast64_t counts[HISTOGRAM_BOUNDS + 1]; /* the last: longer than all bounds */
	atomic_uint_fast64_t sum_ns;
};

/* The bound of the i-th count, which is part of it. */
uint64_t histogram_bound_ns(unsigned i);

void histogram_add(struct histogram *histogram, uint64_t duration_ns);

/* How many were at most as long as the i-th bound; with HISTOGRAM_BOUNDS: how many there were. */
uint64_t histogram_up_to(const struct histogram *histogram, unsigned i);

/* How many there were. */
uint64_t histogram_count(const struct histogram *histogram);

/* The sum of all. */
uint64_t histogram_sum_ns(const struct histogram *histogram);

#endif
