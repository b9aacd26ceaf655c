/* HOME for a test of the AWS files. */
#include "tests/unit/aws_home.h"
#include "base/cleanup.h"

#include <string.h>
#include <unistd.h>

/* A variable whose name starts with `prefix`: its name, heap, or NULL. */
static char *find_variable(const char *prefix)
{
	for (char **variable = environ; *variable; variable++)
		if (strncmp(*variable, prefix, strlen(prefix)) == 0)
			return strndup(*variable, strcspn(*variable, "="));
	return NULL;
}

void aws_home_init(struct temp_dir *home)
{
	char *name;

	while ((name = find_variable("AWS_"))) {
		unsetenv(name);
		free(name);
	}
	temp_dir_init(home);
	setenv("HOME", home->path, 1);
}

void aws_home_write_config(const struct temp_dir *home, const char *text)
{
	temp_dir_write(home, ".aws/config", text);
}

void aws_home_write_credentials(const struct temp_dir *home, const char *text)
{
	temp_dir_write(home, ".aws/credentials", text);
}
