/* What a long listing takes of the daemon's memory. */
#include "tests/unit/cache_fixture.h"
#include "tests/unit/heap.h"

#include <stdio.h>
#include <string.h>

#define tear_down cache_fixture_tear_down

#define PAGE 1000 /* ECR: at most so many images a page */
#define TAGS 100000

#define MAX_BYTES_PER_TAG 200

/* Of the whole: what malloc keeps for the next one, and the types of images. */
#define SLACK (16 * 1024)

static int set_up(void **state)
{
	struct cache_config config = cache_bench_config();

	(void)state;
	config.max_bytes = 1 << 30;
	restart(&config);
	return 0;
}

static size_t resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long all = 0, resident = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%lu %lu", &all, &resident), 2);
	fclose(file);
	return resident * 4096;
}

static size_t counted_bytes(void)
{
	struct cache_figures figures;

	cache_figures(bench.cache, &figures);
	return figures.bytes;
}

/* Image `i` of `n`, with one tag of 7 to 10 characters; they come in no order. */
static void make_record(size_t i, size_t n, char text[static 16], const char **tag,
                        struct image_record *ret_record)
{
	size_t id = i * 7919 % n;

	snprintf(text, 16, "v%0*u", 6 + (int)(id % 4), (unsigned)id);
	*tag = text;
	*ret_record = (struct image_record){
	        .tags = tag,
	        .n_tags = 1,
	        .size_bytes = 50000000 + id,
	        .pushed_ns = (1700000000 + id) * NS_PER_S,
	        .pulled_ns = (1710000000 + id) * NS_PER_S,
	        .media_type = "application/vnd.docker.distribution.manifest.v2+json",
	        .artifact_type = "application/vnd.docker.container.image.v1+json",
	};
	memcpy(ret_record->digest.sha256, &id, sizeof(id));
}

/* Somebody waits for a new listing of the tags, which the source is asked for. */
static struct fake_question ask(struct patient *patient)
{
	char text[256];

	*patient = cache_bench_patient(&bench);
	assert_int_equal(cache_bench_list(&bench, &patient->asker, CACHE_TAGS, "team/app", text),
	                 CACHE_WAIT);
	assert_int_equal(bench.source.n_open, 1);
	bench.source.n_open = 0;
	return bench.source.open[0];
}

/* The repository has these tags and no others. */
static void list(size_t n)
{
	static char texts[PAGE][16];
	static const char *tags[PAGE];
	static struct image_record records[PAGE];
	struct patient patient;
	struct fake_question question = ask(&patient);
	size_t i = 0;

	do {
		size_t on_page = 0;

		for (; on_page < PAGE && i < n; on_page++, i++)
			make_record(i, n, texts[on_page], &tags[on_page], &records[on_page]);
		question.done.images(question.arg, STATUS_OK, records, on_page, i == n);
	} while (i < n);
	cache_bench_run(&bench);
	cache_bench_release(&bench, &patient);
	cache_bench_pass(&bench, TTL_NS);
}

static void a_tag_with_its_image_takes_less_than_200_bytes(void **state)
{
	size_t resident, heap, per_tag;

	(void)state;
	heap_skip_unless_measurable();
	list(1); /* what the repository itself takes */
	list(0);
	resident = resident_bytes();
	heap = heap_bytes();
	list(TAGS);
	per_tag = (heap_bytes() - heap) / TAGS;
	print_message("per tag: %zu bytes of heap, %zu resident, %zu counted\n", per_tag,
	              (resident_bytes() - resident) / TAGS, counted_bytes() / TAGS);
	assert_in_range(per_tag, 1, MAX_BYTES_PER_TAG);
}

static void what_is_counted_is_what_is_taken(void **state)
{
	size_t heap, counted, taken;

	(void)state;
	heap_skip_unless_measurable();
	heap = heap_bytes();
	counted = counted_bytes();
	list(TAGS);
	counted = counted_bytes() - counted;
	taken = heap_bytes() - heap;
	assert_in_range(counted, taken - taken / 10, taken + taken / 10);
}

static void tags_that_are_gone_give_their_memory_back(void **state)
{
	size_t heap, counted;

	(void)state;
	heap_skip_unless_measurable();
	list(1);
	heap = heap_bytes();
	counted = counted_bytes();
	list(TAGS);
	list(1);
	assert_true(heap_bytes() < heap + SLACK);
	assert_true(counted_bytes() < counted + SLACK);
}

static void a_listing_that_says_the_same_again_takes_no_more(void **state)
{
	size_t heap, counted;

	(void)state;
	heap_skip_unless_measurable();
	list(TAGS);
	heap = heap_bytes();
	counted = counted_bytes();
	list(TAGS);
	assert_true(heap_bytes() < heap + SLACK);
	assert_true(counted_bytes() < counted + SLACK);
}

/* Whether a directory that shows the listing gives the kernel more than names. */
static bool shows_more_than_names(void)
{
	struct names_request request = {
	        .registry = &bench.registry,
	        .path = "team/app",
	        .listing = CACHE_TAGS,
	        .going_on = true,
	        .with_more = true,
	};
	struct asker asker = cache_bench_hasty(&bench);
	enum status status = STATUS_OK;
	struct listed_name name;
	size_t n = 0;
	bool has_image;

	assert_int_equal(cache_list(bench.cache, &request, &asker, 1, &name, &n, &status),
	                 CACHE_FOUND);
	assert_int_equal(n, 1);
	has_image = name.image;
	image_unref(name.image);
	return has_image;
}

static void above_10_000_names_only_names_are_shown(void **state)
{
	(void)state;
	list(CACHE_MORE_MAX);
	assert_true(shows_more_than_names());
	list(CACHE_MORE_MAX + 1);
	assert_false(shows_more_than_names());
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_tag_with_its_image_takes_less_than_200_bytes),
	        cmocka_unit_test_fixture(what_is_counted_is_what_is_taken),
	        cmocka_unit_test_fixture(tags_that_are_gone_give_their_memory_back),
	        cmocka_unit_test_fixture(a_listing_that_says_the_same_again_takes_no_more),
	        cmocka_unit_test_fixture(above_10_000_names_only_names_are_shown),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
