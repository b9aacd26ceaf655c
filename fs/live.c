/* The table of the files in .ecrfs. */
#include "fs/live.h"
#include "base/bytes.h"
#include "fs/live_file.h"

#include <stdlib.h>
#include <string.h>

static const struct live_file *const files[] = {
        &live_readme, &live_status, &live_metrics, &live_config, &live_log,
};

#define COUNT (sizeof(files) / sizeof(files[0]))

const char *live_name(unsigned number)
{
	return number >= 1 && number <= COUNT ? files[number - 1]->name : NULL;
}

bool live_find(const char *name, unsigned *ret_number)
{
	const char *known;

	for (unsigned number = 1; (known = live_name(number)); number++) {
		if (strcmp(known, name) != 0)
			continue;
		*ret_number = number;
		return true;
	}
	return false;
}

struct bytes *live_make(struct mount *mount, unsigned number)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct bytes *bytes = NULL;

	if (!out)
		return NULL;
	files[number - 1]->write(mount, out);
	if (fclose(out) == 0)
		bytes = bytes_new(text, size);
	free(text);
	return bytes;
}
