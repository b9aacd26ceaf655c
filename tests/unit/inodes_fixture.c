/* Inodes without a filesystem. */
#include "tests/unit/inodes_fixture.h"
#include "cache/cache.h"

struct inodes *inodes;
static uint64_t next_number;
const struct registry registry = {.account = "012345678910"};

/* In place of the cache's: the only thing that the table wants of it. */
uint64_t cache_new_number(struct cache *cache)
{
	uint64_t number = next_number;

	(void)cache;
	next_number += 2;
	return number;
}

int set_up(void **state)
{
	(void)state;
	next_number = FIRST_NUMBER;
	return inodes_new(NULL, &inodes);
}

int tear_down(void **state)
{
	(void)state;
	inodes_free(inodes);
	return 0;
}

struct inode_identity directory(const char *path)
{
	return (struct inode_identity){INODE_DIRECTORY, &registry, path, {{0}}, NULL};
}

struct inode *lookup(struct inode_identity identity, uint64_t number)
{
	static const struct inode_content content;
	struct inode *inode = NULL;

	assert_int_equal(
	        inodes_lookup(inodes, &identity, number, INODE_ROOT_NUMBER, &content, &inode), 0);
	assert_non_null(inode);
	return inode;
}
