/* Private keys for tests, made anew. */
#ifndef ECRFS_TESTS_UNIT_EC_KEY_H
#define ECRFS_TESTS_UNIT_EC_KEY_H

#include <stdbool.h>

/* A key on the curve ("P-256"), as PEM: "PRIVATE KEY", or "EC PRIVATE KEY" as the AWS CLI writes
 * it. Heap; the caller frees. */
char *ec_key_pem(const char *curve, bool traditional);

#endif
