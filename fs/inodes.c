/* The inode table: two hashes over the same objects. */
#include "fs/inodes.h"
#include "base/cleanup.h"
#include "base/bytes.h"
#include "cache/cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* What the identity hash compares: everything that makes an inode what it is. */
struct key_head {
	const struct registry *registry;
	struct digest digest;
	uint64_t kind;
};

struct entry {
	struct inode inode; /* first */
	UT_hash_handle by_number, by_key;
	uint64_t lookups;    /* under lock, as all below */
	struct image *image; /* as it was last told of */
	struct bytes *bytes;
	size_t size;         /* of a manifest; 0: not known */
	uint64_t changed_ns; /* of a directory: since when it has its names, as last told */
	uint64_t mtime_ns; /* of a directory: that, or later; of an image: what is added, 0 or 1 */
	bool was_read;     /* since the time was last moved: the kernel has a copy of its names */
	bool was_read_as_more; /* than its kind says */
	size_t key_size;
	struct key_head key; /* and the path behind it */
	char path[];
};

struct inodes {
	struct cache *cache;
	pthread_mutex_t lock;
	struct entry *by_number; /* under lock */
	struct entry *by_key;    /* under lock */
};

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
	image_unref(entry->image);
	bytes_unref(entry->bytes);
	free(entry);
}

static void remove_entry(struct inodes *inodes, struct entry *entry)
{
	HASH_DELETE(by_number, inodes->by_number, entry);
	HASH_DELETE(by_key, inodes->by_key, entry);
	entry_free(entry);
}

void inodes_free(struct inodes *inodes)
{
	struct entry *entry, *next;

	if (!inodes)
		return;
	HASH_ITER (by_number, inodes->by_number, entry, next) {
		remove_entry(inodes, entry);
	}
	pthread_mutex_destroy(&inodes->lock);
	free(inodes);
}

static struct entry *find_number(struct inodes *inodes, uint64_t number)
{
	struct entry *entry;

	HASH_FIND(by_number, inodes->by_number, &number, sizeof(number), entry);
	return entry;
}

/* An entry that is not in the table yet. */
static struct entry *entry_new(const struct inode_identity *identity)
{
	size_t length = strlen(identity->path);
	struct entry *entry = calloc(1, sizeof(*entry) + length + 1);

	if (!entry)
		return NULL;
	entry->inode.identity = *identity;
	entry->inode.identity.path = entry->path;
	entry->key.registry = identity->registry;
	entry->key.digest = identity->digest;
	entry->key.kind = identity->kind;
	memcpy(entry->path, identity->path, length);
	entry->key_size = (size_t)(entry->path - (char *)&entry->key) + length;
	return entry;
}

static struct entry *find_same(struct inodes *inodes, const struct entry *wanted)
{
	struct entry *entry;

	HASH_FIND(by_key, inodes->by_key, &wanted->key, wanted->key_size, entry);
	return entry;
}

/* Puts a new entry into both hashes. Answers 0 or -ENOMEM. */
static int insert(struct inodes *inodes, struct entry *entry)
{
	HASH_ADD_KEYPTR(by_number, inodes->by_number, &entry->inode.number,
	                sizeof(entry->inode.number), entry);
	if (!entry->by_number.tbl)
		return -ENOMEM;
	HASH_ADD_KEYPTR(by_key, inodes->by_key, &entry->key, entry->key_size, entry);
	if (entry->by_key.tbl)
		return 0;
	HASH_DELETE(by_number, inodes->by_number, entry);
	return -ENOMEM;
}

struct inode *inodes_get(struct inodes *inodes, uint64_t number)
{
	SCOPED_LOCK(&inodes->lock);

	return (struct inode *)find_number(inodes, number);
}

/* The entry of the same identity, or `fresh`, put in under `number` when that is free. The caller
 * holds the lock. Answers 0, -ENOMEM, or -EEXIST: the number is taken. */
static int lookup_locked(struct inodes *inodes, struct entry *fresh, uint64_t number,
                         struct entry **ret_entry)
{
	struct entry *entry = find_same(inodes, fresh);

	if (!entry) {
		if (!number || find_number(inodes, number))
			return -EEXIST;
		fresh->inode.number = number;
		if (insert(inodes, fresh) < 0)
			return -ENOMEM;
		entry = fresh;
	} else if (fresh->image) { /* what it is like may have changed */
		struct image *old = entry->image;

		entry->image = fresh->image;
		fresh->image = old;
	}
	entry->lookups++;
	*ret_entry = entry;
	return 0;
}

