/* Listings as files: what was written is read, and nothing else is. */
#include "base/cleanup.h"
#include "store/listing_reader.h"
#include "store/listing_writer.h"
#include "tests/unit/unit_test.h"

#include <stdlib.h>
#include <string.h>

#define KEY  "registry 012345678910"
#define TOLD 1750000000123456789

static const struct image_record an_image = {
        .digest = {.sha256 = {1, 2, 3}},
        .tags = (const char *const[]){"v1", "latest"},
        .n_tags = 2,
        .size_bytes = 1234567890123,
        .pushed_ns = 1600000000000000001,
        .pulled_ns = 1700000000000000002,
        .media_type = "application/vnd.oci.image.manifest.v1+json",
        .artifact_type = "application/vnd.oci.image.config.v1+json",
        .state = IMAGE_ARCHIVED,
};

static const struct repository_record a_repository = {
        .name = "team/app",
        .created_ns = 1500000000000000003,
        .mutability = TAGS_IMMUTABLE_EXCEPT,
        .filters = (const char *const[]){"dev-*", "*-rc"},
        .n_filters = 2,
};

static void assert_same_image(const struct image_record *a, const struct image_record *b)
{
	assert_true(digest_equal(&a->digest, &b->digest));
	assert_int_equal(a->n_tags, b->n_tags);
	for (size_t i = 0; i < a->n_tags; i++)
		assert_string_equal(a->tags[i], b->tags[i]);
	assert_int_equal(a->size_bytes, b->size_bytes);
	assert_int_equal(a->pushed_ns, b->pushed_ns);
	assert_int_equal(a->pulled_ns, b->pulled_ns);
	assert_int_equal(a->state, b->state);
	assert_int_equal(!a->media_type, !b->media_type);
	assert_int_equal(!a->artifact_type, !b->artifact_type);
	if (a->media_type)
		assert_string_equal(a->media_type, b->media_type);
	if (a->artifact_type)
		assert_string_equal(a->artifact_type, b->artifact_type);
}

static void assert_same_repository(const struct repository_record *a,
                                   const struct repository_record *b)
{
	assert_string_equal(a->name, b->name);
	assert_int_equal(a->created_ns, b->created_ns);
	assert_int_equal(a->mutability, b->mutability);
	assert_int_equal(a->n_filters, b->n_filters);
	for (size_t i = 0; i < a->n_filters; i++)
		assert_string_equal(a->filters[i], b->filters[i]);
}

static void an_image_keeps_all_that_was_told_of_it(void **state)
{
	static const struct image_record bare = {.digest = {.sha256 = {9}}};
	struct listing_writer writer;
	struct listing_reader reader;
	struct listing_page page = {.n = 0};

	(void)state;
	listing_writer_begin(&writer, LISTING_TAGS);
	listing_write_image(&writer, &an_image);
	listing_write_image(&writer, &bare);
	listing_write_image(&writer, &an_image);
	assert_true(listing_writer_end(&writer, KEY, TOLD, 7));
	assert_true(listing_reader_open(writer.data, writer.size, LISTING_TAGS, KEY, &reader));
	assert_int_equal(reader.head.told_ns, TOLD);
	assert_int_equal(reader.head.pages, 7);
	assert_int_equal(listing_read_page(&reader, &page), 0);
	assert_int_equal(page.n, 3);
	assert_true(page.is_last);
	assert_same_image(&page.images[0], &an_image);
	assert_same_image(&page.images[1], &bare);
	assert_same_image(&page.images[2], &an_image);
	listing_page_deinit(&page);
	listing_writer_deinit(&writer);
}

static void a_repository_keeps_its_promise(void **state)
{
	static const struct repository_record bare = {.name = "bare"};
	struct listing_writer writer;
	struct listing_reader reader;
	struct listing_page page = {.n = 0};

	(void)state;
	listing_writer_begin(&writer, LISTING_REPOSITORIES);
	listing_write_repository(&writer, &bare);
	listing_write_repository(&writer, &a_repository);
	assert_true(listing_writer_end(&writer, KEY, TOLD, 7));
	assert_true(
	        listing_reader_open(writer.data, writer.size, LISTING_REPOSITORIES, KEY, &reader));
	assert_int_equal(reader.head.told_ns, TOLD);
	assert_int_equal(reader.head.pages, 7);
	assert_int_equal(listing_read_page(&reader, &page), 0);
	assert_int_equal(page.n, 2);
	assert_same_repository(&page.repositories[0], &bare);
	assert_same_repository(&page.repositories[1], &a_repository);
	listing_page_deinit(&page);
	listing_writer_deinit(&writer);
}

