/* Documents: what there is to read of images and repositories besides manifests. Their bytes are
 * kept while memory lasts. */
#ifndef ECRFS_CACHE_DOCUMENTS_H
#define ECRFS_CACHE_DOCUMENTS_H

#include "cache/core.h"

struct document;

struct documents {
	struct core *core;
	struct document *table; /* under lock */
};

void documents_init(struct documents *documents, struct core *core);
void documents_deinit(struct documents *documents);

/* As cache_get_document(), cache_peek_document() and cache_document_times(). Take the lock. */
enum cache_answer documents_get(struct documents *documents, const struct registry *registry,
                                const char *repository, const struct document_id *id,
                                struct asker *asker, struct cached_document *ret_document,
                                enum status *ret_status);
bool documents_peek(struct documents *documents, const struct registry *registry,
                    const char *repository, const struct document_id *id,
                    struct cached_document *ret_document);
void documents_times(struct documents *documents, const struct registry *registry,
                     const char *repository, const struct document_id *id, uint64_t *ret_changed_ns,
                     uint64_t *ret_until_ns);

/* Forgets those of the repositories of that name, or below that path ("" for all of them). The
 * caller holds the lock. Threads: loop. */
void documents_forget(struct documents *documents, const struct registry *registry,
                      const char *path);

/* The same for those about an image. */
void documents_forget_image(struct documents *documents, const struct registry *registry,
                            const char *repository, const struct digest *image);

/* Asks for a document that nobody has asked for, and that is not here. Takes the lock. Threads:
 * loop.
 */
void documents_fetch_ahead(struct documents *documents, const struct registry *registry,
                           const char *repository, const struct document_id *id);

#endif
