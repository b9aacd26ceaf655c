/* README: what there is in this directory. */
#include "fs/live_file.h"

static void write_readme(struct mount *mount, FILE *out)
{
	(void)mount;
	fputs("What this mount says about itself. Each file is made when it is opened, from "
	      "memory:\n"
	      "reading it asks nobody, and never waits.\n"
	      "\n"
	      "status   for people: registries, credentials, cache, calls. `watch cat status`\n"
	      "metrics  the same and more, for Prometheus\n"
	      "config   the options that hold, and where each comes from\n"
	      "log      the last 1,000 lines of the log\n"
	      "\n"
	      "What is cached is forgotten with `ecrfs --refresh PATH`. See ecrfs(1).\n",
	      out);
}

const struct live_file live_readme = {"README", write_readme};