static void answers_by_name_have_times_of_their_own(void **state)
{
	struct listing_answer written[] = {
	        {.told_ns = 1,
	         .is_repository = true,
	         .name = "team/app",
	         .repository = a_repository},
	        {.told_ns = 2, .name = "v1", .image = an_image},
	        {.told_ns = 3, .status = STATUS_ABSENT, .name = "v2"},
	        {.told_ns = 4, .status = STATUS_DENIED, .name = "v3"},
	};
	struct listing_writer writer;
	struct listing_reader reader;
	struct listing_page page = {.n = 0};

	(void)state;
	listing_writer_begin(&writer, LISTING_ANSWERS);
	for (size_t i = 0; i < 4; i++)
		listing_write_answer(&writer, &written[i]);
	assert_true(listing_writer_end(&writer, KEY, TOLD, 7));
	assert_true(listing_reader_open(writer.data, writer.size, LISTING_ANSWERS, KEY, &reader));
	assert_int_equal(listing_read_page(&reader, &page), 0);
	assert_int_equal(page.n, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(page.answers[i].told_ns, i + 1);
		assert_int_equal(page.answers[i].status, written[i].status);
		assert_string_equal(page.answers[i].name, written[i].name);
	}
	assert_same_repository(&page.answers[0].repository, &a_repository);
	assert_same_image(&page.answers[1].image, &an_image);
	listing_page_deinit(&page);
	listing_writer_deinit(&writer);
}

static void an_account_is_a_text(void **state)
{
	struct listing_writer writer;
	struct listing_reader reader;

	(void)state;
	listing_writer_begin(&writer, LISTING_CALLER);
	listing_write_account(&writer, "012345678910");
	assert_true(listing_writer_end(&writer, KEY, TOLD, 7));
	assert_true(listing_reader_open(writer.data, writer.size, LISTING_CALLER, KEY, &reader));
	assert_string_equal(listing_read_account(&reader), "012345678910");
	assert_null(listing_read_account(&reader));
	listing_writer_deinit(&writer);
}

/* A file of so many images, each with a tag and one of `n_types` types. */
static void write_many(struct listing_writer *writer, unsigned n, unsigned n_types)
{
	listing_writer_begin(writer, LISTING_TAGS);
	for (unsigned i = 0; i < n; i++) {
		char tag[32], type[32];
		const char *tags[] = {tag};
		struct image_record image = {
		        .digest = {.sha256 = {(uint8_t)i, (uint8_t)(i >> 8)}},
		        .tags = tags,
		        .n_tags = 1,
		        .media_type = type,
		};

		snprintf(tag, sizeof(tag), "v%u", i);
		snprintf(type, sizeof(type), "type/%u", i % n_types);
		listing_write_image(writer, &image);
	}
	assert_true(listing_writer_end(writer, KEY, TOLD, 7));
}

static void long_listings_are_read_page_by_page(void **state)
{
	struct listing_writer writer;
	struct listing_reader reader;
	struct listing_page page = {.n = 0};
	unsigned n = 0;

	(void)state;
	write_many(&writer, 2500, 40);
	assert_true(listing_reader_open(writer.data, writer.size, LISTING_TAGS, KEY, &reader));
	do {
		assert_int_equal(listing_read_page(&reader, &page), 0);
		for (size_t i = 0; i < page.n; i++, n++) {
			char tag[32], type[32];

			snprintf(tag, sizeof(tag), "v%u", n);
			snprintf(type, sizeof(type), "type/%u", n % 40);
			assert_string_equal(page.images[i].tags[0], tag);
			assert_string_equal(page.images[i].media_type, type);
		}
		assert_int_equal(page.is_last, n == 2500);
	} while (!page.is_last);
	assert_int_equal(page.n, 500);
	listing_page_deinit(&page);
	listing_writer_deinit(&writer);
}

static void types_are_told_once(void **state)
{
	struct listing_writer one, none;

	(void)state;
	write_many(&one, 1000, 2);
	write_many(&none, 1000, 1);
	assert_int_equal(one.size, none.size + 1 + 2 + sizeof("type/1") - 1);
	listing_writer_deinit(&one);
	listing_writer_deinit(&none);
}

