/* Asking for configurations, one by one. */
#include "fs/prefetch_config.h"
#include "base/bytes.h"
#include "ecr/config_descriptor.h"
#include "fs/file_kind.h"
#include "fs/options.h"
#include "fs/prefetch_repository.h"
#include "fs/prefetch_work.h"

#include <errno.h>
#include <stdlib.h>

struct config {
	struct prefetch_repository *repository;
	struct digest digest;
};

static void config_arrived(void *arg, enum status status, struct bytes *bytes)
{
	struct config *config = arg;
	struct prefetch_repository *repository = config->repository;
	struct prefetch_work *work = repository->work;

	repository->n_configs--;
	work->n_configs--;
	if (!work->is_stopping && bytes)
		prefetch_work_count(work, &work->counts.bytes, bytes->size);
	else if (!work->is_stopping && status != STATUS_ABSENT)
		prefetch_repository_miss(repository, &config->digest, status_text(status));
	free(config);
	if (!work->is_stopping)
		prefetch_work_go_on(work);
}

void prefetch_config_want(struct prefetch_repository *repository, const struct bytes *bytes)
{
	struct source *source = repository->work->source;
	struct document_id id = {.kind = DOCUMENT_CONFIG};
	struct config_descriptor descriptor;
	struct config *config;
	int r;

	if (!(repository->work->options->show & SHOW_CONFIG) ||
	    config_descriptor_read(bytes->data, bytes->size, &descriptor) != 0)
		return;
	id.digest = descriptor.digest;
	id.size_bytes = descriptor.size_bytes;
	config = calloc(1, sizeof(*config));
	if (config)
		*config = (struct config){repository, descriptor.digest};
	r = config ? source->ops->fetch_document(source, repository->registry, repository->name,
	                                         &id, config_arrived, config)
	           : -ENOMEM;
	if (r < 0) {
		free(config);
		prefetch_repository_miss(repository, &descriptor.digest,
		                         status_text(STATUS_NO_MEMORY));
		return;
	}
	repository->n_configs++;
	repository->work->n_configs++;
}
