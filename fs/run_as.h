/* The user as whom the daemon works, once root has mounted. */
#ifndef ECRFS_FS_RUN_AS_H
#define ECRFS_FS_RUN_AS_H

#include <stdbool.h>
#include <sys/types.h>

struct run_as {
	bool is_given;
	uid_t uid;
	gid_t gid;
	char *name; /* NULL: a number without an entry in the passwd database */
	char *home; /* NULL: none */
};

/* Finds the user of that name or number. Answers 0, -ENOENT, or -errno of the database. */
int run_as_find(const char *user, struct run_as *ret_run_as);
void run_as_deinit(struct run_as *run_as);

/* Programs that are started later get no privileges by set-user-ID and the like. For all threads
 * that the caller makes: before any thread runs. Answers 0 or -errno; does nothing where none is
 * given. */
int run_as_seal(const struct run_as *run_as);

/* Gives up all privileges of this process, for good: user, groups and capabilities. Answers 0 or
 * -errno; does nothing where none is given. Threads: main; holds for all of them. */
int run_as_apply(const struct run_as *run_as);

#endif
