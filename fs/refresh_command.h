/* `ecrfs --refresh PATH`. */
#ifndef ECRFS_FS_REFRESH_COMMAND_H
#define ECRFS_FS_REFRESH_COMMAND_H

/* Has the mount in which `path` is forget what is cached of it; of a file: of its directory. What
 * is wrong is said on standard error. Answers the exit code. */
int refresh_command(const char *path);

#endif
