/* What the parser of an AWS file puts together: sections, and properties in them. Inside of
 * ecr/profile_file. Threads: pure.
 *
 * The file owns its sections, and these their properties; all goes with profile_file_free(), which
 * wipes the values.
 */
#ifndef ECRFS_ECR_PROFILE_FILE_INSIDE_H
#define ECRFS_ECR_PROFILE_FILE_INSIDE_H

#include "ecr/profile_file.h"

struct profile_property {
	struct profile_property *next;
	char *value;
	char key[]; /* lower case */
};

/* A section header and what follows it. Lists are newest first: the last equal key wins without
 * anything to be searched while parsing. */
struct profile_section {
	struct profile_section *next;
	struct profile_property *properties;
	char *name;
	char kind[]; /* "" where the header names none */
};

struct profile_file {
	struct profile_section *sections;
};

/* Begins a section; `kind` is "" where its header names none. Copies both. Answers 0 or -ENOMEM. */
int profile_file_add(struct profile_file *file, const char *kind, const char *name,
                     struct profile_section **ret_section);

/* Adds `[parent.]key` to the section; `parent` is NULL for a key that is not nested. Copies the
 * texts. Answers 0 or -ENOMEM. */
int profile_section_add(struct profile_section *section, const struct profile_property *parent,
                        const char *key, const char *value, struct profile_property **ret_property);

/* One more line of the value. Answers 0 or -ENOMEM. */
int profile_property_extend(struct profile_property *property, const char *line);

#endif
