/* Giving up the privileges of root. */
#include "fs/run_as.h"
#include "fs/units.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Of one entry of the passwd database; glibc suggests 1 KiB. */
#define ENTRY_SIZE 16384

/* A number needs no entry. */
static int find_number(const char *user, struct run_as *run_as)
{
	unsigned long number;

	if (!units_parse_number(user, 0, UINT_MAX - 1, &number))
		return -ENOENT;
	run_as->uid = (uid_t)number;
	run_as->gid = (gid_t)number;
	return 0;
}

static int take_entry(const struct passwd *entry, struct run_as *run_as)
{
	run_as->uid = entry->pw_uid;
	run_as->gid = entry->pw_gid;
	run_as->name = strdup(entry->pw_name);
	run_as->home = strdup(entry->pw_dir);
	return run_as->name && run_as->home ? 0 : -ENOMEM;
}

int run_as_find(const char *user, struct run_as *ret_run_as)
{
	struct passwd entry, *found = NULL;
	char buffer[ENTRY_SIZE];
	unsigned long number;
	int r;

	*ret_run_as = (struct run_as){.is_given = true};
	r = getpwnam_r(user, &entry, buffer, sizeof(buffer), &found);
	if (!found && units_parse_number(user, 0, UINT_MAX - 1, &number))
		r = getpwuid_r((uid_t)number, &entry, buffer, sizeof(buffer), &found);
	if (found)
		return take_entry(found, ret_run_as);
	return r && r != ENOENT ? -r : find_number(user, ret_run_as);
}

void run_as_deinit(struct run_as *run_as)
{
	free(run_as->name);
	free(run_as->home);
	*run_as = (struct run_as){0};
}

int run_as_seal(const struct run_as *run_as)
{
	return run_as->is_given && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

int run_as_apply(const struct run_as *run_as)
{
	int r;

	if (!run_as->is_given)
		return 0;
	r = run_as->name ? initgroups(run_as->name, run_as->gid) : setgroups(0, NULL);
	/* With the user the kernel takes the capabilities; glibc sees to the other threads. */
	if (r < 0 || setresgid(run_as->gid, run_as->gid, run_as->gid) < 0 ||
	    setresuid(run_as->uid, run_as->uid, run_as->uid) < 0)
		return -errno;
	return 0;
}
