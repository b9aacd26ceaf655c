/* The AWS files of a home directory, and the profile that reads them. */
#ifndef ECRFS_TESTS_UNIT_PROFILE_FIXTURE_H
#define ECRFS_TESTS_UNIT_PROFILE_FIXTURE_H

#include "ecr/profile.h"
#include "ecr/provider.h"
#include "net/loop.h"
#include "tests/unit/aws_home.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/pump.h"
#include "tests/unit/unit_test.h"

struct profile_fixture {
	struct fake_clock clock;
	struct captured_log captured;
	struct temp_dir home;
	struct loop *loop;
	struct profile *profile; /* NULL until it is opened */
};

extern struct profile_fixture f;

int profile_fixture_set_up(void **state);

/* Waits for no file that is being read: it may hang. */
int profile_fixture_tear_down(void **state);

/* The profile in use with that -o profile. */
void open_profile(const char *option);

/* For a provider of that profile: loop, clock, log and profile. */
struct provider_parts profile_fixture_parts(void);

#endif
