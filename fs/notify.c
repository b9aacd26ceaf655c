/* Telling systemd, where it is there. */
#include "fs/notify.h"

#ifdef ECRFS_HAVE_SYSTEMD
#include <string.h>
#include <systemd/sd-daemon.h>

/* libsystemd's functions answer -errno, or 0 where nobody listens. */
static void complain(struct log *log, int r)
{
	if (r < 0)
		log_write(log, LEVEL_WARNING, "the service manager cannot be told: %s",
		          strerror(-r));
}

void notify_ready(struct log *log, const char *source, const char *mountpoint)
{
	complain(log, sd_notifyf(0, "READY=1\nSTATUS=%s is mounted read-only at %s", source,
	                         mountpoint));
}

void notify_stopping(struct log *log)
{
	complain(log, sd_notify(0, "STOPPING=1\nSTATUS=Unmounting"));
}
#else
void notify_ready(struct log *log, const char *source, const char *mountpoint)
{
	(void)log;
	(void)source;
	(void)mountpoint;
}

void notify_stopping(struct log *log)
{
	(void)log;
}
#endif
