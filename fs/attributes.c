/* From inodes to attributes. */
#include "fs/attributes.h"
#include "cache/cache.h"
#include "fs/inodes.h"
#include "fs/mount.h"

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

/* Images and their files: when the image was pushed, and last pulled; and how large it is. */
static void set_image_attributes(const struct mount *mount, const struct inode *inode,
                                 struct stat *attributes)
{
	struct inode_times times = inodes_times(mount->inodes, inode);

	set_times(attributes, times.pushed_ns ? times.pushed_ns : mount->started_ns,
	          times.pulled_ns);
	if (inode->identity.kind == INODE_IMAGE)
		attributes->st_size = (off_t)times.size_bytes;
}

/* A directory whose names come and go. The kernel asks for its time again when they expire; see
 * inodes_mtime(). */
static void fill_listed(struct mount *mount, struct inode *inode, struct stat *attributes,
                        double *ret_timeout_s)
{
	uint64_t changed_ns, until_ns;
	bool is_good;

	cache_listing_times(mount->cache, inode->identity.registry, inode->identity.path,
	                    &changed_ns, &until_ns);
	is_good = changed_ns && until_ns > clock_monotonic_ns(mount->clock);
	changed_ns = inodes_mtime(mount->inodes, inode, changed_ns, is_good);
	set_times(attributes, changed_ns ? changed_ns : mount->started_ns, 0);
	if (is_good)
		*ret_timeout_s = attributes_seconds_until(mount, until_ns);
	else
		*ret_timeout_s = (double)mount->options->cache.ttl_ns / (double)NS_PER_S;
}

static bool fill_manifest(struct mount *mount, struct inode *inode, struct stat *attributes,
                          double *ret_timeout_s)
{
	const struct inode_identity *identity = &inode->identity;
	size_t size = 0;
	bool is_known = inodes_size(mount->inodes, inode, &size) ||
	                cache_manifest_size(mount->cache, identity->registry, identity->path,
	                                    &identity->digest, &size);

	attributes->st_size = (off_t)size;
	attributes->st_blocks = (blkcnt_t)((size + 511) / 512);
	*ret_timeout_s = is_known ? FOREVER_S : 0;
	return is_known;
}

bool attributes_fill(struct mount *mount, struct inode *inode, struct stat *ret_attributes,
                     double *ret_timeout_s)
{
	const struct options *options = mount->options;
	bool is_file = inode->identity.kind == INODE_MANIFEST;
	struct stat attributes = {
	        .st_ino = inode->number,
	        .st_mode = (is_file ? S_IFREG | 0444 : S_IFDIR | 0555) & ~options->umask,
	        .st_nlink = 1,
	        .st_uid = options->uid,
	        .st_gid = options->gid,
	        .st_blksize = 4096,
	};
	bool is_complete = true;

	*ret_timeout_s = FOREVER_S;
	switch (inode->identity.kind) {
	case INODE_ROOT:
		set_times(&attributes, mount->started_ns, 0);
		break;
	case INODE_REGISTRY:
	case INODE_DIRECTORY:
		fill_listed(mount, inode, &attributes, ret_timeout_s);
		break;
	case INODE_IMAGE:
		set_image_attributes(mount, inode, &attributes);
		break;
	case INODE_MANIFEST:
		set_image_attributes(mount, inode, &attributes);
		is_complete = fill_manifest(mount, inode, &attributes, ret_timeout_s);
		break;
	}
	*ret_attributes = attributes;
	return is_complete;
}
