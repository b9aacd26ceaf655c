/* A cache whose source remembers what the test says. */
#include "tests/unit/recall_fixture.h"

bool is_first_page;

int recall_fixture_set_up(void **state)
{
	struct cache_config config = cache_bench_config();

	(void)state;
	is_first_page = true;
	config.stale_after_ns = NS_PER_S;
	config.stale_ttl_ns = STALE_TTL_NS;
	restart(&config);
	fake_source_remember(&bench.source);
	return 0;
}

uint64_t ago(uint64_t ns)
{
	return clock_realtime_ns(&bench.clock.clock) - ns;
}

void recall_repositories(const char *name, uint64_t told_ns, bool is_last)
{
	struct repository_record record = {.name = name, .mutability = bench.source.mutability};
	struct recalled recalled = {
	        .kind = RECALLED_REPOSITORIES,
	        .told_ns = told_ns,
	        .repositories = &record,
	        .n = 1,
	        .is_first = is_first_page,
	        .is_last = is_last,
	        .pages = 1,
	};

	fake_source_recall(&bench.source, NULL, &recalled);
	is_first_page = is_last;
}

void recall_images(enum recalled_kind kind, const char *tag, int digit, uint64_t told_ns,
                   bool is_last)
{
	struct image_record record = {.digest = fake_digest(digit), .tags = &tag, .n_tags = 1};
	struct recalled recalled = {
	        .kind = kind,
	        .told_ns = told_ns,
	        .name = tag,
	        .images = &record,
	        .n = 1,
	        .is_first = is_first_page,
	        .is_last = is_last,
	        .pages = 1,
	};

	fake_source_recall(&bench.source, "team/app", &recalled);
	if (kind != RECALLED_IMAGE)
		is_first_page = is_last;
}

void recall_refusal(enum recalled_kind kind, const char *name, enum status status, uint64_t told_ns)
{
	struct recalled recalled = {
	        .kind = kind, .told_ns = told_ns, .name = name, .status = status};

	fake_source_recall(&bench.source, "team/app", &recalled);
}

void end_of_registry(void)
{
	fake_source_recall(&bench.source, NULL, NULL);
}

void end_of_repository(void)
{
	fake_source_recall(&bench.source, "team/app", NULL);
}

enum cache_answer list(struct asker *asker, enum cache_listing listing, const char *path,
                       const char *expected)
{
	char text[256];
	enum cache_answer answer = cache_bench_list(&bench, asker, listing, path, text);

	if (answer == CACHE_FOUND)
		assert_string_equal(text, expected);
	return answer;
}

enum cache_answer find(struct asker *asker, const char *tag, int expected)
{
	int digit;
	enum cache_answer answer = cache_bench_find_image(&bench, asker, tag, &digit);

	if (answer == CACHE_FOUND)
		assert_int_equal(digit, expected);
	return answer;
}

enum cache_answer find_repository(struct asker *asker)
{
	enum status status;
	uint64_t until_ns;

	return cache_find_repository(bench.cache, &bench.registry, "team/app", asker, &until_ns,
	                             &status);
}

void pass_registry(struct patient *patient)
{
	assert_int_equal(list(&patient->asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	end_of_registry();
}

void remember_tags(struct patient *patient, uint64_t told_ns)
{
	*patient = cache_bench_patient(&bench);
	pass_registry(patient);
	assert_int_equal(list(&patient->asker, CACHE_TAGS, "team/app", ""), CACHE_WAIT);
	recall_images(RECALLED_TAGS, "v1", 3, told_ns, false);
	recall_images(RECALLED_TAGS, "v2", 4, told_ns, true);
	end_of_repository();
}

unsigned asked_ecr(void)
{
	unsigned asked = 0;

	for (int kind = 0; kind < FAKE_KINDS; kind++)
		if (kind != FAKE_RECALL_REGISTRY && kind != FAKE_RECALL_REPOSITORY)
			asked += bench.source.asked[kind];
	return asked;
}

void ask_in_vain(enum status status)
{
	struct patient patient = cache_bench_patient(&bench);

	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", ""), CACHE_WAIT);
	fake_source_fail_listing(&bench.source, FAKE_LIST_IMAGES, status);
	cache_bench_release(&bench, &patient);
}

enum cache_answer at_hand(void)
{
	struct asker asker = cache_bench_hasty(&bench);

	return list(&asker, CACHE_TAGS, "team/app", "v1 v2");
}
