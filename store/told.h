/* What ECR told, kept on disk: listings, answers by name, and whose the caller is.
 *
 *   cache ─ question ─► told ─► ECR
 *         ◄─── answer ─ told ◄─┘        copies it on its way
 *                         └─ complete ─► asked by who asks now? ─► disk
 *
 *   cache ─ recall ─► told ─► who asks? ─► disk ─► page by page, a turn of the loop each
 *
 * A listing is written when it is complete. Answers by name are added to a file, one job at a time,
 * so that none is lost; those that come meanwhile are written together. What ECR denies, or says is
 * gone, is taken off the disk. What is kept has the time at which it was told; how long it counts
 * is for the cache to say.
 *
 * Threads: loop, except where said.
 */
#ifndef ECRFS_STORE_TOLD_H
#define ECRFS_STORE_TOLD_H

#include "ecr/source.h"
#include "net/loop.h"
#include "store/told_files.h"

struct answer_group;
struct recollection;
struct trim;
struct worker;

struct told_parts {
	struct loop *loop;
	const struct clock *clock;
	struct worker *worker;
	struct folder *folder;
	struct blobs *blobs; /* which make room; NULL with the next one: none */
	struct trim *trim;
	struct source *inner;
};

struct told {
	struct loop *loop;
	struct worker *worker;
	struct trim *trim;
	struct source *inner;
	struct told_files files;
	struct answer_group *groups; /* not written yet: store/told_watch.c */
	struct loop_task flush;
	bool is_posted;
	unsigned n_adding; /* answers that are being written: the next ones wait for them */
	struct recollection *recollections; /* that are being handed out: store/told_recall.c */
	bool is_closing;
	size_t waiting_bytes; /* to be written */
	atomic_uint_fast64_t n_skipped;
};

/* Borrows all, for its life. Threads: any. */
void told_init(struct told *told, const struct told_parts *parts);

/* As the functions of struct source_ops with these names: the inner source is asked, and what it
 * tells is kept. */
int told_list_repositories(struct told *told, const struct registry *registry, repositories_fn page,
                           void *arg);
int told_find_repository(struct told *told, const struct registry *registry, const char *repository,
                         repository_fn found, void *arg);
int told_list_images(struct told *told, const struct registry *registry, const char *repository,
                     enum image_scope scope, images_fn page, void *arg);
int told_find_image(struct told *told, const struct registry *registry, const char *repository,
                    const struct image_reference *reference, image_fn found, void *arg);
int told_pull_tag(struct told *told, const struct registry *registry, const char *repository,
                  const char *tag, pulled_fn pulled, void *arg);

/* And these, which the disk answers. */
int told_recall_registry(struct told *told, const struct registry *registry, recalled_fn recalled,
                         void *arg);
int told_recall_repository(struct told *told, const struct registry *registry,
                           const char *repository, recalled_fn recalled, void *arg);

/* Begins to take off what is too old for anybody. Once the directory is open. */
void told_sweep(struct told *told);

/* After the inner source was freed, before the worker is: what is being handed out ends. */
void told_close(struct told *told);

#endif
