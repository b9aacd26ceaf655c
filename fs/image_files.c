/* One row for each file of an image. */
#include "fs/image_files.h"

#include <string.h>

static const struct image_file files[] = {
        {"manifest.json", INODE_MANIFEST, 1, 0},
        {"digest", INODE_DIGEST, 2, 0},
        {"image.json", INODE_IMAGE_JSON, 3, 0},
        {"platforms", INODE_PLATFORMS, 4, SHOW_PLATFORMS},
};

const struct image_file *image_file_at(unsigned i)
{
	return i < sizeof(files) / sizeof(files[0]) ? &files[i] : NULL;
}

const struct image_file *image_file_find(const char *name)
{
	const struct image_file *file;

	for (unsigned i = 0; (file = image_file_at(i)); i++)
		if (strcmp(file->name, name) == 0)
			return file;
	return NULL;
}
