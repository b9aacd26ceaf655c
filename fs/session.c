/* The session with the kernel, on libfuse's low-level interface. */
#include "fs/session.h"
#include "base/cleanup.h"
#include "fs/inodes.h"
#include "fs/mount.h"
#include "fs/mountpoint.h"
#include "fs/operations.h"
#include "fs/refresh.h"
#include "fs/session_io.h"
#include "fs/workers.h"
#include "store/store.h"

#include <errno.h>
#include <stdlib.h>

struct session {
	struct session_io io; /* first */
	struct mount *mount;
	struct fuse_session *fuse;
	session_ready_fn ready;
	void *arg;
	bool has_signal_handlers;
	bool is_mounted;
	bool no_open; /* the kernel takes ENOSYS for "opening needs nobody", once and for all */
	bool no_opendir;
};

static void count(fuse_req_t fuse, enum request_kind kind)
{
	struct session *session = fuse_req_userdata(fuse);

	requests_count_one(&session->mount->counts, kind);
}

static void start(fuse_req_t fuse, fuse_ino_t node, enum request_kind kind, request_fn run,
                  const char *name, off_t offset, size_t size)
{
	struct session *session = fuse_req_userdata(fuse);
	struct mount *mount = session->mount;
	struct request *request;

	requests_count_one(&mount->counts, kind);
	request = request_new(mount->requests, mount, fuse, kind, run, name);
	if (!request)
		return;
	request->inode = inodes_get(mount->inodes, node);
	request->offset = offset;
	request->size = size;
	request_start(request);
}

static void do_lookup(fuse_req_t fuse, fuse_ino_t directory, const char *name)
{
	start(fuse, directory, REQUEST_LOOKUP, operation_lookup, name, 0, 0);
}

static void do_getattr(fuse_req_t fuse, fuse_ino_t node, struct fuse_file_info *file)
{
	(void)file;
	start(fuse, node, REQUEST_GETATTR, operation_getattr, NULL, 0, 0);
}

static void do_read(fuse_req_t fuse, fuse_ino_t node, size_t size, off_t offset,
                    struct fuse_file_info *file)
{
	(void)file;
	start(fuse, node, REQUEST_READ, operation_read, NULL, offset, size);
}

static void do_readdir(fuse_req_t fuse, fuse_ino_t node, size_t size, off_t offset,
                       struct fuse_file_info *file)
{
	(void)file;
	start(fuse, node, REQUEST_READDIR, operation_readdir, NULL, offset, size);
}

static void do_readdirplus(fuse_req_t fuse, fuse_ino_t node, size_t size, off_t offset,
                           struct fuse_file_info *file)
{
	(void)file;
	start(fuse, node, REQUEST_READDIRPLUS, operation_readdirplus, NULL, offset, size);
}

static void do_readlink(fuse_req_t fuse, fuse_ino_t node)
{
	start(fuse, node, REQUEST_READLINK, operation_readlink, NULL, 0, 0);
}

static void do_getxattr(fuse_req_t fuse, fuse_ino_t node, const char *name, size_t size)
{
	start(fuse, node, REQUEST_GETXATTR, operation_getxattr, name, 0, size);
}

static void do_listxattr(fuse_req_t fuse, fuse_ino_t node, size_t size)
{
	start(fuse, node, REQUEST_LISTXATTR, operation_listxattr, NULL, 0, size);
}

static void do_ioctl(fuse_req_t fuse, fuse_ino_t node, unsigned command, void *arg,
                     struct fuse_file_info *file, unsigned flags, const void *in, size_t in_size,
                     size_t out_size)
{
	(void)arg;
	(void)file;
	(void)in;
	(void)in_size;
	(void)out_size;
	start(fuse, node, REQUEST_IOCTL, operation_ioctl, NULL, 0,
	      flags & FUSE_IOCTL_DIR ? command : 0);
}

static void do_forget(fuse_req_t fuse, fuse_ino_t node, uint64_t n)
{
	struct session *session = fuse_req_userdata(fuse);

	count(fuse, REQUEST_FORGET);
	inodes_forget(session->mount->inodes, node, n);
	tidy_forgotten(&session->mount->tidy, 1);
	fuse_reply_none(fuse);
}

static void do_forget_multi(fuse_req_t fuse, size_t n, struct fuse_forget_data *forgets)
{
	struct session *session = fuse_req_userdata(fuse);

	count(fuse, REQUEST_FORGET);
	for (size_t i = 0; i < n; i++)
		inodes_forget(session->mount->inodes, forgets[i].ino, forgets[i].nlookup);
	tidy_forgotten(&session->mount->tidy, n);
	fuse_reply_none(fuse);
}

/* Nothing is kept for an open file: what an inode holds never changes. */
static void do_open(fuse_req_t fuse, fuse_ino_t node, struct fuse_file_info *file)
{
	struct session *session = fuse_req_userdata(fuse);

	(void)node;
	count(fuse, REQUEST_OPEN);
	file->keep_cache = 1;
	if (session->no_open)
		fuse_reply_err(fuse, ENOSYS);
	else
		fuse_reply_open(fuse, file);
}

static void do_opendir(fuse_req_t fuse, fuse_ino_t node, struct fuse_file_info *file)
{
	struct session *session = fuse_req_userdata(fuse);

	(void)node;
	count(fuse, REQUEST_OPENDIR);
	file->cache_readdir = 1;
	file->keep_cache = 1;
	if (session->no_opendir)
		fuse_reply_err(fuse, ENOSYS);
	else
		fuse_reply_open(fuse, file);
}

