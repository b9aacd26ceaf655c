/* The inode table: one hash over the objects, by what they are. */
#include "fs/inodes.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "cache/cache.h"
#include "fs/inodes_entry.h"
#include "fs/path.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A key that is no inode's. */
struct key {
	const struct registry *registry;
	struct digest digest;
	const struct file_kind *file;
	enum inode_kind kind;
	char path[PATH_SIZE];
};

#define KEY_HEAD offsetof(struct key, path)

/* 64 KiB of them: fewer are not worth moving anything. */
#define FEW_BUCKETS_MAX 4096

static_assert(sizeof(struct entry) % _Alignof(struct inode) == 0, "they are one block");
static_assert(KEY_HEAD == 2 * sizeof(void *) + sizeof(struct digest) + sizeof(enum inode_kind) &&
                      offsetof(struct inode, path) - offsetof(struct inode, registry) == KEY_HEAD,
              "keys have the same layout, and no gap that nobody sets");

int inodes_new(struct cache *cache, struct inodes **ret_inodes)
{
	struct inodes *inodes = calloc(1, sizeof(*inodes));

	if (!inodes)
		return -ENOMEM;
	inodes->cache = cache;
	pthread_mutex_init(&inodes->lock, NULL);
	*ret_inodes = inodes;
	return 0;
}

static void entry_free(struct entry *entry)
{
	enum inode_kind kind = inode_of(entry)->kind;

	image_unref(entry->image);
	if (kind == INODE_LIVE)
		bytes_unref(entry->bytes);
	else if (kind == INODE_DIRECTORY)
		free(entry->directory.files);
	free(entry);
}

void inodes_free(struct inodes *inodes)
{
	struct entry *entry, *next;

	if (!inodes)
		return;
	HASH_ITER (hh, inodes->by_key, entry, next) {
		HASH_DEL(inodes->by_key, entry);
		entry_free(entry);
	}
	pthread_mutex_destroy(&inodes->lock);
	free(inodes);
}

uint64_t inodes_node(const struct inode *inode)
{
	return inode->kind == INODE_ROOT ? INODE_ROOT_NUMBER : (uintptr_t)inode;
}

struct inode *inodes_get(struct inodes *inodes, uint64_t node)
{
	return node == INODE_ROOT_NUMBER ? inodes->root : (struct inode *)(uintptr_t)node;
}

/* An entry that is not in the table yet. */
static struct entry *entry_new(const struct inode_identity *identity, uint64_t parent,
                               const struct inode_content *content)
{
	size_t length = strlen(identity->path);
	struct entry *entry = calloc(1, sizeof(*entry) + offsetof(struct inode, path) + length + 1);
	struct inode *inode;

	if (!entry)
		return NULL;
	inode = inode_of(entry);
	inode->parent = parent;
	inode->registry = identity->registry;
	inode->digest = identity->digest;
	inode->file = identity->file;
	inode->kind = identity->kind;
	memcpy(inode->path, identity->path, length);
	entry->image = content->image ? image_ref(content->image) : NULL;
	if (inode->kind == INODE_LIVE)
		entry->bytes = bytes_ref(content->bytes);
	else if (inode->kind == INODE_FILE)
		entry->size = content->size;
	return entry;
}

static struct entry *find(struct inodes *inodes, const void *key, size_t size)
{
	struct entry *entry;

	HASH_FIND(hh, inodes->by_key, key, size, entry);
	return entry;
}

/* What it is like may have changed. */
static void take_image(struct entry *entry, struct entry *fresh)
{
	struct image *old = entry->image;

	if (!fresh->image)
		return;
	entry->image = fresh->image;
	fresh->image = old;
}

/* The entry of the same identity, or `fresh`, put in with that number. The caller holds the lock.
 * Answers 0, -ENOMEM, or -EAGAIN: it takes a number. */
static int lookup_locked(struct inodes *inodes, struct entry *fresh, uint64_t number,
                         struct entry **ret_entry)
{
	struct inode *inode = inode_of(fresh);
	const void *key = &inode->registry;
	size_t size = KEY_HEAD + strlen(inode->path);
	struct entry *entry = find(inodes, key, size);

	if (!entry && !number)
		return -EAGAIN;
	if (entry) {
		take_image(entry, fresh);
	} else {
		entry = fresh;
		inode->number = number;
		HASH_ADD_KEYPTR(hh, inodes->by_key, key, size, entry);
		if (!entry->hh.tbl)
			return -ENOMEM;
	}
	entry->lookups++;
	*ret_entry = entry;
	return 0;
}

int inodes_lookup(struct inodes *inodes, const struct inode_identity *identity, uint64_t number,
                  uint64_t parent, const struct inode_content *content, struct inode **ret_inode)
{
	struct entry *fresh = entry_new(identity, parent, content), *entry = NULL;
	int r;

	if (!fresh)
		return -ENOMEM;
	pthread_mutex_lock(&inodes->lock);
	r = lookup_locked(inodes, fresh, number, &entry);
	pthread_mutex_unlock(&inodes->lock);
	if (r == -EAGAIN) { /* which the cache gives, under its own lock */
		number = cache_new_number(inodes->cache);
		pthread_mutex_lock(&inodes->lock);
		r = lookup_locked(inodes, fresh, number, &entry);
		pthread_mutex_unlock(&inodes->lock);
	}
	if (entry != fresh)
		entry_free(fresh);
	if (r < 0)
		return r;
	if (identity->kind == INODE_ROOT)
		inodes->root = inode_of(entry);
	*ret_inode = inode_of(entry);
	return 0;
}

