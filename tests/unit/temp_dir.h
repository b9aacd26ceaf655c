/* A temporary directory with the files that a test puts there. */
#ifndef ECRFS_TESTS_UNIT_TEMP_DIR_H
#define ECRFS_TESTS_UNIT_TEMP_DIR_H

#define TEMP_PATH_SIZE 256

struct temp_dir {
	char path[TEMP_PATH_SIZE];
};

/* The pattern for mkstemp(3) and its like: `name` and six letters, in TMPDIR or /tmp. */
void temp_path(char path[static TEMP_PATH_SIZE], const char *name);

void temp_dir_init(struct temp_dir *dir);

/* Removes it with all that is in it. */
void temp_dir_deinit(struct temp_dir *dir);

/* The path of `name` in it. Heap; the caller frees. */
char *temp_dir_path(const struct temp_dir *dir, const char *name);

/* Writes the file `name` ("a/b" makes directory a), or replaces it. */
void temp_dir_write(const struct temp_dir *dir, const char *name, const char *text);

#endif