static void do_statfs(fuse_req_t fuse, fuse_ino_t node)
{
	struct statvfs answer = {
	        .f_bsize = 4096,
	        .f_frsize = 4096,
	        .f_namemax = 255,
	};

	(void)node;
	count(fuse, REQUEST_STATFS);
	fuse_reply_statfs(fuse, &answer);
}

static void do_init(void *data, struct fuse_conn_info *connection)
{
	struct session *session = data;

	session->no_open = connection->capable & FUSE_CAP_NO_OPEN_SUPPORT;
	session->no_opendir = connection->capable & FUSE_CAP_NO_OPENDIR_SUPPORT;
	/* A directory's changed time makes the kernel drop its copy of the names. */
	connection->want |= connection->capable & FUSE_CAP_AUTO_INVAL_DATA;
	connection->want |= connection->capable & FUSE_CAP_CACHE_SYMLINKS;
	/* Always, not when the kernel thinks that it pays: names that expired are good again then,
	 * without a look-up for each. */
	connection->want &= ~(unsigned)FUSE_CAP_READDIRPLUS_AUTO;
	session->ready(session->arg);
}

static const struct fuse_lowlevel_ops operations = {
        .init = do_init,
        .lookup = do_lookup,
        .forget = do_forget,
        .forget_multi = do_forget_multi,
        .getattr = do_getattr,
        .open = do_open,
        .read = do_read,
        .opendir = do_opendir,
        .readdir = do_readdir,
        .readdirplus = do_readdirplus,
        .readlink = do_readlink,
        .getxattr = do_getxattr,
        .listxattr = do_listxattr,
        .statfs = do_statfs,
        .ioctl = do_ioctl,
};

/* Appends `text` to an option string, its commas and backslashes escaped for libfuse. */
static void append_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == ',' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
}

/* The mount options for libfuse; heap, NULL when out of memory. */
static char *mount_options(const struct options *options)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fputs("ro,nosuid,nodev,default_permissions,subtype=ecrfs,fsname=", out);
	append_escaped(out, options->source);
	if (options->allow_other)
		fputs(",allow_other", out);
	if (options->for_kernel)
		fprintf(out, ",%s", options->for_kernel);
	fclose(out);
	return text;
}

static int create(struct session *session)
{
	CLEANUP(free_string) char *options = mount_options(session->mount->options);
	char program[] = "ecrfs", flag[] = "-o";
	char *argv[] = {program, flag, options, NULL};
	struct fuse_args arguments = FUSE_ARGS_INIT(3, argv);

	if (!options)
		return -ENOMEM;
	session->fuse = fuse_session_new(&arguments, &operations, sizeof(operations), session);
	fuse_opt_free_args(&arguments);
	return session->fuse ? 0 : -EIO;
}

static int add_root(struct inodes *inodes)
{
	struct inode_identity root = {.kind = INODE_ROOT, .path = ""};
	struct inode_content content = {0};
	struct inode *inode;

	return inodes_lookup(inodes, &root, INODE_ROOT_NUMBER, INODE_ROOT_NUMBER, &content, &inode);
}

/* As the user that the daemon is from now on. It was said what is wrong when that fails. */
static int start_store(const struct mount *mount)
{
	char why[FOLDER_WHY_SIZE] = "";
	int r = mount->store ? store_start(mount->store, why) : 0;

	if (r < 0)
		fprintf(stderr, "ecrfs: cache_dir: %s\n", why);
	return r;
}

static int mount_session(struct session *session)
{
	int r;

	/* libfuse has said what is wrong when one of its functions fails. */
	if (fuse_set_signal_handlers(session->fuse) < 0)
		return -EIO;
	session->has_signal_handlers = true;
	if (fuse_session_mount(session->fuse, session->mount->options->mountpoint) < 0)
		return -EIO;
	session->is_mounted = true;
	r = session_io_install(session->fuse);
	if (r == 0)
		r = run_as_apply(&session->mount->options->run_as);
	if (r == 0)
		r = start_store(session->mount);
	if (r == 0)
		r = add_root(session->mount->inodes);
	if (r == 0)
		refresh_serve(session->mount->refresh, session->fuse);
	return r;
}

int session_new(struct mount *mount, session_ready_fn ready, void *arg,
                struct session **ret_session)
{
	struct session *session = calloc(1, sizeof(*session));
	int r;

	if (!session)
		return -ENOMEM;
	session->mount = mount;
	session->ready = ready;
	session->arg = arg;
	r = create(session);
	if (r == 0)
		r = mount_session(session);
	if (r < 0) {
		session_free(session);
		return r;
	}
	*ret_session = session;
	return 0;
}

int session_run(struct session *session)
{
	return workers_run(session->fuse);
}

/* libfuse takes a connection that was aborted (umount -f) for one that is unmounted. */
static void unmount(struct session *session)
{
	fuse_session_unmount(session->fuse);
	mountpoint_tidy(session->mount->options->mountpoint);
}

void session_free(struct session *session)
{
	if (!session)
		return;
	if (session->has_signal_handlers)
		fuse_remove_signal_handlers(session->fuse);
	if (session->is_mounted)
		unmount(session);
	refresh_end(session->mount->refresh);
	if (session->fuse)
		fuse_session_destroy(session->fuse);
	free(session);
}
