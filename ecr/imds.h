/* The instance metadata service (IMDS) of EC2, version 2 alone: each question carries a token,
 * which is fetched first and shared by all questions until it ends.
 *
 * Where nobody answers, that is remembered for IMDS_ABSENT_NS. Threads: loop.
 */
#ifndef ECRFS_ECR_IMDS_H
#define ECRFS_ECR_IMDS_H

#include "base/clock.h"
#include "base/status.h"

#include <stddef.h>

struct http;
struct imds;
struct log;
struct loop;
struct profile;

/* Off EC2 the one who asks waits for the time limit, 1 s. Who scans a mount there must not do so
 * for each name; but an instance whose network is not up yet when it is first asked is soon found.
 */
#define IMDS_ABSENT_NS (5 * NS_PER_S)

enum imds_answer {
	IMDS_FOUND,
	IMDS_NOT_FOUND, /* it has no such path */
	IMDS_ABSENT, /* there is no IMDS: switched off, nobody answers, or none that has tokens */
	IMDS_FAILED, /* with a status */
};

/* `text` is borrowed for the call: what was found, NUL behind it, and wiped after the call; else
 * what happened, for the log and for people. `status` is STATUS_OK unless failed. */
typedef void (*imds_fn)(void *arg, enum imds_answer answer, enum status status, const char *text,
                        size_t size);

/* Reads the variables now, before any thread runs; those that are not set are asked of `profile`
 * for each question. Borrows all; `clock` is any that tells monotonic time. Answers 0 or -ENOMEM.
 */
int imds_new(struct loop *loop, const struct clock *clock, struct log *log, struct http *http,
             struct profile *profile, struct imds **ret_imds);

/* After http_free(). Accepts NULL. Open questions are not answered any more. */
void imds_free(struct imds *imds);

/* Asks for a path, such as "latest/meta-data/placement/region" (copied); `done` is called later,
 * never inside this call. Answers 0 or -ENOMEM. */
int imds_get(struct imds *imds, const char *path, imds_fn done, void *arg);

/* Questions that gave this `arg` are not answered any more. Accepts NULL for `imds`. */
void imds_forget(struct imds *imds, const void *arg);

#endif
