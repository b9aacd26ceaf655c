/* GETXATTR and LISTXATTR: user.ecr.* of images and their files, from what an inode was last looked
 * up with; they never wait. Other namespaces are EOPNOTSUPP, so that ls stops asking. */
#include "base/cleanup.h"
#include "cache/image.h"
#include "fs/inodes.h"
#include "fs/mount.h"
#include "fs/operations.h"
#include "fs/reply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "user.ecr."

/* Writes the value, or nothing when ECR did not tell. */
typedef void (*value_fn)(const struct image *image, FILE *out);

struct attribute {
	const char *name;
	value_fn write;
};

static void write_digest(const struct image *image, FILE *out)
{
	char text[DIGEST_TEXT_SIZE];

	digest_format(&image->digest, text);
	fputs(text, out);
}

static void write_media_type(const struct image *image, FILE *out)
{
	if (image_media_type(image))
		fputs(image_media_type(image), out);
}

static void write_artifact_type(const struct image *image, FILE *out)
{
	if (image_artifact_type(image))
		fputs(image_artifact_type(image), out);
}

/* Separated by commas, which no tag has. */
static void write_tags(const struct image *image, FILE *out)
{
	const char *tag = NULL;

	for (size_t i = 0; image_is_described(image) && i < image->n_tags; i++) {
		tag = image_next_tag(image, tag);
		fprintf(out, "%s%s", i ? "," : "", tag);
	}
}

/* Seconds are as fine as anybody needs: image.json has the rest. */
static void write_time(uint64_t realtime_ns, FILE *out)
{
	char text[CLOCK_UTC_SIZE];

	if (!realtime_ns)
		return;
	clock_format_utc((int64_t)(realtime_ns / NS_PER_S), text);
	fputs(text, out);
}

static void write_pushed_at(const struct image *image, FILE *out)
{
	write_time(image->pushed_ns, out);
}

static void write_pulled_at(const struct image *image, FILE *out)
{
	write_time(image->pulled_ns, out);
}

static void write_size(const struct image *image, FILE *out)
{
	if (image->size_bytes)
		fprintf(out, "%llu", (unsigned long long)image->size_bytes);
}

static void write_status(const struct image *image, FILE *out)
{
	static const char *const texts[] = {"ACTIVE", "ARCHIVED", "ACTIVATING", ""};

	if (image_is_described(image))
		fputs(texts[image->state], out);
}

static const struct attribute attributes[] = {
        {"digest", write_digest},       {"media_type", write_media_type},
        {"tags", write_tags},           {"artifact_type", write_artifact_type},
        {"pushed_at", write_pushed_at}, {"pulled_at", write_pulled_at},
        {"size", write_size},           {"status", write_status},
};

#define COUNT (sizeof(attributes) / sizeof(attributes[0]))

/* A string of heap, "" where there is no value; NULL when out of memory. */
static char *value_of(const struct attribute *attribute, const struct image *image,
                      size_t *ret_size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_size);

	if (!out)
		return NULL;
	attribute->write(image, out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* As getxattr(2) and listxattr(2): size 0 asks for the size. */
static enum step reply_value(struct request *request, const char *value, size_t size)
{
	if (request->size == 0)
		return reply_xattr_size(request, size);
	if (size > request->size)
		return reply_error(request, ERANGE);
	return reply_data(request, value, size);
}

static const struct attribute *find_attribute(const char *name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (strcmp(attributes[i].name, name) == 0)
			return &attributes[i];
	return NULL;
}

enum step operation_getxattr(struct request *request)
{
	CLEANUP(unref_image)
	struct image *image = inodes_image(request->mount->inodes, request->inode);
	CLEANUP(free_string) char *value = NULL;
	const struct attribute *attribute = NULL;
	size_t size = 0;

	if (strncmp(request->name, "user.", strlen("user.")) != 0)
		return reply_error(request, EOPNOTSUPP);
	if (strncmp(request->name, PREFIX, strlen(PREFIX)) == 0)
		attribute = find_attribute(request->name + strlen(PREFIX));
	if (!attribute || !image)
		return reply_error(request, ENODATA);
	value = value_of(attribute, image, &size);
	if (!value)
		return reply_error(request, ENOMEM);
	return size ? reply_value(request, value, size) : reply_error(request, ENODATA);
}

static void add_names(const struct image *image, FILE *out)
{
	for (size_t i = 0; i < COUNT; i++) {
		size_t size = 0;
		CLEANUP(free_string) char *value = value_of(&attributes[i], image, &size);

		if (value && size)
			fprintf(out, PREFIX "%s%c", attributes[i].name, '\0');
	}
}

enum step operation_listxattr(struct request *request)
{
	CLEANUP(unref_image)
	struct image *image = inodes_image(request->mount->inodes, request->inode);
	CLEANUP(free_string) char *names = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&names, &size);

	if (!out)
		return reply_error(request, ENOMEM);
	if (image)
		add_names(image, out);
	if (fclose(out) != 0)
		return reply_error(request, ENOMEM);
	return reply_value(request, names, size);
}
