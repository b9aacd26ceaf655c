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
struct registry;
struct source;
struct standing;
struct chain_report;

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

/* How a registry has answered last, as api_standing(). Threads: any. */
bool client_standing(struct client *client, const struct registry *registry,
                     struct standing *ret_standing);

/* The i-th chain of credentials, as chain_report(). Answers false when there are no more. Threads:
 * any. */
bool client_credentials(struct client *client, size_t i, struct chain_report *ret_report);

/* What the profile may decide, as it is now. */
struct client_settings {
	const char *region; /* borrowed; NULL: not known yet */
	bool adaptive;      /* the retry mode */
	bool mode_of_profile;
	unsigned max_attempts;
	bool attempts_of_profile;
};
void client_settings(const struct client *client, struct client_settings *ret_settings);

/* Asks for credentials, region and endpoints anew with the next call. Threads: loop. */
void client_forget(struct client *client);

/* The seam. Borrowed. */
struct source *client_source(struct client *client);

/* Answers every open question with STATUS_SERVER_ERROR, then frees. Accepts NULL. After
 * loop_stop(). */
void client_free(struct client *client);

#endif
