/* Prometheus' text format, version 0.0.4: families of samples. Threads: any. */
#ifndef ECRFS_FS_EXPOSITION_H
#define ECRFS_FS_EXPOSITION_H

#include <stdint.h>
#include <stdio.h>

struct histogram;

enum exposition_type {
	EXPOSITION_COUNTER, /* its name ends in _total */
	EXPOSITION_GAUGE,
	EXPOSITION_HISTOGRAM, /* of seconds */
};

struct exposition_family {
	const char *name;
	enum exposition_type type;
	const char *help; /* a sentence */
};

/* A label; the name NULL: none. */
struct exposition_label {
	const char *name;
	const char *value; /* any text */
};

/* The head of a family, whose samples follow. */
void exposition_begin(FILE *out, const struct exposition_family *family);

/* A sample of a counter or gauge, with up to two labels. */
void exposition_sample(FILE *out, const struct exposition_family *family,
                       struct exposition_label first, struct exposition_label second,
                       uint64_t value);

/* All samples of a histogram with that label. */
void exposition_histogram(FILE *out, const struct exposition_family *family,
                          struct exposition_label label, const struct histogram *histogram);

#endif
