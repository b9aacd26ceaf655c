/* Counts of durations. */
#include "base/histogram.h"
#include "base/clock.h"

#define NS_PER_US 1000ULL

static const uint64_t bounds[HISTOGRAM_BOUNDS] = {
        10 * NS_PER_US,   100 * NS_PER_US, 1 * NS_PER_MS,   5 * NS_PER_MS, 10 * NS_PER_MS,
        50 * NS_PER_MS,   100 * NS_PER_MS, 250 * NS_PER_MS, NS_PER_S / 2,  1 * NS_PER_S,
        5 * NS_PER_S / 2, 5 * NS_PER_S,    10 * NS_PER_S,   15 * NS_PER_S,
};

uint64_t histogram_bound_ns(unsigned i)
{
	return bounds[i];
}

void histogram_add(struct histogram *histogram, uint64_t duration_ns)
{
	unsigned i = 0;

	while (i < HISTOGRAM_BOUNDS && duration_ns > bounds[i])
		i++;
	atomic_fetch_add_explicit(&histogram->counts[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&histogram->sum_ns, duration_ns, memory_order_relaxed);
}

uint64_t histogram_up_to(const struct histogram *histogram, unsigned i)
{
	uint64_t sum = 0;

	for (unsigned j = 0; j <= i; j++)
		sum += atomic_load_explicit(&histogram->counts[j], memory_order_relaxed);
	return sum;
}

uint64_t histogram_count(const struct histogram *histogram)
{
	return histogram_up_to(histogram, HISTOGRAM_BOUNDS);
}

uint64_t histogram_sum_ns(const struct histogram *histogram)
{
	return atomic_load_explicit(&histogram->sum_ns, memory_order_relaxed);
}
