/* A record of an image as text. */
#include "ecr/json_image.h"
#include "base/cleanup.h"
#include "ecr/json.h"
#include "tests/unit/unit_test.h"

#include <string.h>

/* What the printed text says the size is. */
static void assert_size(uint64_t bytes, const char *expected)
{
	struct image_record record = {.size_bytes = bytes, .state = IMAGE_OTHER};
	CLEANUP(free_string) char *text = json_image_print(&record);
	char member[64];

	assert_non_null(text);
	snprintf(member, sizeof(member), "\"imageSizeInBytes\":\t%s\n", expected);
	assert_non_null(strstr(text, member));
}

static void a_size_is_written_to_its_last_digit(void **state)
{
	(void)state;
	assert_size(1, "1");
	assert_size(5000000000, "5000000000");
	assert_size(9007199254740992, "9007199254740992");
}

static void a_size_that_was_not_told_is_left_out(void **state)
{
	struct image_record record = {.state = IMAGE_OTHER};
	CLEANUP(free_string) char *text = json_image_print(&record);

	(void)state;
	assert_non_null(text);
	assert_null(strstr(text, "imageSizeInBytes"));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_size_is_written_to_its_last_digit),
	        cmocka_unit_test(a_size_that_was_not_told_is_left_out),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
