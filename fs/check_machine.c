/* FUSE, and who else would use the mount. */
#include "fs/check_machine.h"
#include "base/cleanup.h"
#include "fs/check_report.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEVICE    "/dev/fuse"
#define FUSE_CONF "/etc/fuse.conf"

static const char in_container[] =
        "in a container: docker run --device /dev/fuse --cap-add SYS_ADMIN, or a pod that is "
        "privileged";

/* A capability of this process. */
static bool has_capability(unsigned number)
{
	CLEANUP(close_stream) FILE *status = fopen("/proc/self/status", "re");
	unsigned long long effective = 0;
	char line[256];

	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "CapEff: %llx", &effective) == 1)
			break;
	return effective >> number & 1;
}

/* As libfuse looks for it: at its own place, else by PATH. */
static bool find_fusermount(struct stat *ret_attributes)
{
	const char *path = getenv("PATH");
	CLEANUP(free_string) char *all = NULL;
	char *rest, *directory, place[4096];

	if (asprintf(&all, "/usr/bin:/bin:%s", path ? path : "") < 0) {
		all = NULL;
		return false;
	}
	rest = all;
	while ((directory = strsep(&rest, ":"))) {
		snprintf(place, sizeof(place), "%s/fusermount3", directory);
		if (stat(place, ret_attributes) == 0 && S_ISREG(ret_attributes->st_mode))
			return true;
	}
	return false;
}

/* Answers 0 or the errno. */
static int open_device(void)
{
	int device = open(DEVICE, O_RDWR | O_CLOEXEC);

	if (device < 0)
		return errno;
	close(device);
	return 0;
}

static bool has_user_allow_other(void)
{
	CLEANUP(close_stream) FILE *conf = fopen(FUSE_CONF, "re");
	char line[256];

	while (conf && fgets(line, sizeof(line), conf)) {
		char *word = line + strspn(line, " \t");

		if (strncmp(word, "user_allow_other", strlen("user_allow_other")) == 0)
			return true;
	}
	return false;
}

static void check_fusermount(struct finding *finding, bool allow_other)
{
	struct stat attributes;

	if (!find_fusermount(&attributes)) {
		finding_fail(finding, CHECK_EXIT_MACHINE,
		             "fusermount3 is not there, without which only root can mount");
		finding_remedy(finding, "install the package fuse3, or mount as root");
	} else if (attributes.st_uid != 0 || !(attributes.st_mode & S_ISUID)) {
		finding_fail(finding, CHECK_EXIT_MACHINE,
		             "fusermount3 is not set-user-ID root, so only root can mount");
		finding_remedy(finding, "install the package fuse3 again, or mount as root");
	} else if (allow_other && !has_user_allow_other()) {
		finding_fail(finding, CHECK_EXIT_MACHINE,
		             "allow_other is not allowed to other users than root");
		finding_remedy(finding, "put the line user_allow_other into " FUSE_CONF
		                        ", or mount as root");
	} else {
		finding_ok(finding, DEVICE " can be opened, and fusermount3 mounts");
	}
}

void check_fuse(struct check_report *report, bool allow_other)
{
	struct finding *finding = check_report_add(report, "fuse", NULL);
	int error = open_device();

	if (error == ENOENT || error == ENODEV || error == ENXIO) {
		finding_fail(finding, CHECK_EXIT_MACHINE, DEVICE " cannot be opened: %s",
		             strerror(error));
		finding_remedy(finding, "run modprobe fuse as root; %s", in_container);
	} else if (error) {
		finding_fail(finding, CHECK_EXIT_MACHINE, DEVICE " cannot be opened: %s",
		             strerror(error));
		finding_remedy(finding,
		               "give this user access to " DEVICE
		               ", whose mode is 0666 as a rule; %s",
		               in_container);
	} else if (geteuid() != 0) {
		check_fusermount(finding, allow_other);
	} else if (!has_capability(CAP_SYS_ADMIN)) {
		finding_fail(finding, CHECK_EXIT_MACHINE,
		             "root may not mount here: the capability CAP_SYS_ADMIN is missing");
		finding_remedy(finding, "%s", in_container);
	} else {
		finding_ok(finding, DEVICE " can be opened, and root may mount");
	}
}

/* Whether the value of NAME = "a b c" has the word. */
static bool line_has_word(char *line, const char *name, const char *word)
{
	char *at = line + strspn(line, " \t"), *rest;

	if (strncmp(at, name, strlen(name)) != 0)
		return false;
	at += strlen(name);
	at += strspn(at, " \t");
	if (*at != '=')
		return false;
	rest = at + 1;
	while ((at = strsep(&rest, " \t\"\n")))
		if (strcasecmp(at, word) == 0)
			return true;
	return false;
}

void check_updatedb(struct check_report *report, const char *path, const char *mountpoint)
{
	CLEANUP(close_stream) FILE *conf = fopen(path, "re");
	CLEANUP(free_string) char *line = NULL;
	size_t capacity = 0;
	bool is_pruned = false;
	struct finding *finding;

	if (!conf)
		return;
	/* strsep() cuts the line up: the second question is for another name. */
	while (!is_pruned && getline(&line, &capacity, conf) > 0)
		is_pruned = line_has_word(line, "PRUNEFS", "fuse.ecrfs") ||
		            (mountpoint && line_has_word(line, "PRUNEPATHS", mountpoint));
	finding = check_report_add(report, "updatedb", NULL);
	if (is_pruned) {
		finding_ok(finding, "updatedb leaves the mount out");
		return;
	}
	finding_warn(finding, "updatedb would list every repository each time that it runs");
	finding_remedy(finding, "add fuse.ecrfs to PRUNEFS in %s", path);
}
