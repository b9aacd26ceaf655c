/* The member `config` of a manifest. */
#include "ecr/config_descriptor.h"
#include "ecr/json_fields.h"

#include <errno.h>

/* Sizes up to here are whole in JSON's numbers. */
#define SIZE_MAX_EXACT ((double)(1ULL << 53))

static int read_fields(const struct json_fields *fields, struct config_descriptor *ret_descriptor)
{
	struct config_descriptor descriptor;
	const char *digest = json_fields_text(fields, "config.digest");
	double size;

	if (!digest)
		return -ENOENT;
	if (!digest_parse(digest, &descriptor.digest) ||
	    !json_fields_number(fields, "config.size", &size) || !(size >= 0) ||
	    size > SIZE_MAX_EXACT)
		return -EBADMSG;
	descriptor.size_bytes = (uint64_t)size;
	if ((double)descriptor.size_bytes != size)
		return -EBADMSG;
	*ret_descriptor = descriptor;
	return 0;
}

int config_descriptor_read(const char *manifest, size_t size,
                           struct config_descriptor *ret_descriptor)
{
	struct json_fields *fields;
	int r = json_fields_read(manifest, size, &fields);

	if (r == 0) {
		r = read_fields(fields, ret_descriptor);
		json_fields_free(fields);
	} else if (r == -EBADMSG) {
		r = -ENOENT;
	}
	return r;
}
