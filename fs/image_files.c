/* One row for each file of an image. */
#include "fs/image_files.h"
#include "cache/cache.h"
#include "fs/mount.h"
#include "fs/request.h"

#include <assert.h>
#include <string.h>

static_assert(FILE_NUMBERS <= CACHE_NUMBERS, "no file has the number of another name");

static const struct file_kind *const files[] = {
        &file_manifest, &file_digest,    &file_image_json,   &file_platforms,
        &file_config,   &file_referrers, &file_attestations, &file_scan,
};

const struct file_kind *image_file_at(unsigned i)
{
	return i < sizeof(files) / sizeof(files[0]) ? files[i] : NULL;
}

const struct file_kind *image_file_find(const char *name)
{
	const struct file_kind *file;

	for (unsigned i = 0; (file = image_file_at(i)); i++)
		if (strcmp(file->name, name) == 0)
			return file;
	return NULL;
}

bool file_tell_always(struct request *request, const struct path_parts *parts, struct image *image,
                      struct file_facts *facts)
{
	(void)request;
	(void)parts;
	(void)image;
	(void)facts;
	return true;
}

/* The texts that a file shows one after the other have the same number. */
bool image_file_identify(struct inodes *inodes, const struct file_kind *file,
                         struct inode *directory, const struct digest *image,
                         struct path_parts *ret_parts, struct inode_identity *ret_identity,
                         uint64_t *ret_number)
{
	if (!path_split(directory->path, ret_parts))
		return false;
	*ret_identity = (struct inode_identity){
	        .kind = file->inode,
	        .registry = directory->registry,
	        .digest = *image,
	        .path = file->is_shared ? ret_parts->repository : directory->path,
	        .file = file,
	};
	*ret_number = file->number + (file->lifetime == FILE_LISTING
	                                      ? directory->number
	                                      : inodes_files_number(inodes, directory, image));
	return true;
}

enum cache_listing image_listing(const struct inode *directory, const struct path_parts *parts)
{
	if (strstr(directory->path, "/" PATH_UNTAGGED "/"))
		return CACHE_UNTAGGED;
	return strchr(parts->image, ':') ? CACHE_DIGESTS : CACHE_TAGS;
}

void image_file_meet(struct request *request, const struct path_parts *parts,
                     const struct digest *image)
{
	struct inode *directory = request->inode;

	cache_meet_manifest(
	        request->mount->cache, directory->registry, parts->repository,
	        image_listing(directory, parts), parts->image, image,
	        inodes_was_walked(request->mount->inodes, directory, request->asker.start_ns));
}
