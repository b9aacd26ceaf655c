/* The certificates that a CA bundle lists, read on the disk pool and kept in memory: libcurl opens
 * its file on the loop thread, which must not wait for a disk.
 *
 * Threads: loop.
 */
#ifndef ECRFS_ECR_CA_BUNDLE_H
#define ECRFS_ECR_CA_BUNDLE_H

#include "base/status.h"

struct ca_bundle;
struct log;
struct loop;

/* Debian's bundle of all public ones has 220 KiB. */
#define CA_BUNDLE_MAX_BYTES (4u * 1024 * 1024)

/* STATUS_OK, STATUS_MISCONFIGURED (it cannot be read), STATUS_TIMED_OUT, or a shortage: what is
 * wrong has been logged. */
typedef void (*ca_bundle_fn)(void *arg, enum status status);

/* Borrows both. Answers 0 or -ENOMEM. */
int ca_bundle_new(struct loop *loop, struct log *log, struct ca_bundle **ret_bundle);

/* A file that is being read just now does no harm. Accepts NULL. */
void ca_bundle_free(struct ca_bundle *bundle);

/* Reads the file at `path`; `origin` (static) says who named it. `done` is called later, after
 * AWS_FILES_HUNG_NS at the latest, and at once while an earlier reading takes longer. One question
 * at a time. Copies the path. */
void ca_bundle_load(struct ca_bundle *bundle, const char *path, const char *origin,
                    ca_bundle_fn done, void *arg);

/* What was read last, as a file for libcurl, "" before that. Other content has another path.
 * Borrowed until the next but one that is loaded. */
const char *ca_bundle_file(const struct ca_bundle *bundle);

#endif
