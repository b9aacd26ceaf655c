/* The log. Lines are composed outside the lock; the sink is written to outside it as well. */
#include "base/log.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/log_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/* How many different repeating lines are told apart at a time; a collision only resets a count. */
#define REPEAT_SLOTS 256
#define LINE_SIZE    2048

enum sink {
	SINK_STDERR,
	SINK_SYSLOG,
	SINK_JOURNAL,
	SINK_FILE,
};

struct repeat {
	uint64_t key_hash;
	uint64_t written_ns;
	unsigned left_out;
};

struct log {
	const struct clock *clock;
	_Atomic(enum level) level;
	pthread_mutex_t lock;
	enum sink sink;                      /* under lock */
	int file;                            /* under lock; -1 when there is none */
	const char *mountpoint;              /* of SINK_JOURNAL */
	struct repeat repeats[REPEAT_SLOTS]; /* under lock */
	struct log_ring ring;
};

static const char *const level_names[] = {"error", "warning", "info", "debug"};
static const int syslog_priorities[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};

int log_new(const struct clock *clock, enum level level, struct log **ret_log)
{
	struct log *log = calloc(1, sizeof(*log));

	if (!log)
		return -ENOMEM;
	log->clock = clock;
	log->level = level;
	log->file = -1;
	pthread_mutex_init(&log->lock, NULL);
	log_ring_init(&log->ring);
	*ret_log = log;
	return 0;
}

void log_free(struct log *log)
{
	if (!log)
		return;
	if (log->file >= 0)
		close(log->file);
	log_ring_deinit(&log->ring);
	pthread_mutex_destroy(&log->lock);
	free(log);
}

enum level log_level(const struct log *log)
{
	return log->level;
}

void log_set_level(struct log *log, enum level level)
{
	log->level = level;
}

const char *log_level_name(enum level level)
{
	return level_names[level];
}

bool log_level_parse(const char *text, enum level *ret_level)
{
	for (unsigned i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++) {
		if (strcmp(text, level_names[i]) == 0) {
			*ret_level = (enum level)i;
			return true;
		}
	}
	return false;
}

int log_to_file(struct log *log, const char *path)
{
	int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	int r = 0;

	if (file < 0)
		return -errno;
	SCOPED_LOCK(&log->lock);
	if (log->file < 0) {
		log->file = file;
	} else {
		/* The number stays a log's: another thread may be about to write to it. */
		r = dup3(file, log->file, O_CLOEXEC) < 0 ? -errno : 0;
		close(file);
	}
	log->sink = SINK_FILE;
	return r;
}

void log_to_system(struct log *log, const char *mountpoint)
{
	SCOPED_LOCK(&log->lock);
	if (log->sink != SINK_STDERR)
		return;
	log->mountpoint = mountpoint;
	if (log_journal_is_there()) {
		log->sink = SINK_JOURNAL;
		return;
	}
	openlog("ecrfs", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	log->sink = SINK_SYSLOG;
}

void log_to_system_if_service(struct log *log, const char *mountpoint)
{
	if (log_journal_is_stderr())
		log_to_system(log, mountpoint);
}

static void write_line(int file, const char *text, bool with_time)
{
	char line[LINE_SIZE + 64];
	int length;

	if (with_time) {
		char stamp[CLOCK_UTC_SIZE];

		clock_format_utc(time(NULL), stamp);
		length = snprintf(line, sizeof(line), "%s ecrfs: %s\n", stamp, text);
	} else {
		length = snprintf(line, sizeof(line), "ecrfs: %s\n", text);
	}
	/* A log that cannot be written has nowhere to say so. */
	if (length > 0 && write(file, line, (size_t)length) < 0)
		return;
}

/* For those who ask for the last lines. */
static void remember(struct log *log, enum level level, const char *text)
{
	char line[LINE_SIZE + 64], stamp[CLOCK_UTC_SIZE];
	int length;

	clock_format_utc(time(NULL), stamp);
	length = snprintf(line, sizeof(line), "%s %s %s\n", stamp, level_names[level], text);
	if (length > 0)
		log_ring_add(&log->ring, bytes_new(line, (size_t)length));
}

size_t log_last_lines(struct log *log, struct bytes *ret_lines[static LOG_RING_LINES])
{
	return log_ring_lines(&log->ring, ret_lines);
}

static void emit(struct log *log, enum level level, char *text, const char *key,
                 const struct log_field *fields)
{
	enum sink sink;
	int file;

	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	remember(log, level, text);
	pthread_mutex_lock(&log->lock);
	sink = log->sink;
	file = log->file;
	pthread_mutex_unlock(&log->lock);
	switch (sink) {
	case SINK_STDERR:
		write_line(STDERR_FILENO, text, false);
		break;
	case SINK_SYSLOG:
		syslog(syslog_priorities[level], "%s", text);
		break;
	case SINK_JOURNAL:
		log_journal_write(syslog_priorities[level], text, log->mountpoint, key, fields);
		break;
	case SINK_FILE:
		write_line(file, text, true);
		break;
	}
}

void log_write(struct log *log, enum level level, const char *format, ...)
{
	char text[LINE_SIZE];
	va_list arguments;

	if (level > log->level)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	emit(log, level, text, NULL, NULL);
}

static uint64_t hash_key(const char *key)
{
	uint64_t hash = 14695981039346656037ULL; /* FNV-1a, 64 bit */

	while (*key)
		hash = (hash ^ (unsigned char)*key++) * 1099511628211ULL;
	return hash;
}

/* Answers whether a line with this key may be written now, and how many were left out before. */
static bool may_repeat(struct log *log, const char *key, unsigned *ret_left_out)
{
	uint64_t hash = hash_key(key);
	uint64_t now = clock_monotonic_ns(log->clock);
	struct repeat *repeat = &log->repeats[hash % REPEAT_SLOTS];

	SCOPED_LOCK(&log->lock);
	if (repeat->key_hash == hash && repeat->written_ns &&
	    now - repeat->written_ns < LOG_REPEAT_S * NS_PER_S) {
		repeat->left_out++;
		return false;
	}
	*ret_left_out = repeat->key_hash == hash ? repeat->left_out : 0;
	*repeat = (struct repeat){.key_hash = hash, .written_ns = now};
	return true;
}

__attribute__((format(printf, 5, 0))) static void write_event(struct log *log, enum level level,
                                                              const char *key,
                                                              const struct log_field *fields,
                                                              const char *format, va_list arguments)
{
	char text[LINE_SIZE];
	unsigned left_out;
	int length;

	if (level > log->level || !may_repeat(log, key, &left_out))
		return;
	length = vsnprintf(text, sizeof(text), format, arguments);
	if (left_out && length > 0 && (size_t)length < sizeof(text))
		snprintf(text + length, sizeof(text) - (size_t)length, " (and %u more like it)",
		         left_out);
	emit(log, level, text, key, fields);
}

void log_event(struct log *log, enum level level, const char *key, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_event(log, level, key, NULL, format, arguments);
	va_end(arguments);
}

void log_event_about(struct log *log, enum level level, const char *key,
                     const struct log_field *fields, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_event(log, level, key, fields, format, arguments);
	va_end(arguments);
}
