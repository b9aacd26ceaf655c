/* By tag, and once more by digest when what came is not what the digest says: ECR converts what is
 * read by tag into a type that is accepted, and never what is read by digest.
 */
#include "ecr/pull.h"
#include "ecr/batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct pull {
	struct batcher *batcher;
	const struct registry *registry;
	struct digest digest; /* when asked by digest */
	pulled_fn pulled;
	void *arg;
	char repository[];
};

static void finish(struct pull *pull, enum status status, const struct digest *digest,
                   struct bytes *bytes)
{
	pull->pulled(pull->arg, status, digest, bytes);
	free(pull);
}

static void came_by_digest(void *arg, enum status status, struct bytes *bytes)
{
	struct pull *pull = arg;

	finish(pull, status, status == STATUS_OK ? &pull->digest : NULL, bytes);
}

static void came_by_tag(void *arg, enum status status, const struct digest *digest,
                        struct bytes *bytes)
{
	struct pull *pull = arg;
	char text[DIGEST_TEXT_SIZE];

	if (status != STATUS_WRONG_BYTES || !digest) {
		finish(pull, status, status == STATUS_OK ? digest : NULL, bytes);
		return;
	}
	pull->digest = *digest;
	digest_format(digest, text);
	if (batcher_ask(pull->batcher, &batch_manifests, pull->registry, pull->repository, text,
	                (union batch_fn){.manifest = came_by_digest}, pull) < 0)
		finish(pull, STATUS_NO_MEMORY, NULL, NULL);
}

int pull_tag(struct batcher *batcher, const struct registry *registry, const char *repository,
             const char *tag, pulled_fn pulled, void *arg)
{
	struct pull *pull = calloc(1, sizeof(*pull) + strlen(repository) + 1);
	int r;

	if (!pull)
		return -ENOMEM;
	pull->batcher = batcher;
	pull->registry = registry;
	pull->pulled = pulled;
	pull->arg = arg;
	strcpy(pull->repository, repository);
	r = batcher_ask(batcher, &batch_manifests_by_tag, registry, repository, tag,
	                (union batch_fn){.pulled = came_by_tag}, pull);
	if (r < 0)
		free(pull);
	return r;
}
