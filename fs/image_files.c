/* One row for each file of an image. */
#include "fs/image_files.h"
#include "cache/cache.h"

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

bool image_file_identify(struct inodes *inodes, const struct image_file *file,
                         struct inode *directory, const struct digest *image,
                         struct path_parts *ret_parts, struct inode_identity *ret_identity,
                         uint64_t *ret_number)
{
	bool is_shared = file->kind == INODE_MANIFEST || file->kind == INODE_DIGEST;

	if (!path_split(directory->path, ret_parts))
		return false;
	*ret_identity = (struct inode_identity){
	        .kind = file->kind,
	        .registry = directory->registry,
	        .digest = *image,
	        .path = is_shared ? ret_parts->repository : directory->path,
	};
	*ret_number = file->number + (file->kind == INODE_IMAGE_JSON
	                                      ? directory->number
	                                      : inodes_files_number(inodes, directory, image));
	return true;
}

void image_file_meet(struct cache *cache, const struct inode *directory,
                     const struct path_parts *parts, const struct digest *image)
{
	enum cache_listing listing = CACHE_TAGS;

	if (strstr(directory->path, "/" PATH_UNTAGGED "/"))
		listing = CACHE_UNTAGGED;
	else if (strchr(parts->image, ':'))
		listing = CACHE_DIGESTS;
	cache_meet_manifest(cache, directory->registry, parts->repository, listing, parts->image,
	                    image);
}
