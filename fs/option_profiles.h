/* profile.ACCOUNT=NAME: accounts that are read with profiles of their own. Inside of fs/options. */
#ifndef ECRFS_FS_OPTION_PROFILES_H
#define ECRFS_FS_OPTION_PROFILES_H

struct option_texts;

/* Adds what follows "profile.", such as "123456789012=audit", to the texts. What is wrong is said
 * on standard error. Answers 0 or -1. */
int option_profiles_add(struct option_texts *texts, const char *assignment);

void option_profiles_free(struct option_texts *texts);

#endif
