/* Opening the cache directory, and who may write there. */
#include "store/folder.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "store/folder_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What may be done by whom who is not its owner. */
#define OTHERS_WRITE (S_IWGRP | S_IWOTH)

static const char *const directories[] = {"tmp", "blobs", "blobs/sha256", "sizes", "listings"};

/* OCI image layout 1.0: the two files that every layout has. */
static const struct {
	const char *path, *text;
} files[] = {
        {"oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}\n"},
        {"index.json",
         "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\","
         "\"manifests\":[]}\n"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int folder_new(const struct folder_config *config, const struct clock *clock, struct log *log,
               struct folder **ret_folder)
{
	struct folder *folder = calloc(1, sizeof(*folder));

	if (!folder)
		return -ENOMEM;
	folder->config = *config;
	folder->clock = clock;
	folder->log = log;
	folder->root = -1;
	pthread_mutex_init(&folder->lock, NULL);
	*ret_folder = folder;
	return 0;
}

void folder_free(struct folder *folder)
{
	if (!folder)
		return;
	if (folder->root >= 0)
		close(folder->root);
	pthread_mutex_destroy(&folder->lock);
	free(folder);
}

bool folder_is_shared(const struct folder *folder)
{
	return folder->config.is_shared;
}

bool folder_is_writable(const struct folder *folder)
{
	return clock_monotonic_ns(folder->clock) >= atomic_load(&folder->write_after_ns);
}

uint64_t folder_errors(const struct folder *folder)
{
	return atomic_load(&folder->errors);
}

/* Root can write everywhere anyhow. */
static bool is_ours(const struct stat *about)
{
	return about->st_uid == geteuid() || about->st_uid == 0;
}

/* Answers 0, or -EPERM with the reason. */
static int check_safe(const struct folder *folder, const char *what, const struct stat *about,
                      char *why)
{
	if (folder->config.is_shared)
		return 0;
	if (!is_ours(about))
		snprintf(why, FOLDER_WHY_SIZE,
		         "%s%s belongs to user %u and not to user %u, as whom ecrfs works, so "
		         "others could change what is in it: give another directory, or the option "
		         "cache_dir_shared",
		         folder->config.path, what, (unsigned)about->st_uid, (unsigned)geteuid());
	else if (about->st_mode & OTHERS_WRITE)
		snprintf(why, FOLDER_WHY_SIZE,
		         "other users can write to %s%s (mode %04o): take that from them (chmod "
		         "go-w %s%s), or give the option cache_dir_shared",
		         folder->config.path, what, (unsigned)about->st_mode & 07777U,
		         folder->config.path, what);
	else
		return 0;
	return -EPERM;
}

static int explain(const struct folder *folder, const char *what, int error, char *why)
{
	char remedy[128] = "";

	if (error == ENOENT && !folder->config.must_exist)
		snprintf(remedy, sizeof(remedy), "; make its parent directory first");
	else if (error == EACCES)
		snprintf(remedy, sizeof(remedy), "; make it, and give it to user %u (chown %u)",
		         (unsigned)geteuid(), (unsigned)geteuid());
	snprintf(why, FOLDER_WHY_SIZE, "%s%s cannot be used: %s%s", folder->config.path, what,
	         strerror(error), remedy);
	return -error;
}

/* Answers a descriptor or -errno. */
static int open_root(const struct folder *folder, struct stat *ret_about, char *why)
{
	const char *path = folder->config.path;
	int not_made = 0, fd, r;

	if (!folder->config.must_exist && mkdir(path, 0700) < 0)
		not_made = errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, ret_about) < 0) {
		r = explain(folder, "", errno == ENOENT && not_made ? not_made : errno, why);
		if (fd >= 0)
			close(fd);
		return r;
	}
	r = check_safe(folder, "", ret_about, why);
	if (r < 0)
		close(fd);
	return r < 0 ? r : fd;
}

/* Of a directory that is shared, what is in it has the rights of the directory. */
static void set_modes(struct folder *folder, const struct stat *about)
{
	folder->directory_mode = folder->config.is_shared ? about->st_mode & 07777 : 0700;
	folder->file_mode = folder->config.is_shared ? about->st_mode & 0666 : 0600;
}

static int make_directory(struct folder *folder, int root, const char *name, char *why)
{
	char what[FOLDER_PATH_SIZE];
	struct stat about;
	int r = 0;

	snprintf(what, sizeof(what), "/%s", name);
	if (mkdirat(root, name, 0700) == 0)
		r = fchmodat(root, name, folder->directory_mode, 0) < 0 ? -errno : 0;
	else if (errno != EEXIST)
		r = -errno;
	if (fstatat(root, name, &about, AT_SYMLINK_NOFOLLOW) < 0)
		return r; /* none, and none can be made: nothing is found or written there */
	if (!S_ISDIR(about.st_mode))
		return explain(folder, what, ENOTDIR, why);
	return check_safe(folder, what, &about, why);
}

