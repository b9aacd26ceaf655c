/* Right, but built as if nobody would ever attack it. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	char copy[64];

	strcpy(copy, argc > 1 && strlen(argv[1]) < sizeof(copy) ? argv[1] : "");
	return puts(copy) == EOF;
}
