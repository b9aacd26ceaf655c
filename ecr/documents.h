/* Documents: answers of the API that are shown as they are, pretty-printed, all pages of them in
 * one. One row for each kind. */
#ifndef ECRFS_ECR_DOCUMENTS_H
#define ECRFS_ECR_DOCUMENTS_H

#include "ecr/source.h"

struct api;

/* All pages of one together. The loop thread reads and prints them at some 100 MB/s, and they are
 * in memory as a whole; a finding of Amazon Inspector has some 2 KB. */
#define DOCUMENTS_MAX_BYTES ((size_t)8 << 20)

/* Asks for a document other than DOCUMENT_CONFIG. Borrows api and registry until the answer.
 * Answers 0, -ENOMEM or -ECANCELED: then `fetched` does not follow. Threads: loop. */
int documents_ask(struct api *api, const struct registry *registry, const char *repository,
                  const struct document_id *id, document_fn fetched, void *arg);

#endif
