/* What is at the mount point. Nothing is changed there. */
#include "base/cleanup.h"
#include "fs/check_machine.h"
#include "fs/check_report.h"
#include "fs/mountpoint.h"
#include "fs/occupant.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *unmount_command(void)
{
	return geteuid() == 0 ? "umount" : "fusermount3 -u";
}

static void fail_occupied(struct finding *finding, const char *path, enum occupant_state state,
                          const struct occupant *occupant)
{
	const char *source = occupant->source ? occupant->source : "?";

	switch (state) {
	case OCCUPANT_DEAD:
		finding_fail(finding, CHECK_EXIT_MACHINE,
		             "an ecrfs of %s is mounted at %s, and its daemon is gone", source,
		             path);
		finding_remedy(finding, "mount again: ecrfs unmounts what is dead; or run %s %s",
		               unmount_command(), path);
		break;
	case OCCUPANT_SILENT:
		finding_fail(finding, CHECK_EXIT_MACHINE,
		             "an ecrfs of %s is mounted at %s, and its daemon does not answer",
		             source, path);
		finding_remedy(
		        finding,
		        "let its daemon go on (kill -CONT), or end it with kill -9 and mount "
		        "again");
		break;
	case OCCUPANT_ALIVE:
	case OCCUPANT_NONE:
		finding_fail(finding, CHECK_EXIT_MACHINE, "an ecrfs of %s is mounted at %s already",
		             source, path);
		finding_remedy(finding, "use that one, or unmount it: %s %s", unmount_command(),
		               path);
		break;
	}
}

static void check_directory(struct finding *finding, const char *path)
{
	struct stat attributes;

	if (stat(path, &attributes) < 0 && errno == ENOTCONN) {
		finding_fail(finding, CHECK_EXIT_MACHINE,
		             "the daemon of another filesystem at %s is gone", path);
		finding_remedy(finding, "unmount it: umount %s", path);
	} else if (stat(path, &attributes) < 0) {
		finding_fail(finding, CHECK_EXIT_MACHINE, "%s: %s", path, strerror(errno));
		finding_remedy(finding, "mount at a directory that this user may use");
	} else if (!S_ISDIR(attributes.st_mode)) {
		finding_fail(finding, CHECK_EXIT_MACHINE, "%s is not a directory", path);
		finding_remedy(finding, "mount at a directory");
	} else {
		finding_ok(finding, "%s is a directory, and no ecrfs is mounted there", path);
	}
}

void check_mountpoint(struct check_report *report, const char *path)
{
	struct finding *finding = check_report_add(report, "mountpoint", NULL);
	CLEANUP(free_string) char *absolute = mountpoint_resolve(path);
	struct occupant occupant;
	enum occupant_state state;

	if (!absolute) {
		finding_fail(finding, CHECK_EXIT_MACHINE, "%s: %s", path, strerror(errno));
		finding_remedy(finding, "make the directory: mkdir -p %s", path);
		return;
	}
	finding_fact(finding, "mountpoint", absolute);
	state = occupant_find(absolute, &occupant);
	if (state == OCCUPANT_NONE)
		check_directory(finding, absolute);
	else
		fail_occupied(finding, absolute, state, &occupant);
	occupant_deinit(&occupant);
}
