/* Reading requests and writing replies; the reply to INIT gets FUSE_PARALLEL_DIROPS added. */
#include "fs/session_io.h"

#include <fuse_lowlevel.h>
#include <linux/fuse.h>
#include <stddef.h>
#include <sys/uio.h>
#include <unistd.h>

static ssize_t read_request(int fd, void *buffer, size_t size, void *data)
{
	(void)data;
	return read(fd, buffer, size);
}

/* libfuse writes the reply to INIT as a header and a struct fuse_init_out. A kernel that does not
 * know the flag ignores it. */
static void correct_init(const struct iovec *parts, int n)
{
	struct fuse_init_out *init;

	if (n < 2 || parts[1].iov_len < offsetof(struct fuse_init_out, max_background))
		return;
	init = parts[1].iov_base;
	if (init->major == FUSE_KERNEL_VERSION)
		init->flags |= FUSE_PARALLEL_DIROPS;
}

/* The kernel sends INIT first and nothing else until it is answered: the first reply is that. */
static ssize_t write_reply(int fd, struct iovec *parts, int n, void *data)
{
	struct session_io *io = data;

	if (!atomic_exchange(&io->is_init_answered, true))
		correct_init(parts, n);
	return writev(fd, parts, n);
}

int session_io_install(struct fuse_session *session)
{
	static const struct fuse_custom_io io = {
	        .read = read_request,
	        .writev = write_reply,
	};

	return fuse_session_custom_io(session, &io, fuse_session_fd(session));
}
