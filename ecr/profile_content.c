/* Look-ups in the two files. */
#include "ecr/profile_content.h"
#include "ecr/profile_file.h"

#include <stddef.h>

/* How each file calls a section that is a profile. */
static const char *const profile_kinds[N_AWS_FILES] = {
        [CREDENTIALS_FILE] = "",
        [CONFIG_FILE] = "profile",
};

static const char *get(const struct profile_content *content, enum aws_file file, const char *kind,
                       const char *name, const char *key)
{
	const char *value = NULL;

	if (content->files[file])
		value = profile_file_get(content->files[file], kind, name, key);
	return value && value[0] ? value : NULL;
}

bool profile_exists_of(const struct profile_content *content, const char *profile)
{
	for (int i = 0; i < N_AWS_FILES; i++)
		if (content->files[i] &&
		    profile_file_has(content->files[i], profile_kinds[i], profile))
			return true;
	return false;
}

bool profile_exists(const struct profile_content *content)
{
	return profile_exists_of(content, content->name);
}

const char *profile_get_from(const struct profile_content *content, enum aws_file file,
                             const char *profile, const char *key)
{
	return get(content, file, profile_kinds[file], profile, key);
}

const char *profile_get_of(const struct profile_content *content, const char *profile,
                           const char *key)
{
	const char *value = profile_get_from(content, CREDENTIALS_FILE, profile, key);

	return value ? value : profile_get_from(content, CONFIG_FILE, profile, key);
}

const char *profile_get(const struct profile_content *content, const char *key)
{
	return profile_get_of(content, content->name, key);
}

bool profile_has_section(const struct profile_content *content, const char *kind, const char *name)
{
	return content->files[CONFIG_FILE] &&
	       profile_file_has(content->files[CONFIG_FILE], kind, name);
}

const char *profile_get_in_section(const struct profile_content *content, const char *kind,
                                   const char *name, const char *key)
{
	return get(content, CONFIG_FILE, kind, name, key);
}
