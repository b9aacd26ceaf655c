/* The parts of the cache, one of each. Inside of cache/cache. */
#ifndef ECRFS_CACHE_CACHE_INSIDE_H
#define ECRFS_CACHE_CACHE_INSIDE_H

#include "cache/cache.h"
#include "cache/catalog.h"
#include "cache/configs_ahead.h"
#include "cache/core.h"
#include "cache/documents.h"
#include "cache/manifests.h"
#include "cache/readahead.h"
#include "cache/repository.h"

/* The lock of all parts is in core. */
struct cache {
	struct core core;
	_Atomic(struct catalog *) catalogs; /* only ever grows, at its head */
	struct repositories repositories;
	struct manifests manifests;
	struct documents documents;
	struct readahead readahead;
	struct configs_ahead configs_ahead;
};

#endif
