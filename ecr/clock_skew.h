/* How far the clock here is from that of AWS, by the Date headers of answers. Pure.
 *
 * AWS takes signatures whose time is right to about 15 minutes. What is learnt is added to the
 * clock when a request is signed.
 */
#ifndef ECRFS_ECR_CLOCK_SKEW_H
#define ECRFS_ECR_CLOCK_SKEW_H

#include <stdbool.h>
#include <stdint.h>

/* AWS's Rust SDK: what is less is not why a signature is refused. */
#define CLOCK_SKEW_TOLERATED_S 240

/* Where the refusal itself says that it is about time, all is corrected but what the answer's way
 * and a Date of whole seconds explain. */
#define CLOCK_SKEW_REFUSED_S 10

/* One answer: all in seconds since 1970 UTC. */
struct clock_sample {
	int64_t sent_s, received_s; /* by the clock here */
	int64_t server_s;           /* its Date */
};

/* Reads a Date header ("Tue, 15 Nov 1994 08:12:31 GMT"). Answers whether it was one. */
bool clock_skew_parse_date(const char *text, int64_t *ret_time_s);

/* Corrects what is to be added to the clock here, when the sample says that it is wrong by more
 * than `tolerated_s`. Answers whether it did. */
bool clock_skew_learn(int64_t *offset_s, const struct clock_sample *sample, int64_t tolerated_s);

#endif
