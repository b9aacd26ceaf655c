/* A name, and the files in which it is looked up. */
#include "ecr/profile.h"
#include "ecr/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct profile {
	struct aws_files *files;
	char *name;
	bool named;
};

/* Takes the reference, also on failure. Answers 0 or -ENOMEM. */
static int profile_make(struct aws_files *files, const char *name, bool named,
                        struct profile **ret_profile)
{
	struct profile *profile = calloc(1, sizeof(*profile));
	char *copy = strdup(name);

	if (!profile || !copy) {
		aws_files_unref(files);
		free(copy);
		free(profile);
		return -ENOMEM;
	}
	profile->files = files;
	profile->name = copy;
	profile->named = named;
	*ret_profile = profile;
	return 0;
}

int profile_new(struct loop *loop, struct log *log, const char *profile_option,
                struct profile **ret_profile)
{
	const char *name = profile_option && profile_option[0]
	                           ? profile_option
	                           : aws_settings_variable("AWS_PROFILE");
	struct aws_files *files;
	int r = aws_files_new(loop, log, &files);

	if (r < 0)
		return r;
	if (!name)
		name = aws_settings_variable("AWS_DEFAULT_PROFILE");
	return profile_make(files, name ? name : "default", name, ret_profile);
}

int profile_new_of(const struct profile *profile, const char *name, struct profile **ret_profile)
{
	return profile_make(aws_files_ref(profile->files), name, true, ret_profile);
}

void profile_free(struct profile *profile)
{
	if (!profile)
		return;
	aws_files_forget(profile->files, profile, NULL);
	aws_files_unref(profile->files);
	free(profile->name);
	free(profile);
}

void profile_forget(struct profile *profile, const void *arg)
{
	aws_files_forget(profile->files, profile, arg);
}

const char *profile_name(const struct profile *profile)
{
	return profile->name;
}

bool profile_is_named(const struct profile *profile)
{
	return profile->named;
}

static int ask(struct profile *profile, bool can_do_without, profile_fn done, void *arg)
{
	struct aws_files_question question = {
	        .owner = profile,
	        .name = profile->name,
	        .can_do_without = can_do_without,
	        .done = done,
	        .arg = arg,
	};

	return aws_files_read(profile->files, &question);
}

int profile_read(struct profile *profile, profile_fn done, void *arg)
{
	return ask(profile, false, done, arg);
}

int profile_read_soon(struct profile *profile, profile_fn done, void *arg)
{
	return ask(profile, true, done, arg);
}

enum status profile_trouble(int error, enum status otherwise)
{
	enum status shortage = status_of_shortage(-error);

	if (shortage != STATUS_OK)
		return shortage;
	/* A full disk pool is one whose disk does not answer. */
	return error == -ETIMEDOUT || error == -EBUSY ? STATUS_TIMED_OUT : otherwise;
}

int profile_absolute_path(const struct profile *profile, const char *path, char **ret_path)
{
	int r = aws_files_resolve(profile->files, path, ret_path);

	return r == 0 && !*ret_path ? -ENOENT : r;
}

int profile_choose_path(const struct profile *profile, const char *variable, const char *otherwise,
                        char **ret_path)
{
	const char *path = variable ? aws_settings_variable(variable) : NULL;

	return aws_files_resolve(profile->files, path ? path : otherwise, ret_path);
}
