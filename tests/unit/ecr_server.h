/* The local ECR server (tests/ecr_server), in a process of its own. */
#ifndef ECRFS_TESTS_UNIT_ECR_SERVER_H
#define ECRFS_TESTS_UNIT_ECR_SERVER_H

#include <sys/types.h>

/* What the server knows from the start. */
#define ECR_SERVER_ACCOUNT "012345678910"
#define ECR_SERVER_KEY     "AKIDEXAMPLE"
#define ECR_SERVER_SECRET  "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

struct ecr_server {
	pid_t pid;
	char url[64];
};

/* Starts it with the preset "mixed" and these settings (JSON, as for `POST config` of its control
 * address, "{}" for none), and waits until it listens. */
void ecr_server_init(struct ecr_server *server, const char *config);

/* Ends it, and checks that it did so in peace. */
void ecr_server_deinit(struct ecr_server *server);

#endif
