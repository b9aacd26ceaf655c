/* Reading manifests. */
#include "fs/manifest_reader.h"
#include "fs/caller.h"
#include "fs/inodes.h"
#include "fs/mount.h"
#include "fs/walkers.h"

static void look_at_reader(struct request *request)
{
	struct asker *asker = &request->asker;

	if (!asker->may_wait || asker->answers)
		return;
	asker->reader = walkers_reader(request->mount->walkers, request->caller, asker->start_ns);
	asker->reader.may_be_cut_off = caller_may_be_cut_off(request->caller);
}

enum cache_answer manifest_read(struct request *request, const char *repository,
                                const struct digest *digest, struct bytes **ret_bytes,
                                enum status *ret_status)
{
	look_at_reader(request);
	return cache_get_manifest(request->mount->cache, request->inode->registry, repository,
	                          digest, &request->asker, ret_bytes, ret_status);
}