/* Answers 0; a positive errno: what is missing cannot be written; or -errno: not to be used. */
static int prepare(struct folder *folder, int root, char *why)
{
	int missing = 0;

	why[0] = '\0';
	for (size_t i = 0; i < COUNT(directories); i++) {
		int r = make_directory(folder, root, directories[i], why);

		if (r < 0 && why[0])
			return r;
		if (r < 0)
			missing = -r;
	}
	for (size_t i = 0; i < COUNT(files) && !missing; i++)
		if (faccessat(root, files[i].path, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			missing = -folder_put(folder, root, files[i].path, files[i].text,
			                      strlen(files[i].text));
	return missing;
}

/* The descriptor's number stays, since others may be using it. */
static void set_root(struct folder *folder, int root)
{
	if (folder->root < 0) {
		folder->root = root;
	} else {
		dup3(root, folder->root, O_CLOEXEC);
		close(root);
	}
	folder->is_open = true;
}

/* The caller holds the lock. */
static int try_to_open(struct folder *folder, char *why)
{
	struct stat about;
	int root = open_root(folder, &about, why), r;

	if (root < 0)
		return root;
	set_modes(folder, &about);
	r = folder->config.must_exist ? 0 : prepare(folder, root, why);
	if (r < 0) {
		close(root);
		return r;
	}
	set_root(folder, root);
	if (r > 0)
		folder_failed(folder, r);
	return 0;
}

static int open_locked(struct folder *folder, char *why)
{
	char reason[FOLDER_WHY_SIZE] = "";
	uint64_t now_ns = clock_monotonic_ns(folder->clock);

	if (folder->is_open) /* by another thread, just now */
		return 0;
	if (now_ns < folder->open_after_ns && !why)
		return folder->open_error;
	folder->open_error = try_to_open(folder, reason);
	if (folder->open_error < 0) {
		folder->open_after_ns = now_ns + FOLDER_RETRY_NS;
		if (why)
			memcpy(why, reason, FOLDER_WHY_SIZE);
		else if (folder->logged_open_error != folder->open_error)
			log_write(folder->log, LEVEL_WARNING,
			          "cache_dir: %s; going on without it, and trying again", reason);
		folder->logged_open_error = folder->open_error;
	}
	return folder->open_error;
}

/* Appends `name` to a list. */
static void note_missing(const struct folder *folder, const char *name, char *missing)
{
	size_t length = strlen(missing);

	if (faccessat(folder->root, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return;
	snprintf(missing + length, FOLDER_WHY_SIZE - length, "%s%s", length ? ", " : "", name);
}

bool folder_is_ours(const struct folder *folder)
{
	for (size_t i = 0; i < COUNT(directories); i++)
		if (faccessat(folder->root, directories[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	return faccessat(folder->root, files[0].path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int folder_complete(struct folder *folder, char missing[FOLDER_WHY_SIZE])
{
	char why[FOLDER_WHY_SIZE] = "";
	int r;

	missing[0] = '\0';
	for (size_t i = 0; i < COUNT(directories); i++)
		note_missing(folder, directories[i], missing);
	for (size_t i = 0; i < COUNT(files); i++)
		note_missing(folder, files[i].path, missing);
	if (!missing[0])
		return 0;
	r = prepare(folder, folder->root, why);
	return r == 0 ? 1 : r < 0 ? r : -r;
}

int folder_open(struct folder *folder, char why[FOLDER_WHY_SIZE])
{
	if (folder->is_open)
		return 0;
	SCOPED_LOCK(&folder->lock); /* which is only for this: whoever waits has nothing to do */

	return open_locked(folder, why);
}

void folder_lost(struct folder *folder)
{
	SCOPED_LOCK(&folder->lock);
	struct stat about;

	if (folder->is_open && (fstat(folder->root, &about) < 0 || about.st_nlink == 0))
		folder->is_open = false;
	else if (folder->is_open)
		(void)prepare(folder, folder->root, (char[FOLDER_WHY_SIZE]){""});
}

static bool is_read_only(int error)
{
	return error == EROFS || error == EACCES || error == EPERM;
}

void folder_failed(struct folder *folder, int error)
{
	uint64_t now_ns = clock_monotonic_ns(folder->clock);

	atomic_fetch_add(&folder->errors, 1);
	atomic_store(&folder->write_after_ns, now_ns + FOLDER_RETRY_NS);
	if (atomic_exchange(&folder->logged_error, error) == error)
		return;
	log_write(folder->log, is_read_only(error) ? LEVEL_INFO : LEVEL_WARNING,
	          is_read_only(error)
	                  ? "cache_dir: %s cannot be written to: %s; what is there is used, and "
	                    "nothing is added"
	                  : "cache_dir: %s cannot be written to: %s; nothing is added until it can",
	          folder->config.path, strerror(error));
}

void folder_succeeded(struct folder *folder)
{
	if (atomic_load_explicit(&folder->logged_error, memory_order_relaxed) == 0 ||
	    atomic_exchange(&folder->logged_error, 0) == 0)
		return;
	log_write(folder->log, LEVEL_INFO, "cache_dir: %s is written to again",
	          folder->config.path);
}

int folder_has_no_space(struct folder *folder)
{
	folder_failed(folder, ENOSPC);
	return -ENOSPC;
}

void folder_probe(void *arg)
{
	struct folder *folder = arg;
	struct stat about;

	if (stat(folder->config.path, &about) == 0 && folder->root >= 0)
		(void)!faccessat(folder->root, files[0].path, F_OK, AT_SYMLINK_NOFOLLOW);
}
