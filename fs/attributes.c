/* From inodes to attributes. */
#include "fs/attributes.h"
#include "base/bytes.h"
#include "cache/cache.h"
#include "fs/file_kind.h"
#include "fs/inodes.h"
#include "fs/mount.h"
#include "fs/path.h"
#include "fs/resolve.h"

#include <fuse_lowlevel.h>
#include <string.h>

#define FOREVER_S ((double)(NS_FOREVER / NS_PER_S))

double attributes_seconds_until(const struct mount *mount, uint64_t until_ns)
{
	uint64_t now = clock_monotonic_ns(mount->clock);

	return until_ns > now ? (double)(until_ns - now) / (double)NS_PER_S : 0;
}

static struct timespec timespec_of(uint64_t realtime_ns)
{
	return (struct timespec){
	        .tv_sec = (time_t)(realtime_ns / NS_PER_S),
	        .tv_nsec = (long)(realtime_ns % NS_PER_S),
	};
}

static void set_times(struct stat *attributes, uint64_t modified_ns, uint64_t accessed_ns)
{
	attributes->st_mtim = timespec_of(modified_ns);
	attributes->st_ctim = attributes->st_mtim;
	attributes->st_atim = timespec_of(accessed_ns ? accessed_ns : modified_ns);
}

/* What an inode has from its image: when that was pushed, and last pulled; the size of the image is
 * that of its directory, and the names of a file are the image's tags. */
static void set_image_attributes(const struct mount *mount, const struct inode *inode,
                                 struct stat *attributes)
{
	struct image *image = inodes_image(mount->inodes, inode);
	/* 0, the year 1970, where ECR has not told. */
	set_times(attributes, image ? image->pushed_ns : mount->started_ns,
	          image ? image->pulled_ns : 0);
	if (image && inode->kind == INODE_IMAGE)
		attributes->st_size = (off_t)image->size_bytes;
	if (image && image->n_tags && inode->kind == INODE_FILE && inode->file->is_shared)
		attributes->st_nlink = image->n_tags;
	image_unref(image);
}

static void set_size(struct stat *attributes, size_t size)
{
	attributes->st_size = (off_t)size;
	attributes->st_blocks = (blkcnt_t)((size + 511) / 512);
}

static bool is_of_digests(const struct inode *inode)
{
	return inode->kind == INODE_DIGESTS || inode->kind == INODE_UNTAGGED;
}

/* Whether it is known that the directory is, or is not, an image as well, which adds names to it.
 * Does not ask. */
static bool is_role_known(struct mount *mount, struct inode *inode)
{
	struct asker hasty = {.start_ns = clock_monotonic_ns(mount->clock)};
	struct found_image found = {.image = NULL};
	enum status status;

	if (inode->kind != INODE_DIRECTORY)
		return true;
	switch (resolve_image(mount, inode->registry, inode->path, CACHE_ASK_LISTED, &hasty, &found,
	                      &status)) {
	case CACHE_FOUND:
		image_unref(found.image);
		inodes_is_more(mount->inodes, inode, true);
		return true;
	case CACHE_ABSENT:
		inodes_is_more(mount->inodes, inode, false);
		return true;
	case CACHE_FAILED: /* denied: it is shown without */
		return true;
	case CACHE_WAIT:
		break;
	}
	return false;
}

/* A directory whose names come and go, known since `changed_ns` (0: not), good until then. The
 * kernel asks for its time again when they expire; see inodes_mtime(). */
static void fill_times(struct mount *mount, struct inode *inode, uint64_t changed_ns,
                       uint64_t until_ns, struct stat *attributes, double *ret_timeout_s)
{
	bool is_good = changed_ns && until_ns > clock_monotonic_ns(mount->clock) &&
	               is_role_known(mount, inode);

	changed_ns = inodes_mtime(mount->inodes, inode, changed_ns, is_good);
	set_times(attributes, changed_ns ? changed_ns : mount->started_ns, 0);
	if (is_good)
		*ret_timeout_s = attributes_seconds_until(mount, until_ns);
	else
		*ret_timeout_s = (double)mount->options->cache.ttl_ns / (double)NS_PER_S;
}

static void fill_listed(struct mount *mount, struct inode *inode, struct stat *attributes,
                        double *ret_timeout_s)
{
	uint64_t changed_ns, until_ns;

	cache_listing_times(mount->cache, inode->registry, inode->path, is_of_digests(inode),
	                    &changed_ns, &until_ns);
	fill_times(mount, inode, changed_ns, until_ns, attributes, ret_timeout_s);
}

