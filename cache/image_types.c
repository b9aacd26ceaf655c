/* Types of images, each pair in one block of memory. */
#include "cache/image_types.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t text_size(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static const char *put_text(char **at, const char *text)
{
	char *start = *at;

	if (!text)
		return NULL;
	*at = stpcpy(start, text) + 1;
	return start;
}

static struct image_types *types_new(const char *media_type, const char *artifact_type)
{
	struct image_types *types =
	        malloc(sizeof(*types) + text_size(media_type) + text_size(artifact_type));
	char *at;

	if (!types)
		return NULL;
	at = types->texts;
	atomic_init(&types->references, 1);
	types->media_type = put_text(&at, media_type);
	types->artifact_type = put_text(&at, artifact_type);
	return types;
}

static struct image_types *types_ref(struct image_types *types)
{
	atomic_fetch_add_explicit(&types->references, 1, memory_order_relaxed);
	return types;
}

void image_types_unref(struct image_types *types)
{
	if (types && atomic_fetch_sub_explicit(&types->references, 1, memory_order_acq_rel) == 1)
		free(types);
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static struct image_types *find(const struct known_types *known, const char *media_type,
                                const char *artifact_type)
{
	for (size_t i = 0; known && i < KNOWN_TYPES_MAX && known->types[i]; i++) {
		struct image_types *types = known->types[i];

		if (is_same(types->media_type, media_type) &&
		    is_same(types->artifact_type, artifact_type))
			return types;
	}
	return NULL;
}

static void keep(struct known_types *known, struct image_types *types)
{
	if (text_size(types->media_type) > KNOWN_TYPE_CHARS + 1 ||
	    text_size(types->artifact_type) > KNOWN_TYPE_CHARS + 1)
		return;
	image_types_unref(known->types[known->turn]);
	known->types[known->turn] = types_ref(types);
	known->turn = (known->turn + 1) % KNOWN_TYPES_MAX;
}

int image_types_get(struct known_types *known, const char *media_type, const char *artifact_type,
                    struct image_types **ret_types, bool *ret_new)
{
	struct image_types *types = find(known, media_type, artifact_type);

	*ret_new = false;
	if (types || (!media_type && !artifact_type)) {
		*ret_types = types ? types_ref(types) : NULL;
		return 0;
	}
	types = types_new(media_type, artifact_type);
	if (!types)
		return -ENOMEM;
	if (known)
		keep(known, types);
	*ret_types = types;
	*ret_new = true;
	return 0;
}

void known_types_deinit(struct known_types *known)
{
	for (size_t i = 0; i < KNOWN_TYPES_MAX; i++)
		image_types_unref(known->types[i]);
	*known = (struct known_types){.turn = 0};
}
