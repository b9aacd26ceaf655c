/* The first thing that is done on disk: the one who mounts waits for it, as long as a job may take.
 */
#ifndef ECRFS_STORE_OPENING_H
#define ECRFS_STORE_OPENING_H

#include "net/loop.h"
#include "store/folder.h"
#include "store/worker.h"

#include <pthread.h>

struct opening {
	struct worker_job job; /* first */
	struct loop_task task;
	struct loop *loop;
	struct worker *worker;
	struct folder *folder;
	void (*opened)(void *arg);
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool has_ended; /* under lock, as the next ones */
	int error;
	char why[FOLDER_WHY_SIZE];
};

/* Borrows all. `opened` is called on the loop thread, unless it took too long. */
void opening_init(struct opening *opening, struct loop *loop, struct worker *worker,
                  struct folder *folder, void (*opened)(void *arg), void *arg);

/* Has the directory opened by the worker, and waits. Answers whether it has ended, and `ret_error`
 * and `why` as folder_open(). Threads: main. */
bool opening_wait(struct opening *opening, int *ret_error, char why[FOLDER_WHY_SIZE]);

/* Before the worker is freed. Threads: loop. */
void opening_cancel(struct opening *opening);

/* After that. */
void opening_deinit(struct opening *opening);

#endif
