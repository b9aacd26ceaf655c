/* policy.json: who may do what with the repository. */
#include "fs/repository_files.h"

const struct file_kind file_policy = {
        .name = "policy.json",
        .inode = INODE_FILE,
        .lifetime = FILE_LISTING,
        .number = FILE_NUMBER_POLICY,
        .show = SHOW_REPOSITORY,
        .document = DOCUMENT_POLICY,
        .get = repository_file_get,
};
