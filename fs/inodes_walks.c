/* Images that a walk has come through. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "fs/inodes_entry.h"

/* `find` tells a pipe of 64 KiB what it has found, more than a thousand paths, and who reads them
 * waits for a call between one and the next. */
#define WALKED_S 5

static uint32_t seconds(uint64_t ns)
{
	return (uint32_t)(ns / NS_PER_S);
}

void inodes_note_walk(struct inodes *inodes, struct inode *image, uint64_t now_ns)
{
	SCOPED_LOCK(&inodes->lock);

	entry_of(image)->directory.walked_s = seconds(now_ns);
}

bool inodes_was_walked(struct inodes *inodes, struct inode *directory, uint64_t now_ns)
{
	SCOPED_LOCK(&inodes->lock);
	uint32_t walked_s = entry_of(directory)->directory.walked_s;

	return walked_s && seconds(now_ns) - walked_s <= WALKED_S;
}
