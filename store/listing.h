/* What an earlier life of a mount was told, as it lies on disk: a listing, or answers about single
 * things, of one registry or repository.
 */
#ifndef ECRFS_STORE_LISTING_H
#define ECRFS_STORE_LISTING_H

#include "ecr/source.h"

/* What a file is of; these numbers are on disk. */
enum listing_kind {
	LISTING_REPOSITORIES = 1, /* of a registry */
	LISTING_TAGS = 2,         /* IMAGES_TAGGED of a repository */
	LISTING_DIGESTS = 3,      /* IMAGES_ALL */
	LISTING_ANSWERS = 4,      /* to questions by name, about a repository and its images */
	LISTING_CALLER = 5,       /* whose credentials are */
};

/* What begins each file. */
struct listing_head {
	enum listing_kind kind;
	const char *key;  /* of what, and of whom */
	uint64_t told_ns; /* real time: when it was complete */
	unsigned pages;   /* that it came in */
};

/* One answer to a question by name. */
struct listing_answer {
	uint64_t told_ns;                    /* real time */
	bool is_repository;                  /* else it is about an image */
	enum status status;                  /* STATUS_OK, STATUS_ABSENT or STATUS_DENIED */
	const char *name;                    /* the repository; or the tag or digest of the image */
	struct repository_record repository; /* that, with STATUS_OK */
	struct image_record image;           /* or this one */
};

#endif