int inodes_lookup(struct inodes *inodes, const struct inode_identity *identity, uint64_t number,
                  uint64_t parent, const struct inode_content *content, struct inode **ret_inode)
{
	struct entry *fresh = entry_new(identity), *entry = NULL;
	int r;

	if (!fresh)
		return -ENOMEM;
	fresh->inode.parent = parent;
	fresh->image = content->image ? image_ref(content->image) : NULL;
	fresh->bytes = content->bytes ? bytes_ref(content->bytes) : NULL;
	pthread_mutex_lock(&inodes->lock);
	r = lookup_locked(inodes, fresh, number, &entry);
	pthread_mutex_unlock(&inodes->lock);
	if (r == -EEXIST) { /* a new number, for which the cache's lock is needed, is always free */
		number = cache_new_number(inodes->cache);
		pthread_mutex_lock(&inodes->lock);
		r = lookup_locked(inodes, fresh, number, &entry);
		pthread_mutex_unlock(&inodes->lock);
	}
	if (entry != fresh)
		entry_free(fresh);
	if (r == 0)
		*ret_inode = &entry->inode;
	return r;
}

struct image *inodes_image(struct inodes *inodes, const struct inode *inode)
{
	SCOPED_LOCK(&inodes->lock);
	const struct entry *entry = (const struct entry *)inode;

	return entry->image ? image_ref(entry->image) : NULL;
}

struct bytes *inodes_bytes(struct inodes *inodes, const struct inode *inode)
{
	SCOPED_LOCK(&inodes->lock);
	const struct entry *entry = (const struct entry *)inode;

	return entry->bytes ? bytes_ref(entry->bytes) : NULL;
}

uint64_t inodes_number(struct inodes *inodes, const struct inode_identity *identity,
                       uint64_t number)
{
	struct entry *wanted = entry_new(identity);
	const struct entry *entry;

	if (!wanted)
		return number;
	pthread_mutex_lock(&inodes->lock);
	entry = find_same(inodes, wanted);
	if (entry)
		number = entry->inode.number;
	pthread_mutex_unlock(&inodes->lock);
	free(wanted);
	return number;
}

void inodes_forget(struct inodes *inodes, uint64_t number, uint64_t n)
{
	SCOPED_LOCK(&inodes->lock);
	struct entry *entry = find_number(inodes, number);

	if (!entry || number == INODE_ROOT_NUMBER)
		return;
	entry->lookups -= n < entry->lookups ? n : entry->lookups;
	if (!entry->lookups)
		remove_entry(inodes, entry);
}

bool inodes_size(struct inodes *inodes, const struct inode *inode, size_t *ret_size)
{
	SCOPED_LOCK(&inodes->lock);
	const struct entry *entry = (const struct entry *)inode;

	if (!entry->size)
		return false;
	*ret_size = entry->size;
	return true;
}

void inodes_set_size(struct inodes *inodes, struct inode *inode, size_t size)
{
	SCOPED_LOCK(&inodes->lock);

	((struct entry *)inode)->size = size;
}

/* The time only ever moves on, even where the system's date was set back. */
static void move_mtime(struct entry *entry, uint64_t mtime_ns)
{
	entry->mtime_ns = mtime_ns > entry->mtime_ns ? mtime_ns : entry->mtime_ns + 1;
	entry->was_read = false;
}

uint64_t inodes_mtime(struct inodes *inodes, struct inode *inode, uint64_t changed_ns, bool is_good)
{
	SCOPED_LOCK(&inodes->lock);
	struct entry *entry = (struct entry *)inode;

	if (changed_ns && changed_ns != entry->changed_ns) {
		entry->changed_ns = changed_ns;
		move_mtime(entry, changed_ns);
	} else if (entry->mtime_ns && entry->was_read && !is_good) {
		move_mtime(entry, 0);
	}
	return entry->mtime_ns;
}

void inodes_reading(struct inodes *inodes, struct inode *inode)
{
	SCOPED_LOCK(&inodes->lock);

	((struct entry *)inode)->was_read = true;
}

void inodes_read_as(struct inodes *inodes, struct inode *inode, bool is_more)
{
	SCOPED_LOCK(&inodes->lock);

	((struct entry *)inode)->was_read_as_more = is_more;
}

void inodes_is_more(struct inodes *inodes, struct inode *inode, bool is_more)
{
	SCOPED_LOCK(&inodes->lock);
	struct entry *entry = (struct entry *)inode;

	if (entry->was_read && entry->was_read_as_more != is_more)
		move_mtime(entry, 0);
}

uint64_t inodes_image_shift(struct inodes *inodes, struct inode *inode, bool is_known, bool is_more)
{
	SCOPED_LOCK(&inodes->lock);
	struct entry *entry = (struct entry *)inode;

	/* There is one copy at most, so two times are enough to tell it from the next. */
	if (entry->was_read && (!is_known || entry->was_read_as_more != is_more)) {
		entry->mtime_ns ^= 1;
		entry->was_read = false;
	}
	return entry->mtime_ns;
}
