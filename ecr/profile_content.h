/* What the two AWS files say, looked up: the profile in use, other profiles, other sections.
 *
 * Profiles are merged key by key; the credentials file wins. An empty value counts as none. All
 * answers are borrowed from the content. Threads: any.
 */
#ifndef ECRFS_ECR_PROFILE_CONTENT_H
#define ECRFS_ECR_PROFILE_CONTENT_H

#include <stdbool.h>

struct profile_file;

/* The credentials file first: it wins. */
enum aws_file {
	CREDENTIALS_FILE,
	CONFIG_FILE,
	N_AWS_FILES,
};

struct profile_content {
	const struct profile_file *files[N_AWS_FILES]; /* NULL: no such file */
	const char *name;                              /* of the profile in use */
};

/* Whether either file has the profile in use, or the one of this name. */
bool profile_exists(const struct profile_content *content);
bool profile_exists_of(const struct profile_content *content, const char *profile);

/* A key (lower case; nested ones are "ecr.endpoint_url"), or NULL: of the profile in use, of
 * another one, of one file alone. */
const char *profile_get(const struct profile_content *content, const char *key);
const char *profile_get_of(const struct profile_content *content, const char *profile,
                           const char *key);
const char *profile_get_from(const struct profile_content *content, enum aws_file file,
                             const char *profile, const char *key);

/* Sections that are no profiles are in the config file: `kind` is "sso-session" or "services". */
bool profile_has_section(const struct profile_content *content, const char *kind, const char *name);
const char *profile_get_in_section(const struct profile_content *content, const char *kind,
                                   const char *name, const char *key);

#endif
