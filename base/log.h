/* The log: one line per event, to the terminal until the daemon detaches, then to syslog or a file.
 *
 * Secrets are never handed to it. Lines that would repeat for every request of a scan are written
 * through log_event(), which lets one line per key and LOG_REPEAT_S through and counts the rest.
 */
#ifndef ECRFS_BASE_LOG_H
#define ECRFS_BASE_LOG_H

#include "base/clock.h"
#include "base/log_ring.h"

#include <stdbool.h>
#include <stddef.h>

enum level {
	LEVEL_ERROR,
	LEVEL_WARNING,
	LEVEL_INFO,
	LEVEL_DEBUG,
};

/* A line with the same key is written at most this often (seconds); the next one that is
 * written says how many were left out. */
#define LOG_REPEAT_S 10

struct log;

/* A log on standard error. `clock` is borrowed for its life. Answers 0 or -ENOMEM. */
int log_new(const struct clock *clock, enum level level, struct log **ret_log);
void log_free(struct log *log);

/* The level may change at any time. Threads: any. */
enum level log_level(const struct log *log);
void log_set_level(struct log *log, enum level level);

/* "error", … Static storage. Threads: pure. */
const char *log_level_name(enum level level);

/* Reads "error", "warning", "info" or "debug". Answers whether it was one of these. */
bool log_level_parse(const char *text, enum level *ret_level);

/* From now on, appends to the file at `path`. Answers 0 or -errno of open(2); the log goes on as it
 * was on failure. Threads: any. */
int log_to_file(struct log *log, const char *path);

/* From now on, writes to journald or else syslog (daemon facility), unless a file was set.
 * `mountpoint` is borrowed for the log's life. Threads: any. */
void log_to_system(struct log *log, const char *mountpoint);

/* The same, if standard error ends in journald anyway, which then gets levels and fields too. */
void log_to_system_if_service(struct log *log, const char *mountpoint);

/* The last lines that were written, wherever to, each with its time, its level and a newline:
 * references, the oldest one first. Answers how many. Threads: any. */
size_t log_last_lines(struct log *log, struct bytes *ret_lines[static LOG_RING_LINES]);

/* Writes one line; the newline is added, control characters are shown as '?'. Threads: any. */
void log_write(struct log *log, enum level level, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* As log_write(), for lines that may come thick: see LOG_REPEAT_S. Two events with the same key
 * are the same to the reader of the log. Threads: any. */
void log_event(struct log *log, enum level level, const char *key, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

/* What a line is about, for journald, where one can search by it: ECRFS_OPERATION and so on. */
struct log_field {
	const char *name;  /* NULL ends the list */
	const char *value; /* NULL or "": left out */
};
#define LOG_FIELDS_MAX 8

/* As log_event(), with fields; at most LOG_FIELDS_MAX count. */
void log_event_about(struct log *log, enum level level, const char *key,
                     const struct log_field *fields, const char *format, ...)
        __attribute__((format(printf, 5, 6)));

#endif
