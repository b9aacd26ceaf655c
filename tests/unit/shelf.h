/* Repositories of many tags, and somebody who reads their manifests as the filesystem does. */
#ifndef ECRFS_TESTS_UNIT_SHELF_H
#define ECRFS_TESTS_UNIT_SHELF_H

#include "tests/unit/cache_fixture.h"

#define SHELF_MAX 1000

/* A repository of `n` images with one tag each. The tag at place `p` of the listing stands for
 * fake_digest(first + p): places count from 1. The order of names is quite another one. */
struct shelf {
	const char *repository;
	int first;
	int n;
	int n_digests;              /* fewer than places; 0: one for each */
	int archived_every;         /* each so manyeth place has an archived image; 0: none */
	enum cache_listing listing; /* 0: CACHE_TAGS; CACHE_DIGESTS */
};

/* The place of the tag with this rank in the order of names: 0, 1, … */
int shelf_place(const struct shelf *shelf, int rank);

/* What fake_source counts as. */
int shelf_digit(const struct shelf *shelf, int place);

/* How often the manifest at that place was asked for. */
unsigned shelf_asked(const struct cache_bench *bench, const struct shelf *shelf, int place);

/* Somebody lists the repository; a question that is under way gets its answer. */
void shelf_list(struct cache_bench *bench, const struct shelf *shelf);

/* Its listing arrives, for whoever asked. */
void shelf_fill(struct cache_bench *bench, const struct shelf *shelf);

/* A LOOKUP of the manifest, which is all that some do. */
void shelf_look(struct cache_bench *bench, const struct shelf *shelf, int place);

/* The same, where a program has just gone through that image. */
void shelf_look_after_walk(struct cache_bench *bench, const struct shelf *shelf, int place);

/* The directory that shows the manifest is read. Answers whether its size can be told. */
bool shelf_tell(struct cache_bench *bench, const struct shelf *shelf, int place);

/* Asks for the bytes. */
enum cache_answer shelf_get(struct cache_bench *bench, const struct shelf *shelf, int place,
                            struct asker *asker);

/* Reads it: LOOKUP, READ. If it must be asked for, all open questions for manifests are answered
 * with `text`. */
void shelf_read_text(struct cache_bench *bench, const struct shelf *shelf, int place,
                     const char *text);
void shelf_read(struct cache_bench *bench, const struct shelf *shelf, int place);

/* All questions are answered, until none is open. */
void shelf_answer_all(struct cache_bench *bench);

/* Begins with another cache, which makes so many calls to read ahead; all questions are answered
 * before it goes. */
void shelf_restart(unsigned calls, size_t max_bytes);
int shelf_tear_down(void **state);

#endif
