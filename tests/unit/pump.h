/* Runs a loop on the thread of the test, without a thread of its own. */
#ifndef ECRFS_TESTS_UNIT_PUMP_H
#define ECRFS_TESTS_UNIT_PUMP_H

#include <stdbool.h>

struct loop;

/* Runs the loop until `*done`. Fails the test after 20 seconds: only a bug lasts so long. */
void pump_until(struct loop *loop, const bool *done);

/* Runs the loop until all disk jobs are done and nothing else is to be done at once. */
void pump_disk(struct loop *loop);

#endif
