/* A credential provider's way to its profile: profile_read(), where also a refusal to read is an
 * answer that comes later. Threads: loop. */
#ifndef ECRFS_ECR_PROFILE_READER_H
#define ECRFS_ECR_PROFILE_READER_H

#include "base/status.h"
#include "net/loop.h"

struct profile;
struct profile_content;

/* `content` is borrowed for the call, NULL unless STATUS_OK. What went wrong has been logged. */
typedef void (*profile_reader_fn)(void *arg, enum status status,
                                  const struct profile_content *content);

struct profile_reader {
	struct loop *loop;
	struct profile *profile;
	profile_reader_fn done;
	void *arg;
	struct loop_task refuse; /* when the files cannot even be asked for */
	enum status refused;
};

/* Borrows all. */
void profile_reader_init(struct profile_reader *reader, struct loop *loop, struct profile *profile,
                         profile_reader_fn done, void *arg);

/* `done` is not called any more. */
void profile_reader_deinit(struct profile_reader *reader);

/* Reads the files; `done` follows once, never inside this call. One reading at a time. */
void profile_reader_ask(struct profile_reader *reader);

#endif
