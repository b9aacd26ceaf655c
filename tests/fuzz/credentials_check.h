/* What must hold of credentials, wherever they come from. */
#ifndef ECRFS_TESTS_FUZZ_CREDENTIALS_CHECK_H
#define ECRFS_TESTS_FUZZ_CREDENTIALS_CHECK_H

#include <stdint.h>

struct credentials;

/* There is a key, and nothing odd gets into a signed header. */
void credentials_check(const struct credentials *credentials);

/* The time is the one that the text tells, give or take an offset; where that is too late to be
 * counted in nanoseconds, it is late. */
void credentials_check_end(uint64_t expires_ns, const char *text);

#endif
