/* A table of inodes, new for each test. */
#ifndef ECRFS_TESTS_UNIT_INODES_FIXTURE_H
#define ECRFS_TESTS_UNIT_INODES_FIXTURE_H

#include "ecr/registry.h"
#include "fs/inodes.h"
#include "tests/unit/unit_test.h"

#define FIRST_NUMBER 1024

extern struct inodes *inodes;
extern const struct registry registry;

/* A directory in that registry; borrows the path. */
struct inode_identity directory(const char *path);

/* Looks it up in the root; there must be memory for it. The number may be 0: a new one. */
struct inode *lookup(struct inode_identity identity, uint64_t number);

/* For cmocka_unit_test_fixture(). */
int set_up(void **state);
int tear_down(void **state);

#endif
