/* A cache with an earlier life: the test says what its source remembers, and asks the cache. */
#ifndef ECRFS_TESTS_UNIT_RECALL_FIXTURE_H
#define ECRFS_TESTS_UNIT_RECALL_FIXTURE_H

#include "tests/unit/cache_fixture.h"

#define STALE_TTL_NS (500 * NS_PER_S)

/* The next page is the first one of a listing. */
extern bool is_first_page;

/* cache_bench_config() with a `stale_ttl`, and a source that remembers. */
int recall_fixture_set_up(void **state);
#define set_up    recall_fixture_set_up
#define tear_down cache_fixture_tear_down

/* Real time, so long before now. */
uint64_t ago(uint64_t ns);

/* The source remembers a page of the registry's listing, with this repository. */
void recall_repositories(const char *name, uint64_t told_ns, bool is_last);

/* A page of a listing of team/app, with this image, or RECALLED_IMAGE: an answer by name. */
void recall_images(enum recalled_kind kind, const char *tag, int digit, uint64_t told_ns,
                   bool is_last);

/* That the answer by name was none. */
void recall_refusal(enum recalled_kind kind, const char *name, enum status status,
                    uint64_t told_ns);

/* Nothing more is remembered of the registry, and of the repository. */
void end_of_registry(void);
void end_of_repository(void);

/* Ask the cache; what is found must be as expected: the names, the digit of the image. */
enum cache_answer list(struct asker *asker, enum cache_listing listing, const char *path,
                       const char *expected);
enum cache_answer find(struct asker *asker, const char *tag, int expected);
enum cache_answer find_repository(struct asker *asker);

/* The registry has been recalled, and has nothing. */
void pass_registry(struct patient *patient);

/* Somebody looks into the repository; these tags, v1 and v2, are remembered. */
void remember_tags(struct patient *patient, uint64_t told_ns);

/* How often the source was asked what it does not remember. */
unsigned asked_ecr(void);

/* Asks for the tags, which is answered with `status`. */
void ask_in_vain(enum status status);

/* Whether the tags v1 and v2 are there for who only looks. */
enum cache_answer at_hand(void);

#endif
