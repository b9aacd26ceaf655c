/* JSON that names other images and blobs: referrers, the attestations in an index, the
 * configuration of an image.
 */
#include "ecr/config_descriptor.h"
#include "ecr/json_links.h"
#include "fs/links.h"
#include "fs/path.h"
#include "tests/fuzz/fuzz.h"

#include <ctype.h>
#include <errno.h>

/* Whole numbers of JSON end here. */
#define MAX_SIZE (1ULL << 53)

/* Whether the digest stands in the text, but for what is escaped there. */
static bool is_told(const struct digest *digest, const char *text, size_t size)
{
	char hex[DIGEST_HEX_SIZE];

	digest_format_hex(digest, hex);
	return memmem(text, size, hex, strlen(hex)) || memchr(text, '\\', size);
}

/* It is one component, and ends with digits of the digest. */
static void check_name(const char *name, const struct json_link *link)
{
	const char *digits = strrchr(name, '-');
	char hex[DIGEST_HEX_SIZE];

	digest_format_hex(&link->digest, hex);
	MUST(strlen(name) <= NAME_COMPONENT_MAX && name[0] != '.');
	for (const char *c = name; *c; c++)
		MUST(isalnum((unsigned char)*c) || strchr("._+-", *c));
	MUST(digits && strlen(digits + 1) >= 12);
	MUST(strncmp(hex, digits + 1, strlen(digits + 1)) == 0);
}

static void check_links(const struct json_links *links, const char *text, size_t size)
{
	char name[LINKS_NAME_SIZE], next[LINKS_NAME_SIZE];

	for (size_t i = 0; i < links->n; i++) {
		const struct json_link *link = &links->links[i];

		MUST(is_told(&link->digest, text, size));
		MUST(!link->has_subject || is_told(&link->subject, text, size));
		MUST(!link->type || (link->type[0] && strlen(link->type) <= size));
		links_name(links, i, name);
		check_name(name, link);
		if (i + 1 == links->n || digest_equal(&link->digest, &link[1].digest))
			continue;
		links_name(links, i + 1, next);
		MUST(strcmp(name, next) != 0);
	}
}

static void check_referrers(const char *text, size_t size)
{
	struct json_links links;
	int r = json_links_read_referrers(text, size, &links);

	MUST(r == 0 || r == -EBADMSG);
	if (r < 0)
		return;
	check_links(&links, text, size);
	for (size_t i = 0; i < links.n; i++) {
		const struct json_link *link = &links.links[i];

		MUST(!link->has_subject);
		if (i > 0)
			MUST(strcmp(link[-1].type ? link[-1].type : "",
			            link->type ? link->type : "") <= 0);
	}
	json_links_free(links.document);
}

static void check_attestations(const char *text, size_t size)
{
	struct json_links links;
	int r = json_links_read_attestations(text, size, &links);

	MUST(r == 0 || r == -EBADMSG || r == -ENOENT);
	if (r < 0)
		return;
	check_links(&links, text, size);
	for (size_t i = 0; i < links.n; i++)
		MUST(links.links[i].type);
	json_links_free(links.document);
}

/* A descriptor is found again where nothing else is. */
static void check_config(const char *manifest, size_t size)
{
	struct config_descriptor descriptor, again;
	int r = config_descriptor_read(manifest, size, &descriptor);
	char digest[DIGEST_TEXT_SIZE], text[200];

	MUST(r == 0 || r == -EBADMSG || r == -ENOENT);
	if (r < 0)
		return;
	MUST(is_told(&descriptor.digest, manifest, size) && descriptor.size_bytes <= MAX_SIZE);
	digest_format(&descriptor.digest, digest);
	snprintf(text, sizeof(text), "{\"config\":{\"size\":%llu,\"digest\":\"%s\"}}",
	         (unsigned long long)descriptor.size_bytes, digest);
	MUST(config_descriptor_read(text, strlen(text), &again) == 0);
	MUST(digest_equal(&again.digest, &descriptor.digest));
	MUST(again.size_bytes == descriptor.size_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	check_referrers(text, size);
	check_attestations(text, size);
	check_config(text, size);
	return 0;
}
