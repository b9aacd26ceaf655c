/* Errors of a reading, as the status of the provider that wanted it. */
#include "ecr/profile_reader.h"
#include "ecr/profile.h"

#include <stddef.h>

static void profile_was_read(void *arg, int error, const struct profile_content *content)
{
	struct profile_reader *reader = arg;

	reader->done(reader->arg, error ? profile_trouble(error, STATUS_NO_CREDENTIALS) : STATUS_OK,
	             content);
}

static void refuse(struct loop_task *task)
{
	struct profile_reader *reader =
	        (struct profile_reader *)((char *)task - offsetof(struct profile_reader, refuse));

	reader->done(reader->arg, reader->refused, NULL);
}

void profile_reader_init(struct profile_reader *reader, struct loop *loop, struct profile *profile,
                         profile_reader_fn done, void *arg)
{
	*reader = (struct profile_reader){
	        .loop = loop,
	        .profile = profile,
	        .done = done,
	        .arg = arg,
	        .refuse.run = refuse,
	};
}

void profile_reader_deinit(struct profile_reader *reader)
{
	profile_forget(reader->profile, reader);
	loop_unpost(reader->loop, &reader->refuse);
}

void profile_reader_ask(struct profile_reader *reader)
{
	int r = profile_read(reader->profile, profile_was_read, reader);

	if (r == 0)
		return;
	reader->refused = profile_trouble(r, STATUS_NO_CREDENTIALS);
	loop_post(reader->loop, &reader->refuse);
}
