/* Documents by registry, repository, kind and digest.
 *
 * As with manifests, the repository belongs to the identity: what one repository gave proves
 * nothing about what another has, or lets this caller read.
 */
#include "cache/documents.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "ecr/name.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* Without gaps: it is hashed as it is, up to the end of its last member. */
struct identity {
	const struct registry *registry;
	struct digest digest;
	uint64_t kind;
	char repository[NAME_REPOSITORY_MAX + 1];
};

struct document {
	UT_hash_handle hh;
	struct documents *owner;
	struct budget_item item;
	struct fetch fetch;
	struct bytes *bytes; /* NULL: never fetched, or not there */
	struct digest text;  /* of these bytes, where they may change */
	uint64_t changed_ns; /* real time: since when they are these */
	uint64_t size_bytes; /* as the last one who asked says */
	size_t identity_size;
	char identity[]; /* the first identity_size bytes of a struct identity */
};

void documents_init(struct documents *documents, struct core *core)
{
	*documents = (struct documents){.core = core};
}

static void document_free(struct document *document)
{
	HASH_DEL(document->owner->table, document);
	budget_remove(&document->owner->core->budget, &document->item);
	bytes_unref(document->bytes);
	free(document);
}

void documents_deinit(struct documents *documents)
{
	struct document *document, *next;

	HASH_ITER (hh, documents->table, document, next) {
		document_free(document);
	}
}

static void document_evict(struct budget_item *item)
{
	struct document *document =
	        (struct document *)((char *)item - offsetof(struct document, item));

	if (!fetch_in_use(&document->fetch))
		document_free(document);
}

static size_t make_identity(const struct registry *registry, const char *repository,
                            const struct document_id *id, struct identity *identity)
{
	size_t length = strnlen(repository, NAME_REPOSITORY_MAX);

	*identity = (struct identity){
	        .registry = registry,
	        .digest = id->digest,
	        .kind = id->kind,
	};
	memcpy(identity->repository, repository, length);
	return offsetof(struct identity, repository) + length;
}

/* The caller holds the lock, as for the next ones. */
static struct document *document_new(struct documents *owner, const struct registry *registry,
                                     const char *repository, const struct document_id *id)
{
	struct identity identity;
	size_t identity_size = make_identity(registry, repository, id, &identity);
	struct document *document = calloc(1, sizeof(*document) + identity_size + 1);

	if (!document)
		return NULL;
	document->owner = owner;
	document->item.evict = document_evict;
	document->fetch.may_be_kept = true;
	document->identity_size = identity_size;
	memcpy(document->identity, &identity, identity_size); /* its last byte stays NUL */
	HASH_ADD_KEYPTR(hh, owner->table, document->identity, identity_size, document);
	if (!document->hh.tbl) { /* out of memory */
		free(document);
		return NULL;
	}
	document->item.bytes = budget_heap_bytes(document);
	budget_add(&owner->core->budget, &document->item);
	return document;
}

static struct document *peek(struct documents *owner, const struct registry *registry,
                             const char *repository, const struct document_id *id)
{
	struct identity identity;
	size_t identity_size = make_identity(registry, repository, id, &identity);
	struct document *document;

	HASH_FIND(hh, owner->table, &identity, identity_size, document);
	return document;
}

/* The document, which counts as used; NULL when out of memory. */
static struct document *take(struct documents *owner, const struct registry *registry,
                             const char *repository, const struct document_id *id)
{
	struct document *document = peek(owner, registry, repository, id);

	if (!document)
		return document_new(owner, registry, repository, id);
	budget_touch(&owner->core->budget, &document->item);
	return document;
}

static bool is_immutable(const struct document *document)
{
	return ((const struct identity *)document->identity)->kind == DOCUMENT_CONFIG;
}

/* These bytes, or none, are there from now on. */
static void keep_bytes(struct document *document, struct bytes *bytes, const struct digest *text)
{
	const struct core *core = document->owner->core;
	struct budget *budget = &document->owner->core->budget;

	if (!bytes || !document->bytes || !digest_equal(&document->text, text))
		document->changed_ns = clock_realtime_ns(core->clock);
	document->text = *text;
	bytes_unref(document->bytes);
	document->bytes = bytes ? bytes_ref(bytes) : NULL;
	if (!bytes)
		document->fetch.good_ns = 0;
	budget_resize(budget, &document->item,
	              budget_heap_bytes(document) + budget_heap_bytes(bytes));
	budget_touch(budget, &document->item);
}

static void arrived(void *arg, enum status status, struct bytes *bytes)
{
	struct document *document = arg;
	struct core *core = document->owner->core;
	struct digest text = {{0}};

	if (bytes && !is_immutable(document) &&
	    digest_compute(bytes->data, bytes->size, &text) < 0) {
		status = STATUS_SERVER_ERROR;
		bytes = NULL;
	}
	pthread_mutex_lock(&core->lock);
	core_count_answer(core, &document->fetch);
	if (bytes || !status_is_transient(status)) /* else older ones are as good as it gets */
		keep_bytes(document, bytes, &text);
	fetch_finish(&document->fetch, status, core_now_ns(core), &core->ready);
	core_unlock(core);
}

