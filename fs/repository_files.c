/* One row for each file of a repository. */
#include "fs/repository_files.h"
#include "fs/document_file.h"
#include "fs/mount.h"

#include <string.h>

static const struct file_kind *const files[] = {&file_repository, &file_policy, &file_lifecycle};

const struct file_kind *repository_file_at(unsigned i)
{
	return i < sizeof(files) / sizeof(files[0]) ? files[i] : NULL;
}

const struct file_kind *repository_file_find(const char *name)
{
	const struct file_kind *file;

	for (unsigned i = 0; (file = repository_file_at(i)); i++)
		if (strcmp(file->name, name) == 0)
			return file;
	return NULL;
}

/* Whether a tag of the repository has the name. Who may not know finds the file. */
static enum cache_answer find_tag(const struct request *request, const char *name,
                                  enum image_question_how how, struct asker *asker,
                                  enum status *ret_status)
{
	const struct inode *directory = request->inode;
	struct found_image found = {.image = NULL};
	enum cache_answer answer =
	        cache_find_image(request->mount->cache, directory->registry, directory->path, name,
	                         how, asker, &found, ret_status);

	image_unref(found.image);
	return answer == CACHE_FAILED && *ret_status == STATUS_DENIED ? CACHE_ABSENT : answer;
}

static bool is_component(const struct request *request, const char *name)
{
	const struct inode *directory = request->inode;
	struct path_child child;
	bool is_short;

	path_child(directory->path, name, &child);
	return cache_shows_path(request->mount->cache, directory->registry, child.path,
	                        &is_short) == CACHE_KNOWN;
}

bool repository_file_is_hidden(const struct request *request, const struct file_kind *file)
{
	struct asker hasty = {.start_ns = request->asker.start_ns};
	enum status status;

	return is_component(request, file->name) ||
	       find_tag(request, file->name, CACHE_ASK_LISTED, &hasty, &status) == CACHE_FOUND;
}

enum cache_answer repository_file_look_up(struct request *request, const struct file_kind *file,
                                          struct inode_identity *ret_identity,
                                          struct file_facts *ret_facts, enum status *ret_status)
{
	const struct inode *directory = request->inode;
	const struct document_id id = {.kind = file->document};
	enum cache_answer answer;

	if (!name_is_repository(directory->path) || is_component(request, file->name) ||
	    cache_is_repository(request->mount->cache, directory->registry, directory->path,
	                        &request->asker) == CACHE_KNOWN_ABSENT)
		return CACHE_ABSENT;
	answer = find_tag(request, file->name, CACHE_ASK_LISTED, &request->asker, ret_status);
	if (answer != CACHE_ABSENT)
		return answer == CACHE_FOUND ? CACHE_ABSENT : answer;
	*ret_facts = (struct file_facts){.until_ns = NS_FOREVER};
	answer = document_file_look_up(request, directory->path, &id, ret_facts, ret_status);
	if (answer != CACHE_FOUND)
		return answer;
	*ret_identity = (struct inode_identity){
	        .kind = file->inode,
	        .registry = directory->registry,
	        .path = directory->path,
	        .digest = ret_facts->digest,
	        .file = file,
	};
	return CACHE_FOUND;
}

enum cache_answer repository_file_get(struct request *request, struct bytes **ret_bytes,
                                      enum status *ret_status)
{
	const struct inode *inode = request->inode;
	const struct document_id id = {.kind = inode->file->document};

	return document_file_get(request, inode->path, &id, ret_bytes, ret_status);
}
