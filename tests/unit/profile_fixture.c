/* Building and ending what reads the AWS files. */
#include "tests/unit/profile_fixture.h"

#include <string.h>

struct profile_fixture f;

int profile_fixture_set_up(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	fake_clock_init(&f.clock);
	captured_log_init(&f.captured, &f.clock.clock);
	aws_home_init(&f.home);
	assert_int_equal(loop_new(&f.loop), 0);
	return 0;
}

int profile_fixture_tear_down(void **state)
{
	(void)state;
	profile_free(f.profile);
	if (f.loop)
		loop_run_once(f.loop);
	loop_free(f.loop);
	temp_dir_deinit(&f.home);
	captured_log_deinit(&f.captured);
	return 0;
}

void open_profile(const char *option)
{
	assert_int_equal(profile_new(f.loop, f.captured.log, option, &f.profile), 0);
}

struct provider_parts profile_fixture_parts(void)
{
	return (struct provider_parts){
	        .loop = f.loop,
	        .clock = &f.clock.clock,
	        .log = f.captured.log,
	        .profile = f.profile,
	        .main_profile = f.profile,
	};
}
