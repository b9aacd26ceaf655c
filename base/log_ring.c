/* A ring of lines. */
#include "base/log_ring.h"
#include "base/bytes.h"
#include "base/cleanup.h"

void log_ring_init(struct log_ring *ring)
{
	*ring = (struct log_ring){.added = 0};
	pthread_mutex_init(&ring->lock, NULL);
}

void log_ring_deinit(struct log_ring *ring)
{
	for (size_t i = 0; i < LOG_RING_LINES; i++)
		bytes_unref(ring->lines[i]);
	pthread_mutex_destroy(&ring->lock);
}

void log_ring_add(struct log_ring *ring, struct bytes *line)
{
	struct bytes **place, *old;

	if (!line)
		return;
	pthread_mutex_lock(&ring->lock);
	place = &ring->lines[ring->added++ % LOG_RING_LINES];
	old = *place;
	*place = line;
	pthread_mutex_unlock(&ring->lock);
	bytes_unref(old);
}

size_t log_ring_lines(struct log_ring *ring, struct bytes *ret_lines[static LOG_RING_LINES])
{
	SCOPED_LOCK(&ring->lock);
	size_t n = ring->added < LOG_RING_LINES ? ring->added : LOG_RING_LINES;

	for (size_t i = 0; i < n; i++)
		ret_lines[i] = bytes_ref(ring->lines[(ring->added - n + i) % LOG_RING_LINES]);
	return n;
}
