/* Lines of /proc/self/mountinfo, see proc(5). Threads: pure. */
#ifndef ECRFS_FS_MOUNTINFO_H
#define ECRFS_FS_MOUNTINFO_H

#include <stdbool.h>

struct mountinfo {
	int id;             /* as in the "mnt_id" of /proc/self/fdinfo */
	const char *point;  /* absolute; as this process sees it */
	const char *type;   /* with its subtype: "fuse.ecrfs" */
	const char *source; /* may be empty */
};

/* Parses a line, which it changes and whose text it borrows. Answers false where it is no such
 * line. */
bool mountinfo_parse(char *line, struct mountinfo *ret_info);

#endif
