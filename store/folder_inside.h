/* What the parts of store/folder share: opening it, and the files in it. Inside of store/folder. */
#ifndef ECRFS_STORE_FOLDER_INSIDE_H
#define ECRFS_STORE_FOLDER_INSIDE_H

#include "store/folder.h"

#include <pthread.h>
#include <stdatomic.h>

struct folder {
	struct folder_config config;
	const struct clock *clock;
	struct log *log;
	pthread_mutex_t lock; /* opening */
	atomic_bool is_open;
	atomic_int root; /* -1: never opened; stays when it is opened anew */
	mode_t directory_mode, file_mode;
	int open_error, logged_open_error; /* under lock; 0: none */
	uint64_t open_after_ns;            /* under lock: monotonic */
	atomic_uint_fast64_t write_after_ns;
	atomic_int logged_error; /* with which writing fails; 0: it does not */
	atomic_uint_fast64_t errors;
	atomic_uint n_temps; /* for their names */
};

/* Writing has failed with this errno: no more for a while, and a line in the log. */
void folder_failed(struct folder *folder, int error);
void folder_succeeded(struct folder *folder);

/* A directory in it is missing: opened again, or made again. */
void folder_lost(struct folder *folder);

/* Opens without following a link anywhere, and without waiting for the other end of a fifo. Answers
 * a descriptor or -errno. */
int folder_open_file(int root, const char *path, int flags, mode_t mode);

/* As folder_write(), below the directory `root`, without a line in the log. */
int folder_put(struct folder *folder, int root, const char *path, const void *data, size_t size);

#endif
