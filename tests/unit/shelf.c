/* Many tags, read one after the other. */
#include "tests/unit/shelf.h"
#include "base/bytes.h"

#include <stdio.h>

#define TEXT_SIZE 80

/* No multiple of it is one of a number of tags. */
#define STRIDE 7919

static int rank_of(const struct shelf *shelf, int place)
{
	return place * STRIDE % shelf->n;
}

int shelf_place(const struct shelf *shelf, int rank)
{
	int place = 1;

	while (rank_of(shelf, place) != rank)
		place++;
	return place;
}

int shelf_digit(const struct shelf *shelf, int place)
{
	return shelf->first + (shelf->n_digests ? place % shelf->n_digests : place);
}

unsigned shelf_asked(const struct cache_bench *bench, const struct shelf *shelf, int place)
{
	return bench->source.asked_digest[shelf_digit(shelf, place)];
}

static enum cache_listing listing_of(const struct shelf *shelf)
{
	return shelf->listing == CACHE_DIGESTS ? CACHE_DIGESTS : CACHE_TAGS;
}

static void name_place(const struct shelf *shelf, int place, char text[static TEXT_SIZE])
{
	struct digest digest = fake_digest(shelf_digit(shelf, place));

	if (listing_of(shelf) == CACHE_DIGESTS)
		digest_format(&digest, text);
	else
		snprintf(text, TEXT_SIZE, "t%04d", rank_of(shelf, place));
}

void shelf_fill(struct cache_bench *bench, const struct shelf *shelf)
{
	static struct image_record records[SHELF_MAX];
	static char texts[SHELF_MAX][TEXT_SIZE];
	static const char *tags[SHELF_MAX];

	assert_true(shelf->n <= SHELF_MAX);
	for (int i = 0; i < shelf->n; i++) {
		int place = i + 1;
		bool is_archived = shelf->archived_every && place % shelf->archived_every == 0;

		snprintf(texts[i], TEXT_SIZE, "t%04d", rank_of(shelf, place));
		tags[i] = texts[i];
		records[i] = (struct image_record){
		        .digest = fake_digest(shelf_digit(shelf, place)),
		        .tags = &tags[i],
		        .n_tags = 1,
		        .pushed_ns = NS_PER_S,
		        .state = is_archived ? IMAGE_ARCHIVED : IMAGE_ACTIVE,
		};
	}
	fake_source_records(&bench->source, shelf->repository, records, (size_t)shelf->n, true);
	cache_bench_run(bench);
}

void shelf_list(struct cache_bench *bench, const struct shelf *shelf)
{
	struct patient patient = cache_bench_patient(bench);
	enum cache_answer answer;
	char text[256];

	answer =
	        cache_bench_list(bench, &patient.asker, listing_of(shelf), shelf->repository, text);
	if (answer == CACHE_WAIT)
		shelf_fill(bench, shelf);
	else
		assert_int_equal(answer, CACHE_FOUND);
	cache_bench_release(bench, &patient);
}

static void look(struct cache_bench *bench, const struct shelf *shelf, int place, bool was_walked)
{
	struct digest digest = fake_digest(shelf_digit(shelf, place));
	char text[TEXT_SIZE];

	name_place(shelf, place, text);
	cache_meet_manifest(bench->cache, &bench->registry, shelf->repository, listing_of(shelf),
	                    text, &digest, was_walked);
	cache_bench_run(bench);
}

void shelf_look(struct cache_bench *bench, const struct shelf *shelf, int place)
{
	look(bench, shelf, place, false);
}

void shelf_look_after_walk(struct cache_bench *bench, const struct shelf *shelf, int place)
{
	look(bench, shelf, place, true);
}

bool shelf_tell(struct cache_bench *bench, const struct shelf *shelf, int place)
{
	struct digest digest = fake_digest(shelf_digit(shelf, place));
	char text[TEXT_SIZE];
	size_t size = 0;
	bool is_told;

	name_place(shelf, place, text);
	is_told = cache_tell_manifest_size(bench->cache, &bench->registry, shelf->repository,
	                                   listing_of(shelf), text, &digest, &size);
	assert_int_equal(size != 0, is_told);
	cache_bench_run(bench);
	return is_told;
}

enum cache_answer shelf_get(struct cache_bench *bench, const struct shelf *shelf, int place,
                            struct asker *asker)
{
	struct digest digest = fake_digest(shelf_digit(shelf, place));
	struct bytes *bytes = NULL;
	enum status status = STATUS_OK;
	enum cache_answer answer = cache_get_manifest(
	        bench->cache, &bench->registry, shelf->repository, &digest, asker, &bytes, &status);

	assert_int_equal(bytes != NULL, answer == CACHE_FOUND);
	bytes_unref(bytes);
	cache_bench_run(bench);
	return answer;
}

void shelf_read_text(struct cache_bench *bench, const struct shelf *shelf, int place,
                     const char *text)
{
	struct asker hasty;
	struct patient patient;

	shelf_look(bench, shelf, place);
	hasty = cache_bench_hasty(bench);
	if (shelf_get(bench, shelf, place, &hasty) == CACHE_FOUND) {
		fake_source_manifests(&bench->source, SIZE_MAX, STATUS_OK, text);
		cache_bench_run(bench);
		return;
	}
	patient = cache_bench_patient(bench);
	assert_int_equal(shelf_get(bench, shelf, place, &patient.asker), CACHE_WAIT);
	fake_source_manifests(&bench->source, SIZE_MAX, STATUS_OK, text);
	cache_bench_run(bench);
	assert_int_equal(patient.woken, 1);
	assert_int_equal(shelf_get(bench, shelf, place, &patient.asker), CACHE_FOUND);
	cache_bench_release(bench, &patient);
	cache_bench_run(bench);
}

void shelf_read(struct cache_bench *bench, const struct shelf *shelf, int place)
{
	shelf_read_text(bench, shelf, place, "{}");
}

void shelf_answer_all(struct cache_bench *bench)
{
	while (bench->source.n_open) {
		fake_source_manifests(&bench->source, SIZE_MAX, STATUS_OK, "{}");
		while (fake_source_is_open(&bench->source, FAKE_LIST_IMAGES, NULL))
			fake_source_fail_listing(&bench->source, FAKE_LIST_IMAGES, STATUS_ABSENT);
		cache_bench_run(bench);
	}
}

void shelf_restart(unsigned calls, size_t max_bytes)
{
	struct cache_config config = cache_bench_config();

	config.readahead_calls = calls;
	config.max_bytes = max_bytes;
	restart(&config);
}

int shelf_tear_down(void **state)
{
	shelf_answer_all(&bench);
	return cache_fixture_tear_down(state);
}
