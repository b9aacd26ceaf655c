/* Lists of descriptors, by cJSON. */
#include "ecr/json_links.h"
#include "ecr/json_parse.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct json_links_document {
	cJSON *root;
	struct json_link links[];
};

/* Sets what the item says. Answers whether it is to be shown. */
typedef bool (*read_fn)(const cJSON *item, struct json_link *link);

static const char *get_text(const cJSON *object, const char *member)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, member));

	return text && text[0] ? text : NULL;
}

static bool read_digest(const cJSON *object, const char *member, struct digest *ret_digest)
{
	const char *text = get_text(object, member);

	return text && digest_parse(text, ret_digest);
}

static bool read_referrer(const cJSON *item, struct json_link *link)
{
	link->type = get_text(item, "artifactType");
	if (!link->type)
		link->type = get_text(item, "mediaType");
	return read_digest(item, "digest", &link->digest);
}

static bool is_unknown(const char *name)
{
	return name && strcmp(name, "unknown") == 0;
}

static bool read_attestation(const cJSON *item, struct json_link *link)
{
	const cJSON *platform = cJSON_GetObjectItemCaseSensitive(item, "platform");
	const cJSON *annotations = cJSON_GetObjectItemCaseSensitive(item, "annotations");

	link->type = get_text(annotations, "vnd.docker.reference.type");
	link->has_subject = read_digest(annotations, "vnd.docker.reference.digest", &link->subject);
	return link->type && is_unknown(get_text(platform, "os")) &&
	       is_unknown(get_text(platform, "architecture")) &&
	       read_digest(item, "digest", &link->digest);
}

/* Answers 0, -ENOENT (JSON without such a list), -EBADMSG or -ENOMEM. */
static int read_list(const char *text, size_t size, const char *member, read_fn read,
                     struct json_links *ret_links)
{
	cJSON *root;
	const cJSON *items, *item;
	struct json_links_document *document;
	size_t n = 0;
	int r = json_parse_list(text, size, member, &root, &items);

	if (r < 0)
		return r;
	document = calloc(1, sizeof(*document) + ((size_t)cJSON_GetArraySize(items) + 1) *
	                                                 sizeof(document->links[0]));
	if (!document) {
		cJSON_Delete(root);
		return -ENOMEM;
	}
	document->root = root;
	cJSON_ArrayForEach (item, items) {
		if (read(item, &document->links[n]))
			n++;
	}
	*ret_links = (struct json_links){document, document->links, n};
	return 0;
}

static int compare(const void *left, const void *right)
{
	const struct json_link *a = left, *b = right;
	int order = strcmp(a->type ? a->type : "", b->type ? b->type : "");

	return order ? order : memcmp(&a->digest, &b->digest, sizeof(a->digest));
}

int json_links_read_referrers(const char *text, size_t size, struct json_links *ret_links)
{
	int r = read_list(text, size, "referrers", read_referrer, ret_links);

	if (r == 0)
		qsort(ret_links->links, ret_links->n, sizeof(ret_links->links[0]), compare);
	return r == -ENOENT ? -EBADMSG : r;
}

int json_links_read_attestations(const char *text, size_t size, struct json_links *ret_links)
{
	return read_list(text, size, "manifests", read_attestation, ret_links);
}

void json_links_free(struct json_links_document *document)
{
	if (!document)
		return;
	cJSON_Delete(document->root);
	free(document);
}
