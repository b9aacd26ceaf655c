/* Questions about manifests and configurations: to the disk first, and then, those that it could
 * not answer, to ECR.
 *
 * Those of one repository that are asked in one turn of the loop go on to ECR together, up to 100,
 * when the last of them has been looked for: so they share calls as if nobody had looked.
 *
 * Threads: loop.
 */
#ifndef ECRFS_STORE_QUESTION_H
#define ECRFS_STORE_QUESTION_H

#include "ecr/source.h"
#include "net/loop.h"
#include "store/lookup.h"

struct question_group;
struct trim;

/* A repository hands them out in two ways: that it has a blob of a digest does not make that the
 * digest of an image. */
enum question_kind {
	QUESTION_MANIFEST,
	QUESTION_CONFIG,
};

struct questions {
	struct loop *loop;
	struct worker *worker;
	struct source *inner;
	struct source *outer; /* whose counters count */
	struct trim *trim;
	const struct shelf *shelf;
	const char *region; /* of registries that do not name theirs; "": the profile's */
	bool no_pull;
	bool is_closing;
	struct question_group *groups; /* that others may join in this turn */
	struct loop_task close;
	bool is_posted;
	size_t waiting_bytes; /* to be written */
	atomic_uint_fast64_t hits, misses, skipped;
};

/* Borrows all for its life. */
void questions_init(struct questions *questions);

/* As fetch_manifest of struct source_ops; or as fetch_size, if `sized` is given and not `fetched`.
 */
int questions_ask(struct questions *questions, const struct registry *registry,
                  const char *repository, const struct digest *digest, manifest_fn fetched,
                  size_fn sized, void *arg);

/* As fetch_document of struct source_ops, for a DOCUMENT_CONFIG; with `no_pull` what is not on disk
 * is STATUS_NOT_PULLED. */
int questions_ask_config(struct questions *questions, const struct registry *registry,
                         const char *repository, const struct document_id *id, document_fn fetched,
                         void *arg);

/* Under what it is remembered that the repository has handed it out. Answers 0 or -EIO. */
int question_key(const struct questions *questions, enum question_kind kind,
                 const struct registry *registry, const char *repository,
                 const struct digest *digest, struct sizes_key *ret_key);

/* Keeps what ECR has handed out. Where that cannot be done, it is counted as skipped. */
void questions_keep(struct questions *questions, enum question_kind kind,
                    const struct registry *registry, const char *repository,
                    const struct digest *digest, struct bytes *bytes);

/* After the inner source was freed, whose last answers may still have come: nothing is asked any
 * more. Those that look at the disk still are answered when the worker ends. */
void questions_close(struct questions *questions);

#endif
