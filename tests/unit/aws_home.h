/* A home directory of its own, and an environment without any AWS setting. */
#ifndef ECRFS_TESTS_UNIT_AWS_HOME_H
#define ECRFS_TESTS_UNIT_AWS_HOME_H

#include "tests/unit/temp_dir.h"

/* Makes it HOME, and unsets all variables that start with AWS_. */
void aws_home_init(struct temp_dir *home);

/* Writes ~/.aws/config or ~/.aws/credentials. */
void aws_home_write_config(const struct temp_dir *home, const char *text);
void aws_home_write_credentials(const struct temp_dir *home, const char *text);

#endif
