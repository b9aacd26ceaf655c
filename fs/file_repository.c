/* repository.json: what DescribeRepositories tells of the repository. */
#include "fs/repository_files.h"

const struct file_kind file_repository = {
        .name = "repository.json",
        .inode = INODE_FILE,
        .lifetime = FILE_LISTING,
        .number = FILE_NUMBER_REPOSITORY,
        .show = SHOW_REPOSITORY,
        .document = DOCUMENT_REPOSITORY,
        .get = repository_file_get,
};
