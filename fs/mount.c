/* Building a mount and taking it apart. */
#include "fs/mount.h"
#include "cache/cache.h"
#include "ecr/client.h"
#include "fs/inodes.h"
#include "fs/refresh.h"
#include "fs/registries.h"
#include "fs/request.h"
#include "fs/signals.h"
#include "fs/walkers.h"
#include "net/loop.h"
#include "store/store.h"

#include <errno.h>

/* What the cache asks. */
static struct source *source(const struct mount *mount)
{
	return mount->store ? store_source(mount->store) : client_source(mount->client);
}

static int build(struct mount *mount)
{
	const struct options *options = mount->options;
	int r = loop_new(&mount->loop);

	if (r == 0)
		r = tidy_init(&mount->tidy, mount->loop);
	if (r == 0)
		r = client_new(mount->loop, mount->clock, mount->log, &options->aws,
		               &mount->client);
	if (r == 0 && options->cache_dir)
		r = store_new(mount->loop, mount->clock, mount->log, client_source(mount->client),
		              &options->store, &mount->store);
	if (r == 0)
		r = cache_new(mount->loop, mount->clock, mount->log, source(mount), &options->cache,
		              &mount->cache);
	if (r == 0)
		r = registries_new(options, mount->cache, mount->log, &mount->registries);
	if (r == 0)
		r = inodes_new(mount->cache, &mount->inodes);
	if (r == 0)
		r = walkers_new(&mount->walkers);
	if (r == 0)
		r = requests_new(
		        mount->loop, mount->clock, mount->log, mount->cache, options->timeout_ns,
		        options->cache.stale_ttl_ns ? options->cache.stale_after_ns : NS_FOREVER,
		        &mount->requests);
	if (r == 0)
		r = refresh_new(mount, &mount->refresh);
	if (r == 0)
		r = signals_new(mount, &mount->signals);
	return r;
}

int mount_init(struct mount *mount, const struct options *options, struct log *log)
{
	int r;

	*mount = (struct mount){
	        .options = options,
	        .clock = clock_system(),
	        .log = log,
	};
	failed_reads_init(&mount->failed_reads);
	mount->started_ns = clock_realtime_ns(mount->clock);
	mount->up_since_ns = clock_monotonic_ns(mount->clock);
	r = build(mount);
	if (r < 0)
		mount_deinit(mount);
	return r;
}

void mount_stop(struct mount *mount)
{
	if (!mount->loop)
		return;
	loop_stop(mount->loop);
	loop_run_once(mount->loop); /* what was posted last, while all is still there */
	requests_free(mount->requests);
	mount->requests = NULL;
}

bool mount_deinit(struct mount *mount)
{
	bool is_clean;

	mount_stop(mount);
	client_free(mount->client); /* its last answers reach the cache, through the store */
	is_clean = store_free(mount->store);
	cache_free(mount->cache);
	inodes_free(mount->inodes);
	registries_free(mount->registries);
	walkers_free(mount->walkers);
	signals_free(mount->signals);
	refresh_free(mount->refresh);
	tidy_deinit(&mount->tidy);
	if (mount->loop)
		loop_run_once(mount->loop);
	if (is_clean) /* else a thread may yet look at it */
		is_clean = loop_free(mount->loop);
	failed_reads_deinit(&mount->failed_reads);
	*mount = (struct mount){0};
	return is_clean;
}
