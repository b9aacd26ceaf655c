/* journald's own protocol, by libsystemd where that is there. */
#include "base/log_journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef ECRFS_HAVE_SYSTEMD
#include <systemd/sd-journal.h>

#define SOCKET "/run/systemd/journal/socket"

/* The message, and four more that each line has. */
#define PARTS_MAX (5 + LOG_FIELDS_MAX)

struct parts {
	struct iovec parts[PARTS_MAX];
	int n;
};

bool log_journal_is_there(void)
{
	return access(SOCKET, W_OK) == 0;
}

bool log_journal_is_stderr(void)
{
	const char *stream = getenv("JOURNAL_STREAM"); /* systemd: device and inode */
	unsigned long long device, inode;
	struct stat attributes;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &attributes) == 0 && attributes.st_dev == device &&
	       attributes.st_ino == inode && log_journal_is_there();
}

/* Out of memory, a field is left out. */
static void add(struct parts *parts, const char *name, const char *value)
{
	char *text;
	int length = value && value[0] ? asprintf(&text, "%s=%s", name, value) : -1;

	if (length >= 0 && parts->n < PARTS_MAX)
		parts->parts[parts->n++] = (struct iovec){text, (size_t)length};
	else if (length >= 0)
		free(text);
}

void log_journal_write(int priority, const char *text, const char *mountpoint, const char *key,
                       const struct log_field *fields)
{
	char number[16];
	struct parts parts = {.n = 0};

	snprintf(number, sizeof(number), "%d", priority);
	add(&parts, "MESSAGE", text);
	add(&parts, "PRIORITY", number);
	add(&parts, "SYSLOG_IDENTIFIER", "ecrfs");
	add(&parts, "ECRFS_MOUNTPOINT", mountpoint);
	add(&parts, "ECRFS_EVENT", key);
	for (; fields && fields->name; fields++)
		add(&parts, fields->name, fields->value);
	/* A log that cannot be written has nowhere to say so. */
	(void)sd_journal_sendv(parts.parts, parts.n);
	while (parts.n)
		free(parts.parts[--parts.n].iov_base);
}

#else /* then syslog(3) does */

bool log_journal_is_there(void)
{
	return false;
}

bool log_journal_is_stderr(void)
{
	return false;
}

void log_journal_write(int priority, const char *text, const char *mountpoint, const char *key,
                       const struct log_field *fields)
{
	(void)priority;
	(void)text;
	(void)mountpoint;
	(void)key;
	(void)fields;
}

#endif
