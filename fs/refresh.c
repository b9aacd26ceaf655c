/* A queue of parts to be told to the kernel. */
#include "fs/refresh.h"
#include "base/log.h"
#include "cache/cache.h"
#include "ecr/client.h"
#include "fs/image_files.h"
#include "fs/inodes.h"
#include "fs/mount.h"
#include "fs/path.h"
#include "fs/registries.h"
#include "fs/repository_files.h"
#include "fs/request.h"
#include "net/loop.h"

#include <errno.h>
#include <fuse_lowlevel.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utlist.h>

/* What is to be told. */
struct part {
	struct part *next;
	const struct registry *registry; /* NULL: everything */
	uint64_t node;                   /* of the directory itself */
	char path[];
};

struct refresh {
	struct mount *mount;
	_Atomic(struct fuse_session *) fuse; /* NULL: there is none yet, or no more */
	struct disk_job job; /* tells the first part; that is not changed meanwhile */
	struct part *parts;  /* loop */
	unsigned n_parts;    /* loop */
	uint64_t told;       /* loop: so many parts were, ever */
	uint64_t failed; /* loop: the last ticket of which the kernel could not be told; 0: none */
	int failure;     /* loop: its -errno */
	bool is_telling; /* loop: the job is under way */
};

static void tell(struct disk_job *job);
static void told(struct disk_job *job);

int refresh_new(struct mount *mount, struct refresh **ret_refresh)
{
	struct refresh *refresh = calloc(1, sizeof(*refresh));

	if (!refresh)
		return -ENOMEM;
	refresh->mount = mount;
	refresh->job = (struct disk_job){.work = tell, .done = told};
	*ret_refresh = refresh;
	return 0;
}

void refresh_free(struct refresh *refresh)
{
	struct part *part, *next;

	if (!refresh)
		return;
	LL_FOREACH_SAFE(refresh->parts, part, next)
	{
		free(part);
	}
	free(refresh);
}

void refresh_serve(struct refresh *refresh, struct fuse_session *fuse)
{
	refresh->fuse = fuse;
}

void refresh_end(struct refresh *refresh)
{
	struct timespec pause = {.tv_nsec = NS_PER_MS};

	if (!refresh->fuse)
		return;
	refresh->fuse = NULL;
	while (refresh->is_telling) { /* not for long: the kernel has let go */
		loop_run_once(refresh->mount->loop);
		nanosleep(&pause, NULL);
	}
}

/* What the kernel does not hold any more is no error, here and below. The name goes, and what lies
 * below it with it, as far as nobody uses that. */
static void drop(struct refresh *refresh, uint64_t parent, const char *name)
{
	struct fuse_session *fuse = refresh->fuse;

	if (fuse)
		(void)fuse_lowlevel_notify_inval_entry(fuse, parent, name, strlen(name));
}

/* The name is looked up again when it is used. Whoever is in there stays in a directory that has a
 * name. Kernels before 6.2 drop it. */
static void expire(struct refresh *refresh, uint64_t parent, const char *name)
{
	struct fuse_session *fuse = refresh->fuse;

	if (fuse && fuse_lowlevel_notify_expire_entry(fuse, parent, name, strlen(name),
	                                              FUSE_LL_EXPIRE_ONLY) == -ENOSYS)
		drop(refresh, parent, name);
}

static void drop_registries(struct refresh *refresh, const struct registry *registry)
{
	size_t n;
	struct registries_entry *all = registries_all(refresh->mount->registries, &n);

	for (size_t i = 0; i < n; i++)
		if (!registry || all[i].registry == registry)
			drop(refresh, INODE_ROOT_NUMBER, all[i].name);
	free(all);
}

/* The directory itself goes first, and takes with it what nobody uses, also names that there are
 * not. */
static void drop_directory(struct refresh *refresh, const struct part *part)
{
	struct held_directory *held;
	size_t n;

	if (!part->path[0]) {
		drop_registries(refresh, part->registry);
		return;
	}
	n = inodes_held(refresh->mount->inodes, part->registry, part->path, &held);
	for (size_t i = 0; i < n; i++)
		if (held[i].node == part->node && held[i].parent)
			drop(refresh, held[i].parent, held[i].name);
	inodes_held_free(held, n);
}

/* Files in a directory that is bound to its image stay what they are, but for what is told of it.
 */
static void expire_files(struct refresh *refresh, const struct held_directory *held)
{
	const struct file_kind *file;

	for (unsigned i = 0; (file = repository_file_at(i)); i++)
		if (held->kind == INODE_DIRECTORY || held->kind == INODE_IMAGE)
			expire(refresh, held->node, file->name);

	for (unsigned i = 0; (file = image_file_at(i)); i++)
		if (held->kind == INODE_DIRECTORY ||
		    (held->kind == INODE_IMAGE && file->lifetime == FILE_LISTING))
			expire(refresh, held->node, file->name);
}

