/* lifecycle.json: when images of the repository expire. */
#include "fs/repository_files.h"

const struct file_kind file_lifecycle = {
        .name = "lifecycle.json",
        .inode = INODE_FILE,
        .lifetime = FILE_LISTING,
        .number = FILE_NUMBER_LIFECYCLE,
        .show = SHOW_REPOSITORY,
        .document = DOCUMENT_LIFECYCLE,
        .get = repository_file_get,
};
