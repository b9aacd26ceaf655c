/* A cache_bench for the tests of a program. */
#ifndef ECRFS_TESTS_UNIT_CACHE_FIXTURE_H
#define ECRFS_TESTS_UNIT_CACHE_FIXTURE_H

#include "tests/unit/cache_bench.h"
#include "tests/unit/unit_test.h"

extern struct cache_bench bench;

/* Begins with another cache, in place of the one that there may be. */
void restart(const struct cache_config *config);

/* With cache_bench_config(). */
int cache_fixture_set_up(void **state);
int cache_fixture_tear_down(void **state);

#endif
