/* Times as the AWS CLI prints them. */
#ifndef ECRFS_ECR_ISO_TIME_H
#define ECRFS_ECR_ISO_TIME_H

#include <stdint.h>

/* "2026-01-02T03:04:05.678901+00:00" and the NUL, with room for years to come. */
#define ISO_TIME_SIZE 64

/* UTC in ISO 8601, with microseconds where there are some. Threads: pure. */
void iso_time_format(uint64_t realtime_ns, char text[static ISO_TIME_SIZE]);

#endif
