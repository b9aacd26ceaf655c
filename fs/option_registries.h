/* The registries of the command line: inside of fs/options. */
#ifndef ECRFS_FS_OPTION_REGISTRIES_H
#define ECRFS_FS_OPTION_REGISTRIES_H

#include "fs/options.h"

/* Fills in the source and the registries that it names, joined with commas. `may_tell_region`: no
 * option says which region is the mount's; then it is that of the first host name. What is wrong is
 * said on standard error. Answers whether all is well. */
bool option_registries_read(const char *source, bool may_tell_region, struct options *options);

#endif
