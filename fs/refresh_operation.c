/* IOCTL: a program wants something to be forgotten. */
#include "fs/ecrfs_ioctl.h"
#include "fs/inodes.h"
#include "fs/mount.h"
#include "fs/operations.h"
#include "fs/refresh.h"
#include "fs/reply.h"

#include <errno.h>
#include <unistd.h>

/* It makes the next ones who read ask ECR, and pull: not for each user whom allow_other lets in. */
static bool may_refresh(const struct request *request)
{
	uid_t uid = fuse_req_ctx(request->fuse)->uid;

	return uid == 0 || uid == geteuid() || uid == request->mount->options->uid;
}

enum step operation_ioctl(struct request *request)
{
	static const struct ecrfs_refresh answer = {.magic = ECRFS_REFRESH_MAGIC};
	struct refresh *refresh = request->mount->refresh;
	int r = 0;

	if (request->size != ECRFS_IOC_REFRESH)
		return reply_error(request, ENOTTY);
	if (!may_refresh(request))
		return reply_error(request, EPERM);
	if (request->inode->kind == INODE_OWN) /* nothing in there is cached */
		return reply_ioctl(request, &answer, sizeof(answer));
	if (!request->asker.may_wait) /* on the loop thread, then */
		return STEP_WAIT;
	if (!request->ticket)
		r = refresh_directory(refresh, request->inode, &request->ticket);
	if (r == 0)
		r = refresh_is_done(refresh, request->ticket);
	if (r < 0)
		return reply_error(request, -r);
	if (r == 0)
		return STEP_WAIT;
	return reply_ioctl(request, &answer, sizeof(answer));
}
