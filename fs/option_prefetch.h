/* The words of --prefetch: inside of fs/options. */
#ifndef ECRFS_FS_OPTION_PREFETCH_H
#define ECRFS_FS_OPTION_PREFETCH_H

#include "fs/option_texts.h"

/* `--prefetch [REGISTRY[/PATH]]`: sets prefetch_path, and cuts it off from the argument, which then
 * names registries alone. What is wrong is said on standard error. Answers whether all is well. */
bool option_prefetch_read(const struct option_texts *texts, struct options *options);

#endif
