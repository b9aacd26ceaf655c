/* Which directories the kernel holds, and under which names. */
#include "base/cleanup.h"
#include "ecr/name.h"
#include "fs/file_kind.h"
#include "fs/inodes_entry.h"
#include "fs/path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Looks for a directory of that kind. The caller holds the lock. */
static struct entry *find_kind(struct inodes *inodes, const struct inode *inode,
                               enum inode_kind kind, const struct digest *digest, const char *path)
{
	struct inode_identity identity = {.kind = kind, .registry = inode->registry, .path = path};

	if (digest)
		identity.digest = *digest;
	return inodes_find_locked(inodes, &identity);
}

/* The directory in which an inode with a path of its own has its name, whose place in the path is
 * `*ret_name`. */
static struct entry *find_above(struct inodes *inodes, const struct inode *inode,
                                const char **ret_name)
{
	static const struct {
		const char *end;
		enum inode_kind kind;
	} own[] = {{"/" PATH_DIGESTS, INODE_DIGESTS}, {"/" PATH_UNTAGGED, INODE_UNTAGGED}};
	const char *slash = strrchr(inode->path, '/');
	char above[PATH_SIZE];
	size_t length = slash ? (size_t)(slash - inode->path) : 0;

	*ret_name = slash ? slash + 1 : inode->path;
	if (!slash)
		return find_kind(inodes, inode, INODE_REGISTRY, NULL, "");
	if (length >= sizeof(above))
		return NULL;
	memcpy(above, inode->path, length);
	above[length] = '\0';
	for (unsigned i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		size_t n = strlen(own[i].end);

		if (length <= n || strcmp(above + length - n, own[i].end) != 0)
			continue;
		above[length - n] = '\0';
		return find_kind(inodes, inode, own[i].kind, NULL, above);
	}
	return find_kind(inodes, inode, INODE_DIRECTORY, NULL, above);
}

/* The directory that has the inode under `*ret_name`, or NULL. One that was nothing but an image
 * when a name below it was looked up is not found: such names have a TTL. */
static struct entry *find_parent(struct inodes *inodes, const struct inode *inode,
                                 const char **ret_name)
{
	struct entry *parent;

	switch (inode->kind) {
	case INODE_DIRECTORY:
	case INODE_IMAGE:
		return find_above(inodes, inode, ret_name);
	case INODE_DIGESTS:
	case INODE_UNTAGGED:
		*ret_name = inode->kind == INODE_DIGESTS ? PATH_DIGESTS : PATH_UNTAGGED;
		return find_kind(inodes, inode, INODE_DIRECTORY, NULL, inode->path);
	case INODE_LINKS:
		*ret_name = inode->file->name;
		parent = find_kind(inodes, inode, INODE_IMAGE, &inode->digest, inode->path);
		return parent ? parent
		              : find_kind(inodes, inode, INODE_DIRECTORY, NULL, inode->path);
	case INODE_ROOT:
	case INODE_OWN:
	case INODE_REGISTRY:
	case INODE_FILE:
	case INODE_LIVE:
	case INODE_LINK:
		break;
	}
	*ret_name = "";
	return NULL;
}

static bool is_wanted(const struct inode *inode, const struct registry *registry, const char *path)
{
	if (inodes_type(inode->kind) != S_IFDIR)
		return false;
	return !registry || (inode->registry == registry && name_is_below(inode->path, path));
}

size_t inodes_held(struct inodes *inodes, const struct registry *registry, const char *path,
                   struct held_directory **ret_held)
{
	SCOPED_LOCK(&inodes->lock);
	struct held_directory *held =
	        reallocarray(NULL, HASH_COUNT(inodes->by_key) + 1, sizeof(*held));
	struct entry *entry;
	size_t n = 0;

	for (entry = inodes->by_key; held && entry; entry = entry->hh.next) {
		struct inode *inode = inode_of(entry);
		const char *name;
		struct entry *parent;

		if (!is_wanted(inode, registry, path))
			continue;
		parent = find_parent(inodes, inode, &name);
		held[n] = (struct held_directory){
		        .node = inodes_node(inode),
		        .parent = parent ? inodes_node(inode_of(parent)) : 0,
		        .kind = inode->kind,
		        .name = strdup(name),
		};
		n += held[n].name != NULL;
	}
	*ret_held = held;
	return n;
}

void inodes_held_free(struct held_directory *held, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(held[i].name);
	free(held);
}
