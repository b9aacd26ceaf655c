/* journald, where a line has fields to search by. Inside of base/log. */
#ifndef ECRFS_BASE_LOG_JOURNAL_H
#define ECRFS_BASE_LOG_JOURNAL_H

#include "base/log.h"

/* Whether journald is there and this program can speak to it. Threads: any. */
bool log_journal_is_there(void);

/* Whether standard error ends there: a service of systemd. Threads: any. */
bool log_journal_is_stderr(void);

/* One line of that syslog(3) priority. `mountpoint`: "" for none; `fields`: NULL for none. Threads:
 * any. */
void log_journal_write(int priority, const char *text, const char *mountpoint, const char *key,
                       const struct log_field *fields);

#endif
