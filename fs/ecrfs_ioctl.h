/* What a program may ask of a mount of ecrfs beside reading it: see ioctl(2).
 *
 * For programs of others, too: needs nothing but this file. `ecrfs --refresh PATH` uses it.
 */
#ifndef ECRFS_FS_ECRFS_IOCTL_H
#define ECRFS_FS_ECRFS_IOCTL_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* "ecrfs" and three NULs: the answer is that of an ecrfs. */
#define ECRFS_REFRESH_MAGIC                                                                        \
	{                                                                                          \
		'e', 'c', 'r', 'f', 's'                                                            \
	}

struct ecrfs_refresh {
	__u8 magic[8]; /* ECRFS_REFRESH_MAGIC */
};

/* On a directory that is open for reading: what is cached of it, and of all below it, is forgotten,
 * by the daemon and by the kernel. The next access asks ECR. Answers 0 when both have done so. The
 * number is none of Documentation/userspace-api/ioctl/ioctl-number.rst.
 *
 * ENOTTY  not a directory of ecrfs
 * EPERM   the caller is neither root nor the user who mounted, nor the owner of the files
 * EBUSY   too many such requests are under way
 * ETIMEDOUT  the daemon has forgotten, but the kernel has not let go of all names: somebody waits
 *            for an answer in one of the directories
 */
#define ECRFS_IOC_REFRESH _IOR(0xE7, 1, struct ecrfs_refresh)

#endif
