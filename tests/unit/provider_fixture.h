/* A provider of a profile, and what it answered. */
#ifndef ECRFS_TESTS_UNIT_PROVIDER_FIXTURE_H
#define ECRFS_TESTS_UNIT_PROVIDER_FIXTURE_H

#include "tests/unit/profile_fixture.h"
#include "tests/unit/provider_result.h"

extern struct provider *provider; /* NULL until the test makes one */
extern struct provider_result result;

int provider_fixture_set_up(void **state);

/* After the HTTP client of the provider was freed. */
int provider_fixture_tear_down(void **state);

#endif