struct image *inodes_image(struct inodes *inodes, const struct inode *inode)
{
	SCOPED_LOCK(&inodes->lock);
	const struct entry *entry = entry_of(inode);

	return entry->image ? image_ref(entry->image) : NULL;
}

struct bytes *inodes_bytes(const struct inode *inode)
{
	return inode->kind == INODE_LIVE ? bytes_ref(entry_of(inode)->bytes) : NULL;
}

struct entry *inodes_find_locked(struct inodes *inodes, const struct inode_identity *identity)
{
	struct key key = {identity->registry, identity->digest, identity->file, identity->kind, ""};
	size_t length = strlen(identity->path);

	if (length >= sizeof(key.path)) /* no path is that long, only the target of a link */
		return NULL;
	memcpy(key.path, identity->path, length);
	return find(inodes, &key, KEY_HEAD + length);
}

uint64_t inodes_number(struct inodes *inodes, const struct inode_identity *identity,
                       uint64_t number)
{
	SCOPED_LOCK(&inodes->lock);
	struct entry *entry = inodes_find_locked(inodes, identity);

	return entry ? inode_of(entry)->number : number;
}

/* The one that was given for the files of this digest, else 0. With `number`, that is given now,
 * unless memory lacks: then it is used, and not remembered. */
static uint64_t files_number(struct inodes *inodes, struct entry *entry,
                             const struct digest *digest, uint64_t number)
{
	SCOPED_LOCK(&inodes->lock);
	struct files *files = entry->directory.files;

	if (files && digest_equal(&files->digest, digest))
		return files->number;
	if (number && !files)
		files = entry->directory.files = malloc(sizeof(*files));
	if (number && files)
		*files = (struct files){*digest, number};
	return number;
}

uint64_t inodes_files_number(struct inodes *inodes, struct inode *directory,
                             const struct digest *digest)
{
	uint64_t number;

	if (directory->kind != INODE_DIRECTORY)
		return directory->number;
	number = files_number(inodes, entry_of(directory), digest, 0);
	if (number)
		return number;
	return files_number(inodes, entry_of(directory), digest, cache_new_number(inodes->cache));
}

/* A table that has held very many keeps its buckets: the few that are left move to a new one.
 * Without memory for that, one stays outside: it lives on, but is not found by what it is. */
static void shrink(struct inodes *inodes)
{
	struct entry *old = inodes->by_key, *entry, *next;

	if (!old || old->hh.tbl->num_buckets < FEW_BUCKETS_MAX ||
	    HASH_COUNT(old) > old->hh.tbl->num_buckets / 64)
		return;
	inodes->by_key = NULL;
	HASH_ITER (hh, old, entry, next) {
		HASH_DEL(old, entry);
		HASH_ADD_KEYPTR(hh, inodes->by_key, &inode_of(entry)->registry,
		                KEY_HEAD + strlen(inode_of(entry)->path), entry);
	}
}

void inodes_forget(struct inodes *inodes, uint64_t node, uint64_t n)
{
	SCOPED_LOCK(&inodes->lock);
	struct entry *entry;

	if (node == INODE_ROOT_NUMBER)
		return;
	entry = entry_of(inodes_get(inodes, node));
	entry->lookups -= n < entry->lookups ? n : entry->lookups;
	if (entry->lookups)
		return;
	if (entry->hh.tbl)
		HASH_DEL(inodes->by_key, entry);
	entry_free(entry);
	shrink(inodes);
}

mode_t inodes_type(enum inode_kind kind)
{
	switch (kind) {
	case INODE_ROOT:
	case INODE_OWN:
	case INODE_REGISTRY:
	case INODE_DIRECTORY:
	case INODE_IMAGE:
	case INODE_DIGESTS:
	case INODE_UNTAGGED:
	case INODE_LINKS:
		return S_IFDIR;
	case INODE_LINK:
		return S_IFLNK;
	case INODE_FILE:
	case INODE_LIVE:
		break;
	}
	return S_IFREG;
}

size_t inodes_count(struct inodes *inodes)
{
	SCOPED_LOCK(&inodes->lock);

	return HASH_COUNT(inodes->by_key);
}

bool inodes_size(struct inodes *inodes, const struct inode *inode, size_t *ret_size)
{
	SCOPED_LOCK(&inodes->lock);
	const struct entry *entry = entry_of(inode);

	if (!entry->size)
		return false;
	*ret_size = entry->size;
	return true;
}

void inodes_set_size(struct inodes *inodes, struct inode *inode, size_t size)
{
	SCOPED_LOCK(&inodes->lock);

	entry_of(inode)->size = size;
}
