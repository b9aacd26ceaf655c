/* A cache to be tested. */
#include "tests/unit/cache_bench.h"
#include "base/log.h"
#include "net/loop.h"
#include "tests/unit/unit_test.h"

#include <string.h>

struct cache_config cache_bench_config(void)
{
	return (struct cache_config){
	        .ttl_ns = TTL_NS,
	        .immutable_ttl_ns = 100 * TTL_NS,
	        .digest_ttl_ns = DIGEST_TTL_NS,
	        .negative_ttl_ns = NEGATIVE_TTL_NS,
	        .max_bytes = 1 << 20,
	};
}

void cache_bench_init(struct cache_bench *bench, const struct cache_config *config)
{
	*bench = (struct cache_bench){
	        .registry.account = "012345678910",
	        .reader.may_be_cut_off = true,
	};
	fake_clock_init(&bench->clock);
	fake_source_init(&bench->source);
	assert_int_equal(loop_new(&bench->loop), 0);
	assert_int_equal(log_new(&bench->clock.clock, LEVEL_ERROR, &bench->log), 0);
	assert_int_equal(cache_new(bench->loop, &bench->clock.clock, bench->log,
	                           &bench->source.source, config, &bench->cache),
	                 0);
	assert_int_equal(cache_add_registry(bench->cache, &bench->registry), 0);
}

void cache_bench_deinit(struct cache_bench *bench)
{
	cache_free(bench->cache);
	log_free(bench->log);
	loop_free(bench->loop);
	*bench = (struct cache_bench){.loop = NULL};
}

void cache_bench_pass(struct cache_bench *bench, uint64_t ns)
{
	fake_clock_advance(&bench->clock, ns);
}

void cache_bench_run(struct cache_bench *bench)
{
	loop_run_once(bench->loop);
}

static void count_wake(struct asker *asker)
{
	((struct patient *)asker)->woken++;
}

struct asker cache_bench_hasty(struct cache_bench *bench)
{
	cache_bench_pass(bench, 1); /* later than whatever was answered before */
	return (struct asker){.start_ns = clock_monotonic_ns(&bench->clock.clock)};
}

struct patient cache_bench_patient(struct cache_bench *bench)
{
	struct patient patient = {.asker = cache_bench_hasty(bench)};

	patient.asker.may_wait = true;
	patient.asker.reader = bench->reader;
	patient.asker.wake = count_wake;
	return patient;
}

void cache_bench_release(struct cache_bench *bench, struct patient *patient)
{
	cache_release(bench->cache, &patient->asker);
}

enum cache_answer cache_bench_find_image(struct cache_bench *bench, struct asker *asker,
                                         const char *tag, int *ret_digit)
{
	struct found_image found = {.image = NULL};
	enum status status = STATUS_OK;
	enum cache_answer answer = cache_find_image(bench->cache, &bench->registry, "team/app", tag,
	                                            CACHE_ASK, asker, &found, &status);

	*ret_digit = found.image ? found.image->digest.sha256[0] : 0;
	image_unref(found.image);
	return answer;
}

enum cache_answer cache_bench_list(struct cache_bench *bench, struct asker *asker,
                                   enum cache_listing listing, const char *path, char text[256])
{
	struct names_request request = {
	        .registry = &bench->registry,
	        .path = path,
	        .listing = listing,
	};
	struct listed_name names[16];
	enum status status = STATUS_OK;
	size_t n = 0;
	enum cache_answer answer =
	        cache_list(bench->cache, &request, asker, 16, names, &n, &status);

	text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (i)
			strcat(text, " ");
		strcat(text, names[i].text);
	}
	return answer;
}
