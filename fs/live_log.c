/* log: the last lines of the log, wherever that is written to. */
#include "base/bytes.h"
#include "base/log.h"
#include "fs/live_file.h"
#include "fs/mount.h"

static void write_log(struct mount *mount, FILE *out)
{
	struct bytes *lines[LOG_RING_LINES];
	size_t n = log_last_lines(mount->log, lines);

	for (size_t i = 0; i < n; i++) {
		fwrite(lines[i]->data, 1, lines[i]->size, out);
		bytes_unref(lines[i]);
	}
}

const struct live_file live_log = {"log", write_log};
