/* Configurations of images, where a mount shows them: inside of fs/prefetch. Threads: loop. */
#ifndef ECRFS_FS_PREFETCH_CONFIG_H
#define ECRFS_FS_PREFETCH_CONFIG_H

struct bytes;
struct prefetch_repository;

/* Asks for the configuration that this manifest of the repository names, if it does, with
 * `show=config`. */
void prefetch_config_want(struct prefetch_repository *repository, const struct bytes *bytes);

#endif
