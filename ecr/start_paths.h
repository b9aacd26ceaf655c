/* Paths that people wrote: `~` is the home directory, and relative ones are meant for where the
 * program was started. The daemon works in /.
 *
 * Home is HOME, else that of the passwd entry. Threads: pure, but start_paths_init().
 */
#ifndef ECRFS_ECR_START_PATHS_H
#define ECRFS_ECR_START_PATHS_H

struct start_paths {
	char *home;      /* NULL: there is none */
	char *directory; /* NULL: it has no path */
	int error;       /* why; -errno of getcwd(3) */
};

/* Looks at environment and working directory. Answers 0 or -ENOMEM. Before the program changes to
 * another directory, and before any thread runs. */
int start_paths_init(struct start_paths *start);
void start_paths_deinit(struct start_paths *start);

/* The absolute path, heap; NULL where it is below a home directory that there is not. Answers 0,
 * -ENOMEM, or the -errno of getcwd(3). */
int start_paths_resolve(const struct start_paths *start, const char *path, char **ret_path);

#endif
