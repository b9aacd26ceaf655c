/* JSON about single images: a record as text, and the platforms of an index. Threads: any. */
#ifndef ECRFS_ECR_JSON_IMAGE_H
#define ECRFS_ECR_JSON_IMAGE_H

#include "ecr/source.h"

/* The record with the member names of DescribeImages, pretty-printed, a newline at its end. Times
 * are UTC in ISO 8601, as the AWS CLI prints them; what ECR did not tell is left out. A string of
 * heap, or NULL when out of memory. */
char *json_image_print(const struct image_record *record);

struct platform {
	const char *os;
	const char *architecture;
	const char *variant;    /* NULL where there is none, as is the next one */
	const char *os_version; /* "10.0.17763.1234", of Windows images */
	struct digest digest;
};

/* The children of an OCI index or docker manifest list that are images of a platform; attestations
 * ("unknown/unknown") are left out. */
struct json_index;
struct json_platforms {
	struct json_index *document; /* to be freed with json_index_free() */
	const struct platform *platforms;
	size_t n;
};

/* Answers 0, -ENOENT (it is JSON, but no index), -EBADMSG or -ENOMEM. */
int json_index_read(const char *text, size_t size, struct json_platforms *ret_platforms);
void json_index_free(struct json_index *index);

#endif
