/* Writes request bodies: objects of strings, lists of strings and lists of image ids. */
#include "ecr/body.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ECR: maxResults of the Describe and List operations is at most 1,000, that of ListImageReferrers
 * 50. */
#define PAGE_SIZE           1000
#define REFERRERS_PAGE_SIZE 50

/* All types that ECR is known to store; without the right one a read by tag would be converted. */
static const char *const accepted_media_types[] = {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
        "application/vnd.docker.distribution.manifest.v1+json",
};

struct body {
	FILE *stream; /* NULL when out of memory: then nothing is written */
	char *text;
	size_t size;
	bool has_members;
};

static void begin(struct body *body)
{
	*body = (struct body){0};
	body->stream = open_memstream(&body->text, &body->size);
	if (body->stream)
		fputc('{', body->stream);
}

/* Answers the text, or NULL. */
static char *end(struct body *body)
{
	bool failed;

	if (!body->stream)
		return NULL;
	fputc('}', body->stream);
	failed = ferror(body->stream);
	if (fclose(body->stream) == 0 && !failed)
		return body->text;
	free(body->text);
	return NULL;
}

static void write_string(struct body *body, const char *text)
{
	fputc('"', body->stream);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(body->stream, "\\%c", *text);
		else if ((unsigned char)*text < ' ')
			fprintf(body->stream, "\\u%04x", (unsigned)*text);
		else
			fputc(*text, body->stream);
	}
	fputc('"', body->stream);
}

/* The name of a member; its value is to follow. Answers whether there is a body to write to. */
static bool write_member(struct body *body, const char *name)
{
	if (!body->stream)
		return false;
	fprintf(body->stream, "%s\"%s\":", body->has_members ? "," : "", name);
	body->has_members = true;
	return true;
}

static void add_string(struct body *body, const char *member, const char *text)
{
	if (write_member(body, member))
		write_string(body, text);
}

static void add_strings(struct body *body, const char *member, const char *const *texts, size_t n)
{
	if (!write_member(body, member))
		return;
	for (size_t i = 0; i < n; i++) {
		fputc(i ? ',' : '[', body->stream);
		write_string(body, texts[i]);
	}
	fputc(']', body->stream);
}

static void add_image_ids(struct body *body, const char *const *ids, size_t n)
{
	if (!write_member(body, "imageIds"))
		return;
	for (size_t i = 0; i < n; i++) {
		fprintf(body->stream, "%s{\"%s\":", i ? "," : "[",
		        strchr(ids[i], ':') ? "imageDigest" : "imageTag");
		write_string(body, ids[i]);
		fputc('}', body->stream);
	}
	fputc(']', body->stream);
}

static void add_page_of(struct body *body, unsigned size, const char *next_token)
{
	if (write_member(body, "maxResults"))
		fprintf(body->stream, "%u", size);
	if (next_token)
		add_string(body, "nextToken", next_token);
}

static void add_page(struct body *body, const char *next_token)
{
	add_page_of(body, PAGE_SIZE, next_token);
}

/* An object with the digest of one image. */
static void add_digest(struct body *body, const char *member, const char *digest)
{
	if (!write_member(body, member))
		return;
	fputs("{\"imageDigest\":", body->stream);
	write_string(body, digest);
	fputc('}', body->stream);
}

char *body_list_repositories(const char *next_token)
{
	struct body body;

	begin(&body);
	add_page(&body, next_token);
	return end(&body);
}

char *body_find_repositories(const char *const *names, size_t n)
{
	struct body body;

	begin(&body);
	add_strings(&body, "repositoryNames", names, n);
	return end(&body);
}

char *body_list_images(const char *repository, enum image_scope scope, bool any_status,
                       const char *next_token)
{
	struct body body;

	begin(&body);
	add_string(&body, "repositoryName", repository);
	if (write_member(&body, "filter"))
		fprintf(body.stream, "{\"tagStatus\":\"%s\"%s}",
		        scope == IMAGES_TAGGED ? "TAGGED" : "ANY",
		        any_status ? ",\"imageStatus\":\"ANY\"" : "");
	add_page(&body, next_token);
	return end(&body);
}

char *body_find_images(const char *repository, const char *const *ids, size_t n)
{
	struct body body;

	begin(&body);
	add_string(&body, "repositoryName", repository);
	add_image_ids(&body, ids, n);
	return end(&body);
}

char *body_one_repository(const char *repository, const char *digest, const char *next_token)
{
	(void)digest;
	(void)next_token;
	return body_find_repositories(&repository, 1);
}

char *body_repository(const char *repository, const char *digest, const char *next_token)
{
	struct body body;

	(void)digest;
	(void)next_token;
	begin(&body);
	add_string(&body, "repositoryName", repository);
	return end(&body);
}

char *body_list_referrers(const char *repository, const char *digest, const char *next_token)
{
	struct body body;

	begin(&body);
	add_string(&body, "repositoryName", repository);
	add_digest(&body, "subjectId", digest);
	add_page_of(&body, REFERRERS_PAGE_SIZE, next_token);
	return end(&body);
}

char *body_find_scan(const char *repository, const char *digest, const char *next_token)
{
	struct body body;

	begin(&body);
	add_string(&body, "repositoryName", repository);
	add_digest(&body, "imageId", digest);
	add_page(&body, next_token);
	return end(&body);
}

char *body_find_layer(const char *repository, const char *digest)
{
	struct body body;

	begin(&body);
	add_string(&body, "repositoryName", repository);
	add_string(&body, "layerDigest", digest);
	return end(&body);
}

char *body_fetch_manifests(const char *repository, const char *const *ids, size_t n)
{
	struct body body;

	begin(&body);
	add_string(&body, "repositoryName", repository);
	add_image_ids(&body, ids, n);
	add_strings(&body, "acceptedMediaTypes", accepted_media_types,
	            sizeof(accepted_media_types) / sizeof(accepted_media_types[0]));
	return end(&body);
}
