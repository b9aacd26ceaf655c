/* One image, and the types that it shares with others. */
#include "cache/image.h"
#include "tests/unit/unit_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define CONFIG   "application/vnd.oci.image.config.v1+json"

static struct known_types known;
static bool memory_fails;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

/* In place of the C library's for our own code (see CMakeLists.txt). */
void *__wrap_malloc(size_t size)
{
	return memory_fails ? NULL : __real_malloc(size);
}

static int set_up(void **state)
{
	(void)state;
	memory_fails = false;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	known_types_deinit(&known);
	return 0;
}

static struct image *image_of(const char *media_type, const char *artifact_type)
{
	const struct image_record record = {
	        .media_type = media_type,
	        .artifact_type = artifact_type,
	};
	struct image *image = image_new(&record, &known);

	assert_non_null(image);
	return image;
}

static void it_says_what_the_record_said(void **state)
{
	const char *tags[] = {"v1", "latest"};
	const struct image_record record = {
	        .digest.sha256 = {7},
	        .tags = tags,
	        .n_tags = 2,
	        .size_bytes = 1,
	        .pushed_ns = 2,
	        .pulled_ns = 3,
	        .media_type = MANIFEST,
	        .artifact_type = CONFIG,
	        .state = IMAGE_OTHER,
	};
	struct image *image = image_new(&record, NULL);

	(void)state;
	assert_non_null(image);
	assert_true(digest_equal(&image->digest, &record.digest));
	assert_int_equal(image->size_bytes, 1);
	assert_int_equal(image->pushed_ns, 2);
	assert_int_equal(image->pulled_ns, 3);
	assert_int_equal(image->state, IMAGE_OTHER);
	assert_string_equal(image_media_type(image), MANIFEST);
	assert_string_equal(image_artifact_type(image), CONFIG);
	image_unref(image);
}

/* The tags of an image, joined with blanks. Static storage. */
static const char *tags_of(const struct image *image)
{
	static char text[64];
	const char *tag = NULL;

	text[0] = '\0';
	while ((tag = image_next_tag(image, tag))) {
		strcat(text, text[0] ? " " : "");
		strcat(text, tag);
	}
	return text;
}

static void it_has_all_tags_but_empty_ones(void **state)
{
	const char *tags[] = {"", "v1", "", "latest", ""};
	const struct image_record record = {.tags = tags, .n_tags = 5};
	struct image *image = image_new(&record, NULL);

	(void)state;
	assert_string_equal(tags_of(image), "v1 latest");
	assert_int_equal(image->n_tags, 2);
	image_unref(image);
}

static void it_may_have_no_tag_and_no_type(void **state)
{
	struct image *image = image_of(NULL, NULL);

	(void)state;
	assert_string_equal(tags_of(image), "");
	assert_int_equal(image->n_tags, 0);
	assert_null(image_media_type(image));
	assert_null(image_artifact_type(image));
	image_unref(image);
}

static void images_of_one_kind_share_its_types(void **state)
{
	struct image *first = image_of(MANIFEST, CONFIG), *second = image_of(MANIFEST, CONFIG);
	struct image *third = image_of(MANIFEST, NULL), *fourth = image_of(NULL, MANIFEST);

	(void)state;
	assert_ptr_equal(first->types, second->types);
	assert_ptr_not_equal(first->types, third->types);
	assert_null(image_artifact_type(third));
	assert_null(image_media_type(fourth));
	assert_string_equal(image_artifact_type(fourth), MANIFEST);
	assert_true(image_bytes(first) > image_bytes(second) + strlen(MANIFEST));
	image_unref(first);
	image_unref(second);
	image_unref(third);
	image_unref(fourth);
}

static void types_outlive_the_cache(void **state)
{
	struct image *image = image_of(MANIFEST, CONFIG), *other = image_of(MANIFEST, CONFIG);

	(void)state;
	known_types_deinit(&known);
	image_unref(image);
	assert_string_equal(image_media_type(other), MANIFEST);
	image_unref(other);
}

static void more_kinds_than_are_known_are_kept_as_well(void **state)
{
	struct image *images[3 * KNOWN_TYPES_MAX];
	char text[32];

	(void)state;
	for (int i = 0; i < 3 * KNOWN_TYPES_MAX; i++) {
		snprintf(text, sizeof(text), "type/%d", i);
		images[i] = image_of(text, NULL);
	}
	for (int i = 0; i < 3 * KNOWN_TYPES_MAX; i++) {
		snprintf(text, sizeof(text), "type/%d", i);
		assert_string_equal(image_media_type(images[i]), text);
		assert_true(image_bytes(images[i]) > strlen(text) + sizeof(struct image));
		image_unref(images[i]);
	}
}

/* Else a server could have the cache keep them, uncounted. */
static void endless_types_are_their_images_own(void **state)
{
	char text[1000] = "";
	struct image *first, *second;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	first = image_of(text, NULL);
	second = image_of(text, NULL);
	assert_ptr_not_equal(first->types, second->types);
	assert_string_equal(image_media_type(second), text);
	assert_true(image_bytes(second) > sizeof(text));
	image_unref(first);
	image_unref(second);
}

static void without_memory_there_is_none(void **state)
{
	const struct image_record record = {.media_type = MANIFEST};

	(void)state;
	memory_fails = true;
	assert_null(image_new(&record, &known));
	memory_fails = false;
	image_unref(image_of(MANIFEST, NULL));
	image_unref(NULL);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(it_says_what_the_record_said),
	        cmocka_unit_test_fixture(it_has_all_tags_but_empty_ones),
	        cmocka_unit_test_fixture(it_may_have_no_tag_and_no_type),
	        cmocka_unit_test_fixture(images_of_one_kind_share_its_types),
	        cmocka_unit_test_fixture(types_outlive_the_cache),
	        cmocka_unit_test_fixture(more_kinds_than_are_known_are_kept_as_well),
	        cmocka_unit_test_fixture(endless_types_are_their_images_own),
	        cmocka_unit_test_fixture(without_memory_there_is_none),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
