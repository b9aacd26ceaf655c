/* Building and ending a batcher, and what it answered. */
#include "tests/unit/batch_fixture.h"
#include "base/bytes.h"

#include <stdio.h>
#include <string.h>

struct batch_fixture f;
const struct registry registry = {.account = "012345678910"};

int batch_fixture_set_up(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	assert_int_equal(loop_new(&f.loop), 0);
	return batcher_new(f.loop, &f.api, MAX_CALLS, &f.batcher);
}

void end_batcher(void)
{
	fake_api_deinit(&f.api);
	batcher_free(f.batcher);
	f.batcher = NULL;
}

int batch_fixture_tear_down(void **state)
{
	(void)state;
	end_batcher();
	loop_run_once(f.loop);
	loop_free(f.loop);
	return 0;
}

void note(struct reply *reply, enum status status, const char *text, size_t size)
{
	reply->answers++;
	reply->status = status;
	assert_int_equal(status == STATUS_OK, text != NULL);
	if (text)
		snprintf(reply->text, sizeof(reply->text), "%.*s", (int)size, text);
}

void manifest_fetched(void *arg, enum status status, struct bytes *bytes)
{
	note(arg, status, bytes ? bytes->data : NULL, bytes ? bytes->size : 0);
}

void assert_reply(const struct reply *reply, enum status status, const char *text)
{
	assert_int_equal(reply->answers, 1);
	assert_int_equal(reply->status, status);
	assert_string_equal(reply->text, text);
}
