/* What a path meant where the program was started. */
#include "ecr/start_paths.h"
#include "ecr/settings.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Answers 0, also where there is none, or -ENOMEM. */
static int find_home(char **ret_home)
{
	const char *home = aws_settings_variable("HOME");
	struct passwd entry, *found = NULL;
	char buffer[4096];

	if (!home && getpwuid_r(getuid(), &entry, buffer, sizeof(buffer), &found) == 0 && found)
		home = found->pw_dir;
	if (home)
		*ret_home = strdup(home);
	return home && !*ret_home ? -ENOMEM : 0;
}

int start_paths_init(struct start_paths *start)
{
	*start = (struct start_paths){.directory = getcwd(NULL, 0)};
	start->error = start->directory ? 0 : -errno;
	return start->error == -ENOMEM ? -ENOMEM : find_home(&start->home);
}

void start_paths_deinit(struct start_paths *start)
{
	free(start->home);
	free(start->directory);
	*start = (struct start_paths){0};
}

/* `~user` is left to the shell. */
static bool is_below_home(const char *path)
{
	return path[0] == '~' && (!path[1] || path[1] == '/');
}

static int join(const char *directory, const char *path, char **ret_path)
{
	char *joined;

	if (asprintf(&joined, "%s%s", directory, path) < 0)
		return -ENOMEM;
	*ret_path = joined;
	return 0;
}

/* A home directory may be relative, too. */
int start_paths_resolve(const struct start_paths *start, const char *path, char **ret_path)
{
	char *below_home = NULL;
	int r = 0;

	*ret_path = NULL;
	if (is_below_home(path)) {
		if (start->home)
			r = join(start->home, path + 1, &below_home);
		if (!below_home)
			return r;
		path = below_home;
	}
	if (path[0] == '/')
		r = join("", path, ret_path);
	else if (!start->directory)
		r = start->error;
	else if (asprintf(ret_path, "%s/%s", start->directory, path) < 0)
		r = -ENOMEM;
	if (r < 0)
		*ret_path = NULL;
	free(below_home);
	return r;
}
