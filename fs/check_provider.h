/* What to do about a credential provider that fails. Threads: pure. */
#ifndef ECRFS_FS_CHECK_PROVIDER_H
#define ECRFS_FS_CHECK_PROVIDER_H

#include "fs/check_words.h"

/* Adds the remedy where the question for credentials failed. Answers whether there is one of its
 * own. */
bool check_provider_advise(struct finding *finding, enum status status,
                           const struct check_call *call);

#endif
