/* Questions by id, gathered into calls of up to 100 ids.
 *
 *   questions of one repository ─► queue ─► call ─► each question its own answer
 *                                    ▲        │
 *                                    └────────┘ failed as a whole: asked again in halves
 *
 * While as many calls are in flight as may be, questions wait and gather; so a burst of cold reads
 * becomes few calls. The first question in a repository goes out at once; those that come while a
 * call is in flight there wait for others to come, an eighth of what a call takes at most.
 *
 * A repository that has no call in flight may send one beyond that, so that one whose calls hang
 * does not hold up the others.
 */
#ifndef ECRFS_ECR_BATCH_H
#define ECRFS_ECR_BATCH_H

#include "ecr/source.h"

struct api;
struct batcher;
struct loop;
struct registry;

/* ECR: at most 100 imageIds per BatchGetImage and DescribeImages, 100 names per
 * DescribeRepositories. */
#define BATCH_MAX_IDS 100

struct batch_kind;

/* By name: DescribeRepositories. By tag or digest: DescribeImages. By digest, and by tag:
 * BatchGetImage. */
extern const struct batch_kind batch_repositories;
extern const struct batch_kind batch_images;
extern const struct batch_kind batch_manifests;
extern const struct batch_kind batch_manifests_by_tag;

/* The one that is asked for; which member follows from the kind. `pulled` with STATUS_WRONG_BYTES
 * may have a digest: the server's name for bytes that do not hash to it. */
union batch_fn {
	repository_fn repository;
	image_fn image;
	manifest_fn manifest;
	pulled_fn pulled;
};

/* At most `max_calls` calls are in flight at a time, and as many more of repositories that have no
 * other in flight (names of repositories count as one, by registry). Borrows loop and api. Answers
 * 0 or -ENOMEM. */
int batcher_new(struct loop *loop, struct api *api, unsigned max_calls,
                struct batcher **ret_batcher);

/* After the api was freed. Questions that are still open are answered STATUS_SERVER_ERROR. Accepts
 * NULL. Threads: loop. */
void batcher_free(struct batcher *batcher);

/* Asks for `id` (a name, tag or digest) in `repository` ("" for repositories by name). The answer
 * comes exactly once, never inside this call. Strings are copied, `registry` is borrowed until
 * the answer. Answers 0, -ENOMEM, or -ECANCELED when the batcher is being freed (then no answer
 * follows). Threads: loop. */
int batcher_ask(struct batcher *batcher, const struct batch_kind *kind,
                const struct registry *registry, const char *repository, const char *id,
                union batch_fn done, void *arg);

#endif
