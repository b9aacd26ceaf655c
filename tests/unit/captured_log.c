/* A log into a temporary file. */
#include "tests/unit/captured_log.h"
#include "base/cleanup.h"
#include "tests/unit/unit_test.h"

#include <string.h>
#include <unistd.h>

void captured_log_init(struct captured_log *captured, const struct clock *clock)
{
	int file;

	temp_path(captured->path, "log");
	file = mkstemp(captured->path);
	assert_true(file >= 0);
	close(file);
	assert_int_equal(log_new(clock, LEVEL_DEBUG, &captured->log), 0);
	assert_int_equal(log_to_file(captured->log, captured->path), 0);
}

void captured_log_deinit(struct captured_log *captured)
{
	log_free(captured->log);
	unlink(captured->path);
}

char *captured_log_text(const struct captured_log *captured)
{
	CLEANUP(close_stream) FILE *stream = fopen(captured->path, "r");
	char *text = NULL;
	size_t capacity = 0;

	assert_non_null(stream);
	if (getdelim(&text, &capacity, '\0', stream) < 0) {
		free(text);
		return strdup("");
	}
	return text;
}

unsigned captured_log_count(const struct captured_log *captured, const char *text)
{
	CLEANUP(free_string) char *lines = captured_log_text(captured);
	char *rest = lines, *line;
	unsigned n = 0;

	while ((line = strsep(&rest, "\n")))
		if (*line && strstr(line, text))
			n++;
	return n;
}
