/* What --help and --version print. */
#include "fs/options.h"
#include "fs/usage.h"

#include <fuse_lowlevel.h>
#include <stdio.h>

void options_print_help(void)
{
	fputs(usage, stdout);
}

void options_print_version(void)
{
	printf("ecrfs %s (libfuse %s)\n", ECRFS_VERSION, fuse_pkgversion());
}
