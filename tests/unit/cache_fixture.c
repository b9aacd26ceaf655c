/* The cache_bench of a test program. */
#include "tests/unit/cache_fixture.h"

struct cache_bench bench;

void restart(const struct cache_config *config)
{
	cache_bench_deinit(&bench);
	cache_bench_init(&bench, config);
}

int cache_fixture_set_up(void **state)
{
	struct cache_config config = cache_bench_config();

	(void)state;
	restart(&config);
	return 0;
}

int cache_fixture_tear_down(void **state)
{
	(void)state;
	cache_bench_deinit(&bench);
	return 0;
}
