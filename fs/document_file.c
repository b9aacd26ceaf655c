/* Texts that change are identified, and read as they were. */
#include "fs/document_file.h"
#include "base/bytes.h"
#include "fs/mount.h"

/* Answers whether OpenSSL could. */
static bool identify(const struct document_id *id, const struct digest *text,
                     struct digest *ret_digest)
{
	struct digest both[2] = {*text, id->digest};

	return digest_compute(both, sizeof(both), ret_digest) == 0;
}

enum cache_answer document_file_look_up(struct request *request, const char *repository,
                                        const struct document_id *id, struct file_facts *facts,
                                        enum status *ret_status)
{
	struct cached_document document;
	enum cache_answer answer =
	        cache_get_document(request->mount->cache, request->inode->registry, repository, id,
	                           &request->asker, &document, ret_status);
	bool is_identified;

	if (answer != CACHE_FOUND)
		return answer;
	facts->size = document.bytes->size;
	facts->until_ns = document.until_ns;
	is_identified = identify(id, &document.text, &facts->digest);
	bytes_unref(document.bytes);
	*ret_status = STATUS_SERVER_ERROR; /* unless it is identified */
	return is_identified ? CACHE_FOUND : CACHE_FAILED;
}

/* Takes the document's bytes, if they are those of the inode. */
static bool take(const struct request *request, const struct document_id *id,
                 struct cached_document *document, struct bytes **ret_bytes)
{
	struct digest digest;

	if (identify(id, &document->text, &digest) &&
	    digest_equal(&digest, &request->inode->digest)) {
		*ret_bytes = document->bytes;
		return true;
	}
	bytes_unref(document->bytes);
	return false;
}

enum cache_answer document_file_get(struct request *request, const char *repository,
                                    const struct document_id *id, struct bytes **ret_bytes,
                                    enum status *ret_status)
{
	const struct registry *registry = request->inode->registry;
	struct cache *cache = request->mount->cache;
	struct cached_document document;
	enum cache_answer answer;

	if (cache_peek_document(cache, registry, repository, id, &document) &&
	    take(request, id, &document, ret_bytes))
		return CACHE_FOUND;
	answer = cache_get_document(cache, registry, repository, id, &request->asker, &document,
	                            ret_status);
	if (answer == CACHE_FOUND && !take(request, id, &document, ret_bytes))
		return CACHE_ABSENT;
	return answer;
}
