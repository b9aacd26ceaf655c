/* The modification times of directories: the kernel drops its copy of the names when they change.
 */
#include "base/cleanup.h"
#include "fs/inodes_entry.h"

/* The time only ever moves on, even where the system's date was set back. */
static void move_mtime(struct entry *entry, uint64_t mtime_ns)
{
	entry->directory.mtime_ns =
	        mtime_ns > entry->directory.mtime_ns ? mtime_ns : entry->directory.mtime_ns + 1;
	entry->directory.was_read = false;
}

uint64_t inodes_mtime(struct inodes *inodes, struct inode *inode, uint64_t changed_ns, bool is_good)
{
	SCOPED_LOCK(&inodes->lock);
	struct entry *entry = entry_of(inode);

	if (changed_ns && changed_ns != entry->directory.changed_ns) {
		entry->directory.changed_ns = changed_ns;
		move_mtime(entry, changed_ns);
	} else if (entry->directory.mtime_ns && entry->directory.was_read && !is_good) {
		move_mtime(entry, 0);
	}
	return entry->directory.mtime_ns;
}

void inodes_reading(struct inodes *inodes, struct inode *inode)
{
	SCOPED_LOCK(&inodes->lock);

	entry_of(inode)->directory.was_read = true;
}

void inodes_read_as(struct inodes *inodes, struct inode *inode, bool is_more)
{
	SCOPED_LOCK(&inodes->lock);

	entry_of(inode)->directory.was_read_as_more = is_more;
}

void inodes_is_more(struct inodes *inodes, struct inode *inode, bool is_more)
{
	SCOPED_LOCK(&inodes->lock);
	struct entry *entry = entry_of(inode);

	if (entry->directory.was_read && entry->directory.was_read_as_more != is_more)
		move_mtime(entry, 0);
}

uint64_t inodes_image_shift(struct inodes *inodes, struct inode *inode, bool is_known, bool is_more)
{
	SCOPED_LOCK(&inodes->lock);
	struct entry *entry = entry_of(inode);

	/* There is one copy at most, so two times are enough to tell it from the next. */
	if (entry->directory.was_read &&
	    (!is_known || entry->directory.was_read_as_more != is_more)) {
		entry->directory.mtime_ns ^= 1;
		entry->directory.was_read = false;
	}
	return entry->directory.mtime_ns;
}
