/* The media types of manifests that ECR stores. */
#include "fs/media_type.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	enum media_type_kind kind;
} types[] = {
        {"application/vnd.oci.image.manifest.v1+json", MEDIA_TYPE_IMAGE},
        {"application/vnd.docker.distribution.manifest.v2+json", MEDIA_TYPE_IMAGE},
        {"application/vnd.oci.image.index.v1+json", MEDIA_TYPE_INDEX},
        {"application/vnd.docker.distribution.manifest.list.v2+json", MEDIA_TYPE_INDEX},
        {"application/vnd.docker.distribution.manifest.v1+json", MEDIA_TYPE_SCHEMA1},
        {"application/vnd.docker.distribution.manifest.v1+prettyjws", MEDIA_TYPE_SCHEMA1},
};

enum media_type_kind media_type_kind(const char *media_type)
{
	for (size_t i = 0; media_type && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(media_type, types[i].name) == 0)
			return types[i].kind;
	return MEDIA_TYPE_OTHER;
}
