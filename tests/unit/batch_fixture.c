/* Building and ending a batcher, and what it answered. */
#include "tests/unit/batch_fixture.h"
#include "base/bytes.h"
#include "base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
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

void image_found(void *arg, enum status status, const struct image_record *record)
{
	note(arg, status, record ? record->tags[0] : NULL, record ? strlen(record->tags[0]) : 0);
}

int try_image(const char *repository, const char *tag, image_fn found, struct reply *reply)
{
	return batcher_ask(f.batcher, &batch_images, &registry, repository, tag,
	                   (union batch_fn){.image = found}, reply);
}

void ask_image(const char *repository, const char *tag, struct reply *reply)
{
	assert_int_equal(try_image(repository, tag, image_found, reply), 0);
	assert_int_equal(reply->answers, 0);
}

unsigned ids_of(const char *body)
{
	unsigned n = 0;

	while ((body = strstr(body, "\"imageTag\":"))) {
		body++;
		n++;
	}
	return n;
}

void answer_all_tags(void)
{
	CLEANUP(free_string) char *answer = NULL;
	size_t size;
	FILE *stream = open_memstream(&answer, &size);
	const char *id = f.api.calls->body, *comma = "";

	fputs("{\"imageDetails\":[", stream);
	while ((id = strstr(id, "\"imageTag\":\""))) {
		id += strlen("\"imageTag\":\"");
		fprintf(stream, "%s{\"imageDigest\":\"" OTHER_DIGEST "\",\"imageTags\":[\"%.*s\"]}",
		        comma, (int)strcspn(id, "\""), id);
		comma = ",";
	}
	fputs("]}", stream);
	fclose(stream);
	fake_api_answer(&f.api, answer);
}

const struct fake_call *last_call(void)
{
	const struct fake_call *call = f.api.calls;

	while (call->next)
		call = call->next;
	return call;
}
