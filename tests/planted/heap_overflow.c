/* The byte behind the end of memory is read. */
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	size_t size = strlen(argv[argc - 1]);
	char *copy = malloc(size);
	volatile char last;

	if (!copy)
		return 0;
	memcpy(copy, argv[argc - 1], size);
	last = copy[size];
	(void)last;
	free(copy);
	return 0;
}