static void fill_links(struct mount *mount, struct inode *inode, struct stat *attributes,
                       double *ret_timeout_s)
{
	uint64_t changed_ns, until_ns;

	if (!inode->file->times) {
		set_image_attributes(mount, inode, attributes);
		return;
	}
	inode->file->times(mount, inode, &changed_ns, &until_ns);
	fill_times(mount, inode, changed_ns, until_ns, attributes, ret_timeout_s);
}

/* The directory of an image may come to be more, or cease to be: the kernel asks again when the
 * name may have expired, which costs nothing where it looks that up anyway. */
static void fill_image(struct mount *mount, struct inode *inode, struct stat *attributes,
                       double *ret_timeout_s)
{
	struct asker hasty = {.start_ns = clock_monotonic_ns(mount->clock)};
	struct path_roles roles;
	enum status status;
	enum cache_answer answer;

	set_image_attributes(mount, inode, attributes);
	if (!path_may_be_directory(inode->path))
		return;
	answer = cache_find_path(mount->cache, inode->registry, inode->path, &hasty, &roles,
	                         &status);
	attributes->st_mtim.tv_nsec += (long)inodes_image_shift(
	        mount->inodes, inode, answer != CACHE_WAIT, answer == CACHE_FOUND);
	*ret_timeout_s = (double)mount->options->cache.ttl_ns / (double)NS_PER_S;
}

static bool fill_file(struct mount *mount, struct inode *inode, struct stat *attributes,
                      double *ret_timeout_s)
{
	size_t size = 0;
	bool is_known = inodes_size(mount->inodes, inode, &size);

	if (!is_known && inode->file->size && inode->file->size(mount, inode, &size)) {
		/* The kernel knows it from now on: no later reply may take it back. */
		inodes_set_size(mount->inodes, inode, size);
		is_known = true;
	}
	set_image_attributes(mount, inode, attributes);
	set_size(attributes, size);
	*ret_timeout_s = is_known ? FOREVER_S : 0;
	return is_known;
}

static void fill_live(const struct mount *mount, const struct inode *inode, struct stat *attributes)
{
	struct bytes *bytes = inodes_bytes(inode);

	set_times(attributes, clock_realtime_ns(mount->clock), 0);
	set_size(attributes, bytes->size);
	bytes_unref(bytes);
}

static mode_t mode_of(enum inode_kind kind, mode_t mask)
{
	mode_t type = inodes_type(kind);

	if (type == S_IFLNK)
		return type | 0777;
	return type | ((type == S_IFDIR ? 0555 : 0444) & ~mask);
}

bool attributes_fill(struct mount *mount, struct inode *inode, struct stat *ret_attributes,
                     double *ret_timeout_s)
{
	const struct options *options = mount->options;
	struct stat attributes = {
	        .st_ino = inode->number,
	        .st_mode = mode_of(inode->kind, options->umask),
	        .st_nlink = 1,
	        .st_uid = options->uid,
	        .st_gid = options->gid,
	        .st_blksize = 4096,
	};
	bool is_complete = true;

	*ret_timeout_s = FOREVER_S;
	set_times(&attributes, mount->started_ns, 0);
	switch (inode->kind) {
	case INODE_ROOT:
	case INODE_OWN:
		break;
	case INODE_REGISTRY:
	case INODE_DIRECTORY:
	case INODE_DIGESTS:
	case INODE_UNTAGGED:
		fill_listed(mount, inode, &attributes, ret_timeout_s);
		break;
	case INODE_IMAGE:
		fill_image(mount, inode, &attributes, ret_timeout_s);
		break;
	case INODE_LINKS:
		fill_links(mount, inode, &attributes, ret_timeout_s);
		break;
	case INODE_FILE:
		is_complete = fill_file(mount, inode, &attributes, ret_timeout_s);
		break;
	case INODE_LIVE:
		fill_live(mount, inode, &attributes);
		break;
	case INODE_LINK:
		attributes.st_size = (off_t)strlen(inode->path);
		break;
	}
	*ret_attributes = attributes;
	return is_complete;
}

/* The address of an inode may be that of an earlier one; with the number as generation, a handle
 * of that one is not taken for this one. */
void attributes_fill_entry(struct mount *mount, struct inode *inode, uint64_t until_ns,
                           struct fuse_entry_param *ret_entry)
{
	*ret_entry = (struct fuse_entry_param){
	        .ino = inodes_node(inode),
	        .generation = inode->number,
	        .entry_timeout = attributes_seconds_until(mount, until_ns),
	};
	attributes_fill(mount, inode, &ret_entry->attr, &ret_entry->attr_timeout);
}