static void an_empty_listing_is_one(void **state)
{
	struct listing_writer writer;
	struct listing_reader reader;
	struct listing_page page = {.n = 0};

	(void)state;
	listing_writer_begin(&writer, LISTING_TAGS);
	assert_true(listing_writer_end(&writer, KEY, TOLD, 7));
	assert_true(listing_reader_open(writer.data, writer.size, LISTING_TAGS, KEY, &reader));
	assert_int_equal(listing_read_page(&reader, &page), 0);
	assert_int_equal(page.n, 0);
	assert_true(page.is_last);
	listing_page_deinit(&page);
	listing_writer_deinit(&writer);
}

static void no_flipped_bit_is_missed(void **state)
{
	struct listing_writer writer;
	struct listing_reader reader;

	(void)state;
	write_many(&writer, 3, 2);
	for (size_t i = 0; i < 8 * writer.size; i++) {
		writer.data[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_false(
		        listing_reader_open(writer.data, writer.size, LISTING_TAGS, KEY, &reader));
		writer.data[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_true(listing_reader_open(writer.data, writer.size, LISTING_TAGS, KEY, &reader));
	listing_writer_deinit(&writer);
}

static void no_torn_file_is_read(void **state)
{
	struct listing_writer writer;
	struct listing_reader reader;

	(void)state;
	write_many(&writer, 3, 2);
	for (size_t size = 0; size < writer.size; size++) {
		uint8_t *torn = malloc(size ? size : 1); /* of its own, so that ASan sees its end */

		assert_non_null(torn);
		memcpy(torn, writer.data, size);
		assert_false(listing_reader_open(torn, size, LISTING_TAGS, KEY, &reader));
		free(torn);
	}
	listing_writer_deinit(&writer);
}

static void another_key_or_kind_is_not_read(void **state)
{
	struct listing_writer writer;
	struct listing_reader reader;

	(void)state;
	write_many(&writer, 3, 2);
	assert_false(listing_reader_open(writer.data, writer.size, LISTING_TAGS, KEY "1", &reader));
	assert_false(listing_reader_open(writer.data, writer.size, LISTING_DIGESTS, KEY, &reader));
	listing_writer_deinit(&writer);
}

/* Another version, with a checksum that is right. */
static void another_version_is_not_read(void **state)
{
	struct listing_writer writer;
	struct listing_reader reader;
	struct digest sum;
	size_t size;

	(void)state;
	write_many(&writer, 3, 2);
	size = writer.size - LISTING_SUM_SIZE;
	writer.data[LISTING_MAGIC_SIZE]++;
	assert_int_equal(digest_compute(writer.data, size, &sum), 0);
	memcpy(writer.data + size, sum.sha256, LISTING_SUM_SIZE);
	assert_false(listing_reader_open(writer.data, writer.size, LISTING_TAGS, KEY, &reader));
	listing_writer_deinit(&writer);
}

static void what_is_too_long_is_not_written(void **state)
{
	CLEANUP(free_string) char *tag = malloc(LISTING_TEXT_MAX + 2);
	const char *tags[] = {tag};
	struct image_record image = {.tags = tags, .n_tags = 1};
	struct listing_writer writer;

	(void)state;
	assert_non_null(tag);
	memset(tag, 'a', LISTING_TEXT_MAX + 1);
	tag[LISTING_TEXT_MAX] = '\0';
	listing_writer_begin(&writer, LISTING_TAGS);
	listing_write_image(&writer, &image);
	assert_false(writer.has_failed);
	tag[LISTING_TEXT_MAX] = 'a';
	tag[LISTING_TEXT_MAX + 1] = '\0';
	listing_write_image(&writer, &image);
	assert_true(writer.has_failed);
	assert_false(listing_writer_end(&writer, KEY, TOLD, 7));
	listing_writer_deinit(&writer);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_image_keeps_all_that_was_told_of_it),
	        cmocka_unit_test(a_repository_keeps_its_promise),
	        cmocka_unit_test(answers_by_name_have_times_of_their_own),
	        cmocka_unit_test(an_account_is_a_text),
	        cmocka_unit_test(long_listings_are_read_page_by_page),
	        cmocka_unit_test(types_are_told_once),
	        cmocka_unit_test(an_empty_listing_is_one),
	        cmocka_unit_test(no_flipped_bit_is_missed),
	        cmocka_unit_test(no_torn_file_is_read),
	        cmocka_unit_test(another_key_or_kind_is_not_read),
	        cmocka_unit_test(another_version_is_not_read),
	        cmocka_unit_test(what_is_too_long_is_not_written),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
