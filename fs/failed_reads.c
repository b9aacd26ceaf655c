/* One failure for each thread. */
#include "fs/failed_reads.h"
#include "base/cleanup.h"

#include <stddef.h>

void failed_reads_init(struct failed_reads *reads)
{
	*reads = (struct failed_reads){0};
	pthread_mutex_init(&reads->lock, NULL);
}

void failed_reads_deinit(struct failed_reads *reads)
{
	pthread_mutex_destroy(&reads->lock);
}

static struct failed_read *find_locked(struct failed_reads *reads, pid_t thread)
{
	for (unsigned i = 0; i < FAILED_READS_MAX; i++)
		if (reads->reads[i].thread == thread)
			return &reads->reads[i];
	return NULL;
}

void failed_reads_add(struct failed_reads *reads, pid_t thread, uint64_t file, int error,
                      uint64_t now_ns)
{
	SCOPED_LOCK(&reads->lock);
	struct failed_read *read;

	if (!thread)
		return;
	read = find_locked(reads, thread);
	if (!read)
		read = &reads->reads[reads->next++ % FAILED_READS_MAX];
	*read = (struct failed_read){
	        .thread = thread, .file = file, .error = error, .failed_ns = now_ns};
}

int failed_reads_take(struct failed_reads *reads, pid_t thread, uint64_t file, uint64_t now_ns)
{
	SCOPED_LOCK(&reads->lock);
	struct failed_read *read = thread ? find_locked(reads, thread) : NULL;
	int error = 0;

	if (!read)
		return 0;
	if (read->file == file && now_ns < read->failed_ns + FAILED_READS_NS)
		error = read->error;
	*read = (struct failed_read){0};
	return error;
}
