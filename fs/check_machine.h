/* What a mount needs of this machine. The paths are arguments for the sake of tests. Threads: main.
 */
#ifndef ECRFS_FS_CHECK_MACHINE_H
#define ECRFS_FS_CHECK_MACHINE_H

#include <stdbool.h>

struct check_report;

/* Whether FUSE mounts are permitted. */
void check_fuse(struct check_report *report, bool allow_other);

/* Whether updatedb(8) would walk over the mount. Nothing is said where it is not installed.
 * `mountpoint` may be NULL. */
void check_updatedb(struct check_report *report, const char *path, const char *mountpoint);

/* Whether an ecrfs could be mounted there. */
void check_mountpoint(struct check_report *report, const char *path);

#endif
