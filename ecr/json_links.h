/* JSON that names other images: the referrers of an image, the attestations in an index. Threads:
 * any. */
#ifndef ECRFS_ECR_JSON_LINKS_H
#define ECRFS_ECR_JSON_LINKS_H

#include "base/digest.h"

#include <stdbool.h>

struct json_links_document;

struct json_link {
	struct digest digest;
	const char *type; /* what it is; NULL when not told */
	bool has_subject; /* an attestation: it says which child it is about */
	struct digest subject;
};

/* Those that cannot be used, without a digest, are left out. */
struct json_links {
	struct json_links_document *document; /* to be freed with json_links_free() */
	struct json_link *links;
	size_t n;
};

/* What ListImageReferrers answers, sorted by type and digest; the type is that of the artifact,
 * else of the manifest. Answers 0, -EBADMSG or -ENOMEM. */
int json_links_read_referrers(const char *text, size_t size, struct json_links *ret_links);

/* The children of an index that BuildKit calls attestations, in order: their platform is unknown,
 * and annotations `vnd.docker.reference.*` say what they are. Answers 0, -ENOENT (it is JSON, but
 * no index), -EBADMSG or -ENOMEM. */
int json_links_read_attestations(const char *text, size_t size, struct json_links *ret_links);

/* Accepts NULL. */
void json_links_free(struct json_links_document *document);

#endif
