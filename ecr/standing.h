/* How each registry has answered last, for people. Written on the loop thread, read on any. */
#ifndef ECRFS_ECR_STANDING_H
#define ECRFS_ECR_STANDING_H

#include "base/clock.h"
#include "base/status.h"
#include "ecr/endpoint.h"
#include "ecr/json.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct registry;
struct standing_entry;

struct standing {
	char host[ENDPOINT_URL_SIZE]; /* of its endpoint; "" where no call came so far */
	uint64_t answered_s;          /* 1970 UTC, the last call that was done; 0: none was */
	uint64_t failed_s;            /* the last one that failed, absences aside; 0: none has */
	enum status failure;          /* of that one, as are the next ones */
	const char *operation;        /* static */
	char code[JSON_CODE_SIZE];    /* of AWS; "" where it named none */
};

/* All zero is not enough: standings_init(). */
struct standings {
	const struct clock *clock;
	pthread_mutex_t lock;
	struct standing_entry *all; /* under lock */
};

/* Borrows the clock. */
void standings_init(struct standings *standings, const struct clock *clock);
void standings_deinit(struct standings *standings);

/* A call was done. The registry's address is its identity. Threads: loop. */
void standings_answered(struct standings *standings, const struct registry *registry,
                        const char *host);

/* A call has failed: `failure` has its status, operation, code and host. Threads: loop. */
void standings_failed(struct standings *standings, const struct registry *registry,
                      const struct standing *failure);

/* Answers false when the registry was never called. Threads: any. */
bool standings_get(struct standings *standings, const struct registry *registry,
                   struct standing *ret_standing);

#endif
