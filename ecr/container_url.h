/* Where a container gets its credentials: the URL that ECS, EKS Pod Identity or Greengrass put into
 * its environment, and whether the token may be sent there. */
#ifndef ECRFS_ECR_CONTAINER_URL_H
#define ECRFS_ECR_CONTAINER_URL_H

#include "ecr/endpoint.h"

#define CONTAINER_URL_SIZE (2 * ENDPOINT_URL_SIZE)

enum container_url_answer {
	CONTAINER_URL_FOUND,
	CONTAINER_URL_NONE,        /* neither variable is set */
	CONTAINER_URL_BAD,         /* no URL, or no path */
	CONTAINER_URL_NOT_ALLOWED, /* http to a host that is neither this one nor the container's */
};

/* `relative` is AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, a path of ECS's own address; it wins over
 * `full`, AWS_CONTAINER_CREDENTIALS_FULL_URI. Either may be NULL.
 *
 * Any host is allowed with https. With http it must be `localhost` or an address in figures: a
 * loopback one, ECS's or EKS's. Names that resolve to such an address are not allowed, since they
 * could resolve to another one when the request is sent. `host` is for messages: the path is a
 * secret of the container. Threads: pure. */
enum container_url_answer container_url_choose(const char *relative, const char *full,
                                               char ret_url[static CONTAINER_URL_SIZE],
                                               char ret_host[static ENDPOINT_URL_SIZE]);

#endif
