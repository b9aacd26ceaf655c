/* Files that are made again whenever they are read. */
#include "fs/generated.h"
#include "base/bytes.h"
#include "cache/image.h"
#include "tests/unit/unit_test.h"

#include <string.h>

static struct image *image_tagged(const char *tag)
{
	struct image_record record = {.tags = &tag, .n_tags = 1, .pushed_ns = 1000000000};
	struct image *image = image_new(&record, NULL);

	assert_non_null(image);
	return image;
}

/* What image.json of an image with that tag is in a directory, and its size. */
static size_t identify(const char *tag, uint64_t directory, struct digest *ret_digest)
{
	struct image *image = image_tagged(tag);
	size_t size = 0;

	assert_int_equal(generated_image_json_identify(image, directory, ret_digest, &size), 0);
	image_unref(image);
	return size;
}

static void the_text_of_an_image_is_always_the_same(void **state)
{
	struct image *one = image_tagged("v1"), *other = image_tagged("v1");
	struct bytes *first = generated_image_json(one), *second = generated_image_json(other);
	struct digest digest;

	(void)state;
	assert_int_equal(first->size, second->size);
	assert_memory_equal(first->data, second->data, first->size);
	assert_int_equal(identify("v1", 48, &digest), first->size);
	bytes_unref(first);
	bytes_unref(second);
	image_unref(one);
	image_unref(other);
}

static void another_text_or_directory_is_another_file(void **state)
{
	struct digest first, same, text, directory;

	(void)state;
	identify("v1", 48, &first);
	identify("v1", 48, &same);
	identify("v2", 48, &text);
	identify("v1", 56, &directory);
	assert_true(digest_equal(&first, &same));
	assert_false(digest_equal(&first, &text));
	assert_false(digest_equal(&first, &directory));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_text_of_an_image_is_always_the_same),
	        cmocka_unit_test(another_text_or_directory_is_another_file),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
