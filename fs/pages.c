/* Which files, and their bytes. */
#include "fs/pages.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "cache/cache.h"
#include "fs/image_files.h"
#include "fs/mount.h"
#include "fs/resolve.h"
#include "fs/walkers.h"

/* The inode of the file that the directory shows, held; NULL where the kernel does not know it. */
static struct inode *hold(struct request *request, const struct file_kind *file,
                          struct image *image)
{
	struct inodes *inodes = request->mount->inodes;
	struct file_facts facts = {.digest = image->digest};
	struct inode_identity identity;
	struct path_parts parts;
	uint64_t number;

	if (!image_file_identify(inodes, file, request->inode, &image->digest, &parts, &identity,
	                         &number))
		return NULL;
	if (file->lifetime == FILE_LISTING && !file->tell(request, &parts, image, &facts))
		return NULL;
	identity.digest = facts.digest;
	return inodes_hold(inodes, &identity);
}

/* Its bytes, a new reference; NULL where they are not at hand. */
static struct bytes *bytes_of(struct request *request, struct inode *inode)
{
	struct inode *directory = request->inode;
	struct bytes *bytes = NULL;
	enum status status;

	request->inode = inode;
	if (inode->file->get(request, &bytes, &status) != CACHE_FOUND)
		bytes = NULL;
	request->inode = directory;
	return bytes;
}

static void give_file(struct request *request, struct inode *inode)
{
	CLEANUP(unref_bytes) struct bytes *bytes = bytes_of(request, inode);
	struct pages *pages = &request->mount->pages;
	struct fuse_bufvec vector;

	if (!bytes || bytes->size > PAGES_MAX_BYTES)
		return;
	vector = FUSE_BUFVEC_INIT(bytes->size);
	vector.buf[0].mem = bytes->data;
	/* The kernel may have forgotten it, or have no memory: then it will ask. */
	if (fuse_lowlevel_notify_store(pages->fuse, inodes_node(inode), 0, &vector, 0) == 0)
		atomic_fetch_add(&pages->n_given, 1);
}

static void give_files(struct request *request, unsigned kinds)
{
	struct inodes *inodes = request->mount->inodes;
	CLEANUP(unref_image)
	struct image *image =
	        resolve_newest_image(request->mount, request->inode, request->asker.start_ns);
	const struct file_kind *file;
	struct inode *inode;

	for (unsigned i = 0; image && (file = image_file_at(i)); i++) {
		if (!(kinds & 1U << file->number) || !(inode = hold(request, file, image)))
			continue;
		give_file(request, inode);
		inodes_forget(inodes, inodes_node(inode), 1);
	}
}

void pages_give(struct request *request)
{
	struct pages *pages = &request->mount->pages;
	unsigned kinds;

	if (!pages->fuse || request->asker.may_wait)
		return;
	kinds = walkers_end(request->mount->walkers, request->caller, request->asker.start_ns);
	if (!kinds || atomic_flag_test_and_set(&pages->is_busy))
		return;
	give_files(request, kinds);
	atomic_flag_clear(&pages->is_busy);
}
