/* What ECR told, on a real disk, with a source in the hands of the test. A life is a struct told
 * with its worker and its loop, which has no thread. */
#ifndef ECRFS_TESTS_UNIT_TOLD_FIXTURE_H
#define ECRFS_TESTS_UNIT_TOLD_FIXTURE_H

#include "ecr/registry.h"
#include "store/told.h"
#include "store/told_caller.h"
#include "store/worker.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/fake_source.h"
#include "tests/unit/temp_dir.h"
#include "tests/unit/unit_test.h"

extern const struct registry registry;

/* Callers with two keys, whose accounts are not known. */
extern const struct caller alice, bob;

extern struct temp_dir dir;
extern struct fake_clock fake;
extern struct fake_source inner;
extern struct loop *loop;
extern struct folder *folder;
extern struct told told;

/* Of the next life: others may write in the directory. */
extern bool is_shared;

int told_fixture_set_up(void **state);
int told_fixture_tear_down(void **state);
#define set_up    told_fixture_set_up
#define tear_down told_fixture_tear_down

/* A life begins, and ends. */
void start(void);
void stop(void);

/* Another life. */
void live_again(void);

/* Until everything is done that can be: `caller` is who asks meanwhile. */
void settle(const struct caller *caller);

/* What is remembered, as text: "tags v1=3 v2=4", "image v1=3", "repository team/app", … */
struct memory {
	char text[1024];
	unsigned ends;
	bool is_stale;
	uint64_t told_ns;
};

/* A recall_fn: its argument is a struct memory. */
void take(void *arg, const struct recalled *recalled);

/* What that caller is remembered of a repository, or of the registry where it is NULL. */
struct memory recall(const struct registry *of, const char *repository,
                     const struct caller *caller);

/* The same of `registry`, which must be that text. */
void assert_recalled(const char *repository, const struct caller *caller, const char *text);

/* An images_fn. */
void ignore_images(void *arg, enum status status, const struct image_record *records, size_t n,
                   bool last);

/* The tags of team/app ("v1=3 v2=4") are listed, by that caller. */
void list(const char *tags, const struct caller *caller);

/* One tag is asked for by its name, by Alice. The answer has come, and is not settled. */
void ask(const char *tag, enum status status, int digit);

#endif
