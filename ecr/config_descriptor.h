/* What a manifest says of the configuration of its image. */
#ifndef ECRFS_ECR_CONFIG_DESCRIPTOR_H
#define ECRFS_ECR_CONFIG_DESCRIPTOR_H

#include "base/digest.h"

#include <stddef.h>
#include <stdint.h>

struct config_descriptor {
	struct digest digest;
	uint64_t size_bytes;
};

/* Answers 0, -ENOENT (the manifest names none, or is not JSON), -EBADMSG (it does, with a digest
 * other than SHA-256, or a size that is none) or -ENOMEM. Threads: any. */
int config_descriptor_read(const char *manifest, size_t size,
                           struct config_descriptor *ret_descriptor);

#endif
