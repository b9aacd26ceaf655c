/* Memory that nobody knows any more at the end. */
#include <stdlib.h>
#include <string.h>

static char *volatile kept;

int main(int argc, char **argv)
{
	kept = strdup(argv[argc - 1]);
	kept = NULL;
	return 0;
}
