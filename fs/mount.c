/* Building a mount and taking it apart. */
#include "fs/mount.h"
#include "base/log.h"
#include "cache/cache.h"
#include "ecr/client.h"
#include "fs/inodes.h"
#include "fs/request.h"
#include "net/loop.h"

#include <errno.h>
#include <stdlib.h>

static int add_registries(struct mount *mount)
{
	const struct options *options = mount->options;

	mount->registry_numbers = calloc(options->n_registries + 1, sizeof(uint64_t));
	if (!mount->registry_numbers)
		return -ENOMEM;
	for (size_t i = 0; i < options->n_registries; i++) {
		int r = cache_add_registry(mount->cache, &options->registries[i].registry);

		if (r < 0)
			return r;
		mount->registry_numbers[i] = cache_new_number(mount->cache);
	}
	return 0;
}

static int build(struct mount *mount)
{
	const struct options *options = mount->options;
	int r = loop_new(&mount->loop);

	if (r == 0)
		r = client_new(mount->loop, mount->clock, mount->log, &options->aws,
		               &mount->client);
	if (r == 0)
		r = cache_new(mount->loop, mount->clock, mount->log, client_source(mount->client),
		              &options->cache, &mount->cache);
	if (r == 0)
		r = add_registries(mount);
	if (r == 0)
		r = inodes_new(mount->cache, &mount->inodes);
	if (r == 0)
		r = requests_new(mount->loop, mount->clock, mount->log, mount->cache,
		                 options->timeout_ns, &mount->requests);
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
	mount->started_ns = clock_realtime_ns(mount->clock);
	r = build(mount);
	if (r < 0)
		mount_deinit(mount);
	return r;
}

void mount_deinit(struct mount *mount)
{
	loop_stop(mount->loop);
	if (mount->loop)
		loop_run_once(mount->loop); /* what was posted last, while all is still there */
	requests_free(mount->requests);
	client_free(mount->client); /* its last answers reach the cache */
	cache_free(mount->cache);
	inodes_free(mount->inodes);
	free(mount->registry_numbers);
	if (mount->loop)
		loop_run_once(mount->loop);
	loop_free(mount->loop);
	*mount = (struct mount){0};
}
