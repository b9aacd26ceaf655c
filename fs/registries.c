/* Registries by name. */
#include "fs/registries.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "cache/cache.h"
#include "fs/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* A program that tries names must not fill the memory: no mount needs so many. */
#define UNNAMED_MAX 4096

/* A registry that was entered though nobody named it; it stays until the mount ends. */
struct unnamed {
	UT_hash_handle hh;
	struct registry registry;
	uint64_t number;
	char name[];
};

struct registries {
	const struct options *options;
	struct cache *cache;
	struct log *log;
	uint64_t *numbers; /* one for each that was named */
	pthread_mutex_t lock;
	struct unnamed *unnamed; /* under lock */
};

static int add_named(struct registries *registries)
{
	const struct options *options = registries->options;

	registries->numbers = calloc(options->n_registries + 1, sizeof(*registries->numbers));
	if (!registries->numbers)
		return -ENOMEM;
	for (size_t i = 0; i < options->n_registries; i++) {
		if (cache_add_registry(registries->cache, &options->registries[i].registry) < 0)
			return -ENOMEM;
		registries->numbers[i] = cache_new_number(registries->cache);
	}
	return 0;
}

int registries_new(const struct options *options, struct cache *cache, struct log *log,
                   struct registries **ret_registries)
{
	struct registries *registries = calloc(1, sizeof(*registries));

	if (!registries)
		return -ENOMEM;
	registries->options = options;
	registries->cache = cache;
	registries->log = log;
	pthread_mutex_init(&registries->lock, NULL);
	if (add_named(registries) < 0) {
		registries_free(registries);
		return -ENOMEM;
	}
	*ret_registries = registries;
	return 0;
}

void registries_free(struct registries *registries)
{
	struct unnamed *unnamed, *next;

	if (!registries)
		return;
	HASH_ITER (hh, registries->unnamed, unnamed, next) {
		HASH_DEL(registries->unnamed, unnamed);
		free(unnamed);
	}
	pthread_mutex_destroy(&registries->lock);
	free(registries->numbers);
	free(registries);
}

/* A registry's region: its own, or the mount's; "" where that is not known yet. */
static const char *region_of(const struct registries *registries, const struct registry *registry)
{
	if (registry->region[0])
		return registry->region;
	return registries->options->aws.region ? registries->options->aws.region : "";
}

bool registries_named(const struct registries *registries, size_t i,
                      struct registries_entry *ret_entry)
{
	const struct options *options = registries->options;

	if (i >= options->n_registries)
		return false;
	ret_entry->name = options->registries[i].name;
	ret_entry->registry = &options->registries[i].registry;
	ret_entry->number = registries->numbers[i];
	return true;
}

static bool find_named(const struct registries *registries, const char *name,
                       struct registries_entry *ret_entry)
{
	struct registries_entry entry;

	for (size_t i = 0; registries_named(registries, i, &entry); i++) {
		if (strcmp(entry.name, name) != 0)
			continue;
		*ret_entry = entry;
		return true;
	}
	return false;
}

/* Whether `registry` is the one that was named, asked at the same endpoint: CACHE_FOUND. Of the
 * caller's own, the account may have to be asked for. */
static enum cache_answer is_same(struct registries *registries, const struct registry *named,
                                 const struct registry *registry, struct asker *asker)
{
	char account[REGISTRY_ACCOUNT_DIGITS + 1];
	enum status status;
	enum cache_answer answer = CACHE_FOUND;

	if (strcmp(region_of(registries, named), region_of(registries, registry)) != 0 ||
	    named->fips != registry->fips || named->dualstack != registry->dualstack)
		return CACHE_ABSENT;
	strcpy(account, named->account);
	if (!account[0])
		answer = cache_find_account(registries->cache, named, asker, account, &status);
	if (answer != CACHE_FOUND)
		return answer;
	return strcmp(account, registry->account) == 0 ? CACHE_FOUND : CACHE_ABSENT;
}

/* The registry that was named by another name. One whose account nobody can tell is not it. */
static enum cache_answer find_other_name(struct registries *registries,
                                         const struct registry *registry, struct asker *asker,
                                         struct registries_entry *ret_entry)
{
	struct registries_entry entry;

	for (size_t i = 0; registries_named(registries, i, &entry); i++) {
		enum cache_answer answer = is_same(registries, entry.registry, registry, asker);

		if (answer == CACHE_FOUND)
			*ret_entry = entry;
		if (answer == CACHE_FOUND || answer == CACHE_WAIT)
			return answer;
	}
	return CACHE_ABSENT;
}

