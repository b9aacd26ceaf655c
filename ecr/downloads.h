/* Blobs of a repository: ECR is asked for an address, and what is there is fetched from it.
 *
 *   question ─► its turn ─► GetDownloadUrlForLayer ─► GET at the blob host ─► verify ─► answer
 *                                 ▲                          │
 *                                 └── once at once ◄─────────┤ 403: the address has expired
 *                                 └── later ◄────────────────┘ what may pass
 *
 * The blob host is not ECR: as a rule it is S3, below a pull-through cache perhaps somebody else's.
 * It is sent nothing but the address: no signature (S3 refuses a request with two), no header of
 * ours. Where it redirects to is not followed. The address is a secret for as long as it is good,
 * and never logged: its host is.
 */
#ifndef ECRFS_ECR_DOWNLOADS_H
#define ECRFS_ECR_DOWNLOADS_H

#include "ecr/source.h"

struct api;
struct downloads;

/* A larger one is not fetched: it has to be in memory as a whole. The configuration of an image has
 * some 2 to 20 KB; podman takes none of more than 4 MiB (containers/image, MaxConfigBodySize). */
#define DOWNLOADS_MAX_BYTES ((uint64_t)8 << 20)

/* At most `max_calls` blobs are fetched at a time, each of which is one call or one download at any
 * moment. Borrows the api. Answers 0 or -ENOMEM. */
int downloads_new(struct api *api, unsigned max_calls, struct downloads **ret_downloads);

/* After the api was freed, before its HTTP client is. Answers what is under way with
 * STATUS_SERVER_ERROR. Accepts NULL. */
void downloads_free(struct downloads *downloads);

/* The blob of that digest and of exactly so many bytes, verified. Answers 0, -ENOMEM, or -ECANCELED
 * while the blobs are being freed: then `fetched` does not follow. Threads: loop. */
int downloads_fetch(struct downloads *downloads, const struct registry *registry,
                    const char *repository, const struct digest *digest, uint64_t size_bytes,
                    document_fn fetched, void *arg);

#endif
