/* Reads of files that have failed just now, to tell the kernel the same when it asks again.
 *
 * For a read(2) of what it has no page for, the kernel first reads ahead, in a request of its own;
 * where that fails it asks for the first page once more. To ask ECR again for that would take a
 * read to twice the timeout, and twice the attempts. So the next request of the same thread for the
 * same file has the same answer, once. Where the page is there already, only never filled, the
 * kernel asks once; nothing tells the two apart, so who reads again at once may be told the same.
 *
 * Threads: any.
 */
#ifndef ECRFS_FS_FAILED_READS_H
#define ECRFS_FS_FAILED_READS_H

#include "base/clock.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/types.h>

/* The latest, of as many threads. */
#define FAILED_READS_MAX 64

/* The kernel asks at once, but the thread has to be woken for it. A person who tries again takes
 * longer, and is another thread. */
#define FAILED_READS_NS (500 * NS_PER_MS)

struct failed_read {
	pid_t thread; /* 0: free */
	uint64_t file;
	int error;
	uint64_t failed_ns;
};

struct failed_reads {
	pthread_mutex_t lock;
	struct failed_read reads[FAILED_READS_MAX];
	unsigned next;
};

void failed_reads_init(struct failed_reads *reads);
void failed_reads_deinit(struct failed_reads *reads);

/* Before the thread is told of the error. `thread` is the caller's, 0 when it is not known (nothing
 * is kept then), `file` the number of the inode, `now_ns` monotonic. */
void failed_reads_add(struct failed_reads *reads, pid_t thread, uint64_t file, int error,
                      uint64_t now_ns);

/* The errno of the thread's last read of that file, which is forgotten; 0: it did not fail just
 * now. */
int failed_reads_take(struct failed_reads *reads, pid_t thread, uint64_t file, uint64_t now_ns);

#endif
