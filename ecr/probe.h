/* Asks an endpoint that could not be reached, again and again, whether it is there.
 *
 * A GET of its root, without a signature: whatever comes back, comes from somebody. Threads: loop.
 */
#ifndef ECRFS_ECR_PROBE_H
#define ECRFS_ECR_PROBE_H

#include <stdint.h>

struct http;
struct loop;
struct probe;

/* Somebody has answered; nothing is asked any more. */
typedef void (*probe_fn)(void *arg);

/* One that does nothing yet. Borrows all. Answers 0 or -ENOMEM. */
int probe_new(struct loop *loop, struct http *http, const char *url, probe_fn answered, void *arg,
              struct probe **ret_probe);

/* Not while a loop runs whose HTTP client still has a request of it. Accepts NULL. */
void probe_free(struct probe *probe);

/* From now on asks at growing intervals (breaker_wait_ns()), until there is an answer, or
 * probe_stop(). There is one request at a time. */
void probe_start(struct probe *probe);
void probe_stop(struct probe *probe);

#endif
