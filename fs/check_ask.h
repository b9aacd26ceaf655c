/* The client without a mount: the main thread asks, the loop thread answers. Threads: main. */
#ifndef ECRFS_FS_CHECK_ASK_H
#define ECRFS_FS_CHECK_ASK_H

#include "ecr/trial.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct check_question;
struct client;
struct log;
struct loop;
struct options;

struct check_asker {
	const struct options *options;
	struct log *log;
	struct loop *loop;
	struct client *client;
	struct check_question *questions; /* all of them: an answer may come late */
	int log_file;                     /* in memory; -1: the log goes to standard error */
	off_t log_read;                   /* up to there */
	pthread_mutex_t lock;             /* of whether questions are answered */
	pthread_cond_t answered;
};

/* Becomes the user of the option `setuid`, builds the client and starts its thread. Borrows the
 * options. Answers 0 or -errno; in either case
 * check_asker_deinit() follows. */
int check_asker_init(struct check_asker *asker, const struct options *options);

/* Answers false when a disk job hangs: see loop_free(). */
bool check_asker_deinit(struct check_asker *asker);

/* Asks, and waits for the answer as long as an operation of a mount would; then it is
 * STATUS_TIMED_OUT. */
void check_ask(struct check_asker *asker, struct trial *trial);

/* The last line of the log since the last time, where the text is "" else. */
void check_asker_read_log(struct check_asker *asker, char *ret_line, size_t size);

#endif
