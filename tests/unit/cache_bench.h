/* A cache on a loop without a thread, a clock moved by hand, and a source answered by hand. */
#ifndef ECRFS_TESTS_UNIT_CACHE_BENCH_H
#define ECRFS_TESTS_UNIT_CACHE_BENCH_H

#include "cache/cache.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/fake_source.h"

#define TTL_NS          (60 * NS_PER_S)
#define DIGEST_TTL_NS   (3600 * NS_PER_S)
#define NEGATIVE_TTL_NS (5 * NS_PER_S)

struct loop;

struct cache_bench {
	struct loop *loop;
	struct fake_clock clock;
	struct fake_source source;
	struct log *log;
	struct cache *cache;
	struct registry registry;
	struct reader reader; /* those who ask; until a test sets it, nothing is known of them */
};

/* Someone who asks on the loop thread and counts how often it is woken. */
struct patient {
	struct asker asker; /* first */
	unsigned woken;
};

/* With the TTLs above and plenty of memory, unless the test says otherwise. */
void cache_bench_init(struct cache_bench *bench, const struct cache_config *config);

/* Also of one that is all zero, as it is afterwards. */
void cache_bench_deinit(struct cache_bench *bench);

/* A config to start from. */
struct cache_config cache_bench_config(void);

/* Time passes. */
void cache_bench_pass(struct cache_bench *bench, uint64_t ns);

/* Posted work is done: those who waited for an answer are woken. */
void cache_bench_run(struct cache_bench *bench);

/* Starts asking now. */
struct patient cache_bench_patient(struct cache_bench *bench);

/* Asks as a worker does: now, and without waiting. */
struct asker cache_bench_hasty(struct cache_bench *bench);

void cache_bench_release(struct cache_bench *bench, struct patient *patient);

/* One tag, in the repository "team/app". `ret_digit`: the image (see fake_source.h). */
enum cache_answer cache_bench_find_image(struct cache_bench *bench, struct asker *asker,
                                         const char *tag, int *ret_digit);

/* The names from the start on, joined with blanks. */
enum cache_answer cache_bench_list(struct cache_bench *bench, struct asker *asker,
                                   enum cache_listing listing, const char *path, char text[256]);

#endif