static void ask(struct document *document)
{
	struct core *core = document->owner->core;
	const struct identity *identity = (const struct identity *)document->identity;
	struct document_id id = {
	        .kind = (enum document_kind)identity->kind,
	        .digest = identity->digest,
	        .size_bytes = document->size_bytes,
	};

	if (core->source->ops->fetch_document(core->source, identity->registry,
	                                      identity->repository, &id, arrived, document) < 0)
		core_refused(core, &document->fetch);
}

static uint64_t ttl_ns(const struct document *document)
{
	const struct cache_config *config = &document->owner->core->config;

	return is_immutable(document) ? config->digest_ttl_ns : config->ttl_ns;
}

static void show(const struct document *document, struct cached_document *ret_document)
{
	ret_document->bytes = bytes_ref(document->bytes);
	ret_document->text = document->text;
}

static enum cache_answer get_locked(struct document *document, const struct document_id *id,
                                    struct asker *asker, struct cached_document *ret_document,
                                    bool *ret_ask, enum status *ret_status)
{
	struct core *core = document->owner->core;
	enum cache_answer answer = core_find(core, &document->fetch, ttl_ns(document), asker,
	                                     &ret_document->until_ns, ret_ask, ret_status);

	if (answer == CACHE_FOUND)
		show(document, ret_document);
	if (*ret_ask)
		document->size_bytes = id->size_bytes;
	return answer;
}

enum cache_answer documents_get(struct documents *documents, const struct registry *registry,
                                const char *repository, const struct document_id *id,
                                struct asker *asker, struct cached_document *ret_document,
                                enum status *ret_status)
{
	enum cache_answer answer = CACHE_FAILED;
	struct document *document;
	bool must_ask = false;

	pthread_mutex_lock(&documents->core->lock);
	document = take(documents, registry, repository, id);
	if (document)
		answer = get_locked(document, id, asker, ret_document, &must_ask, ret_status);
	else
		*ret_status = STATUS_NO_MEMORY;
	pthread_mutex_unlock(&documents->core->lock);
	if (must_ask)
		ask(document);
	return answer;
}

bool documents_peek(struct documents *documents, const struct registry *registry,
                    const char *repository, const struct document_id *id,
                    struct cached_document *ret_document)
{
	SCOPED_LOCK(&documents->core->lock);
	struct document *document = peek(documents, registry, repository, id);

	if (!document || !document->bytes)
		return false;
	budget_touch(&documents->core->budget, &document->item);
	show(document, ret_document);
	ret_document->until_ns = 0;
	return true;
}

void documents_times(struct documents *documents, const struct registry *registry,
                     const char *repository, const struct document_id *id, uint64_t *ret_changed_ns,
                     uint64_t *ret_until_ns)
{
	SCOPED_LOCK(&documents->core->lock);
	const struct document *document = peek(documents, registry, repository, id);
	struct asker nobody = {.start_ns = UINT64_MAX};

	*ret_changed_ns = *ret_until_ns = 0;
	if (!document || !document->bytes)
		return;
	*ret_changed_ns = document->changed_ns;
	*ret_until_ns = core_good_until_ns(documents->core, &document->fetch,
	                                   document->fetch.good_ns, ttl_ns(document), &nobody);
}

void documents_fetch_ahead(struct documents *documents, const struct registry *registry,
                           const char *repository, const struct document_id *id)
{
	struct asker nobody = {.start_ns = UINT64_MAX};
	struct core *core = documents->core;
	struct document *document;
	bool must_ask;

	pthread_mutex_lock(&core->lock);
	document = take(documents, registry, repository, id);
	must_ask = document && !document->fetch.under_way && !document->bytes &&
	           !core_has_failed(core, &document->fetch, &nobody);
	if (must_ask) {
		fetch_begin(&document->fetch, core_now_ns(core));
		document->size_bytes = id->size_bytes;
	}
	pthread_mutex_unlock(&core->lock);
	if (must_ask)
		ask(document);
}

static void forget(struct document *document)
{
	document->fetch.forgotten_ns = core_now_ns(document->owner->core);
	document_evict(&document->item);
}

void documents_forget(struct documents *documents, const struct registry *registry,
                      const char *path)
{
	struct document *document, *next;

	HASH_ITER (hh, documents->table, document, next) {
		const struct identity *identity = (const struct identity *)document->identity;

		if (identity->registry == registry && name_is_below(identity->repository, path))
			forget(document);
	}
}

void documents_forget_image(struct documents *documents, const struct registry *registry,
                            const char *repository, const struct digest *image)
{
	static const enum document_kind kinds[] = {DOCUMENT_REFERRERS, DOCUMENT_SCAN};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct document_id id = {.kind = kinds[i], .digest = *image};
		struct document *document = peek(documents, registry, repository, &id);

		if (document)
			forget(document);
	}
}