/* What is left is used by somebody. */
static void expire_rest(struct refresh *refresh, const struct part *part)
{
	struct held_directory *held;
	size_t n = inodes_held(refresh->mount->inodes, part->registry, part->path, &held);
	struct fuse_session *fuse;

	for (size_t i = 0; i < n && (fuse = refresh->fuse); i++) {
		if (held[i].parent)
			expire(refresh, held[i].parent, held[i].name);
		expire_files(refresh, &held[i]);
		(void)fuse_lowlevel_notify_inval_inode(fuse, held[i].node, 0, 0);
	}
	inodes_held_free(held, n);
}

static struct refresh *of_job(struct disk_job *job)
{
	return (struct refresh *)((char *)job - offsetof(struct refresh, job));
}

/* On a disk thread. */
static void tell(struct disk_job *job)
{
	struct refresh *refresh = of_job(job);

	drop_directory(refresh, refresh->parts);
	expire_rest(refresh, refresh->parts);
}

static void finish_part(struct refresh *refresh)
{
	struct part *part = refresh->parts;

	LL_DELETE(refresh->parts, part);
	free(part);
	refresh->n_parts--;
	refresh->told++;
}

static void tell_next(struct refresh *refresh)
{
	int r = 0;

	while (!refresh->is_telling && refresh->parts) {
		r = refresh->fuse ? loop_disk(refresh->mount->loop, &refresh->job) : -ENOTCONN;
		refresh->is_telling = r == 0;
		if (r == 0)
			break;
		log_write(refresh->mount->log, LEVEL_WARNING,
		          "the kernel cannot be told to forget now: %s; its copies expire with ttl",
		          strerror(-r));
		refresh->failed = refresh->told + 1;
		refresh->failure = r;
		finish_part(refresh);
	}
}

static void told(struct disk_job *job)
{
	struct refresh *refresh = of_job(job);

	refresh->is_telling = false;
	finish_part(refresh);
	if (!refresh->fuse) /* the end */
		return;
	tell_next(refresh);
	requests_run_again(refresh->mount->requests, REQUEST_IOCTL);
}

static void forget_all(const struct mount *mount)
{
	client_forget(mount->client);
	cache_forget(mount->cache);
	log_write(mount->log, LEVEL_INFO, "all that was cached is forgotten");
}

/* What the cache knows of the directory. */
static void find_scope(const struct inode *directory, struct path_parts *parts,
                       struct cache_scope *ret_scope)
{
	struct cache_scope scope = {.registry = directory->registry};
	bool may_be_image = directory->kind == INODE_DIRECTORY || directory->kind == INODE_IMAGE ||
	                    directory->kind == INODE_LINKS;

	if (directory->kind != INODE_IMAGE && directory->kind != INODE_LINKS)
		scope.path = directory->path;
	if (may_be_image && path_split(directory->path, parts)) {
		scope.repository = parts->repository;
		scope.image = parts->image;
	}
	*ret_scope = scope;
}

static void forget_directory(const struct mount *mount, const struct inode *directory)
{
	struct path_parts parts;
	struct cache_scope scope;

	if (directory->kind == INODE_ROOT) {
		forget_all(mount);
		return;
	}
	find_scope(directory, &parts, &scope);
	cache_forget_part(mount->cache, &scope);
}

/* One like that which the kernel has not begun to be told: so many signals are one. Answers its
 * place, from 1, or 0. */
static unsigned find_waiting(const struct refresh *refresh, const struct inode *directory)
{
	uint64_t node = inodes_node(directory);
	const struct part *part;
	unsigned place = 0;

	LL_FOREACH (refresh->parts, part) {
		place++;
		if (part->node == node && part->registry == directory->registry &&
		    strcmp(part->path, directory->path) == 0 &&
		    !(refresh->is_telling && place == 1))
			return place;
	}
	return 0;
}

static struct part *part_new(const struct inode *directory)
{
	size_t size = strlen(directory->path) + 1;
	struct part *part = calloc(1, sizeof(*part) + size);

	if (!part)
		return NULL;
	part->registry = directory->registry;
	part->node = inodes_node(directory);
	memcpy(part->path, directory->path, size);
	return part;
}

int refresh_directory(struct refresh *refresh, const struct inode *directory, uint64_t *ret_ticket)
{
	unsigned place = find_waiting(refresh, directory);
	struct part *part = NULL;

	if (!place && refresh->n_parts >= REFRESH_MAX)
		return -EBUSY;
	if (!place && !(part = part_new(directory)))
		return -ENOMEM;
	forget_directory(refresh->mount, directory);
	if (part) {
		LL_APPEND(refresh->parts, part);
		place = ++refresh->n_parts;
	}
	*ret_ticket = refresh->told + place;
	tell_next(refresh);
	return 0;
}

int refresh_everything(struct refresh *refresh)
{
	struct mount *mount = refresh->mount;
	uint64_t ticket;

	if (refresh->fuse) /* and so a root, too */
		return refresh_directory(refresh, inodes_get(mount->inodes, INODE_ROOT_NUMBER),
		                         &ticket);
	forget_all(mount);
	return 0;
}

int refresh_is_done(const struct refresh *refresh, uint64_t ticket)
{
	if (ticket == refresh->failed)
		return refresh->failure;
	return refresh->told >= ticket;
}
