/* A log whose lines a test can read. */
#ifndef ECRFS_TESTS_UNIT_CAPTURED_LOG_H
#define ECRFS_TESTS_UNIT_CAPTURED_LOG_H

#include "base/log.h"
#include "tests/unit/temp_dir.h"

struct captured_log {
	struct log *log;
	char path[TEMP_PATH_SIZE]; /* where the lines go */
};

/* Everything from debug on is written. `clock` is borrowed. */
void captured_log_init(struct captured_log *captured, const struct clock *clock);
void captured_log_deinit(struct captured_log *captured);

/* All lines so far. Heap; the caller frees. */
char *captured_log_text(const struct captured_log *captured);

/* How many lines contain `text`; "" counts all lines. */
unsigned captured_log_count(const struct captured_log *captured, const char *text);

#endif
