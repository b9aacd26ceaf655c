/* What a service manager is told: sd_notify(3), for units with Type=notify.
 *
 * Nothing where nobody listens (NOTIFY_SOCKET is not set), or in a build without libsystemd.
 * Threads: any.
 */
#ifndef ECRFS_FS_NOTIFY_H
#define ECRFS_FS_NOTIFY_H

#include "base/log.h"

/* The mount can be used. */
void notify_ready(struct log *log, const char *source, const char *mountpoint);

/* It is being unmounted. */
void notify_stopping(struct log *log);

#endif
