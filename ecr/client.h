/* Amazon ECR as the source of what the cache holds. */
#ifndef ECRFS_ECR_CLIENT_H
#define ECRFS_ECR_CLIENT_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>

struct api;
struct api_counts;
struct api_endpoint;
struct aws_settings;
struct client;
struct log;
struct loop;
struct source;

/* Builds HTTP client, credential chain and the rest. Reads the environment, sends nothing.
 * Borrows all, for its life. Answers 0, -ENOMEM or -EIO. Before loop_start(). */
int client_new(struct loop *loop, const struct clock *clock, struct log *log,
               const struct aws_settings *settings, struct client **ret_client);

/* What makes its calls. Borrowed. Threads: loop. */
struct api *client_api(struct client *client);

/* How the calls of the API have ended so far. Borrowed. Threads: any. */
const struct api_counts *client_counts(const struct client *client);

/* The endpoints that calls went to, as api_endpoint(). Threads: any. */
bool client_endpoint(const struct client *client, size_t i, struct api_endpoint *ret_endpoint);

/* Asks for credentials anew with the next call. Threads: loop. */
void client_forget(struct client *client);

/* The seam. Borrowed. */
struct source *client_source(struct client *client);

/* Answers every open question with STATUS_SERVER_ERROR, then frees. Accepts NULL. After
 * loop_stop(). */
void client_free(struct client *client);

#endif