static struct unnamed *unnamed_new(struct registries *registries, const struct registry *registry,
                                   const char *name)
{
	struct unnamed *unnamed = calloc(1, sizeof(*unnamed) + strlen(name) + 1);

	if (!unnamed)
		return NULL;
	unnamed->registry = *registry;
	unnamed->number = cache_new_number(registries->cache);
	strcpy(unnamed->name, name);
	if (cache_add_registry(registries->cache, &unnamed->registry) < 0) {
		free(unnamed);
		return NULL;
	}
	return unnamed;
}

/* The entry that is there, or NULL. `ret_n`: how many there are. Takes the lock. */
static struct unnamed *find_unnamed(struct registries *registries, const char *name,
                                    unsigned *ret_n)
{
	SCOPED_LOCK(&registries->lock);
	struct unnamed *unnamed;

	HASH_FIND_STR(registries->unnamed, name, unnamed);
	*ret_n = HASH_COUNT(registries->unnamed);
	return unnamed;
}

/* Another thread may have been faster: then there are two of that name, both of use, and one of
 * them is found from then on. Takes the lock. */
static struct unnamed *insert_unnamed(struct registries *registries, struct unnamed *unnamed)
{
	SCOPED_LOCK(&registries->lock);

	HASH_ADD_STR(registries->unnamed, name, unnamed);
	return unnamed->hh.tbl ? unnamed
	                       : NULL; /* NULL: out of memory; the cache knows it already */
}

static void fill_entry(const struct unnamed *unnamed, struct registries_entry *ret_entry)
{
	ret_entry->name = unnamed->name;
	ret_entry->registry = &unnamed->registry;
	ret_entry->number = unnamed->number;
}

static enum registries_answer enter(struct registries *registries, const struct registry *registry,
                                    const char *name, struct registries_entry *ret_entry)
{
	unsigned n;
	struct unnamed *unnamed = find_unnamed(registries, name, &n);

	if (!unnamed && n < UNNAMED_MAX) {
		unnamed = unnamed_new(registries, registry, name);
		if (unnamed)
			unnamed = insert_unnamed(registries, unnamed);
	}
	if (!unnamed)
		return REGISTRIES_NO_MEMORY;
	fill_entry(unnamed, ret_entry);
	return REGISTRIES_FOUND;
}

/* A valid registry that does not bear a name that was given. */
static enum registries_answer find_valid(struct registries *registries,
                                         const struct registry *registry, const char *name,
                                         struct asker *asker, struct registries_entry *ret_entry)
{
	switch (find_other_name(registries, registry, asker, ret_entry)) {
	case CACHE_FOUND:
		return REGISTRIES_LINK;
	case CACHE_WAIT:
		return REGISTRIES_WAIT;
	case CACHE_ABSENT:
	case CACHE_FAILED:
		break;
	}
	return enter(registries, registry, name, ret_entry);
}

enum registries_answer registries_find(struct registries *registries, const char *name,
                                       struct asker *asker, struct registries_entry *ret_entry)
{
	struct registry registry;

	if (find_named(registries, name, ret_entry))
		return REGISTRIES_FOUND;
	switch (registry_parse(name, &registry)) {
	case REGISTRY_ACCOUNT:
	case REGISTRY_HOST:
		return find_valid(registries, &registry, name, asker, ret_entry);
	case REGISTRY_PUBLIC:
		log_event(registries->log, LEVEL_WARNING, "public registry",
		          "%s is not supported: only private registries can be entered", name);
		break;
	case REGISTRY_DEFAULT:
	case REGISTRY_INVALID:
		break;
	}
	return REGISTRIES_ABSENT;
}

struct registries_entry *registries_all(struct registries *registries, size_t *ret_n)
{
	SCOPED_LOCK(&registries->lock);
	size_t n_named = registries->options->n_registries;
	struct registries_entry *all =
	        calloc(n_named + HASH_COUNT(registries->unnamed) + 1, sizeof(*all));
	const struct unnamed *unnamed;

	*ret_n = 0;
	if (!all)
		return NULL;
	while (registries_named(registries, *ret_n, &all[*ret_n]))
		++*ret_n;
	for (unnamed = registries->unnamed; unnamed; unnamed = unnamed->hh.next)
		fill_entry(unnamed, &all[(*ret_n)++]);
	return all;
}
