/* Reads a listing that lies in memory, as `store/listing_format.h` has it. */
#ifndef ECRFS_STORE_LISTING_READER_H
#define ECRFS_STORE_LISTING_READER_H

#include "store/listing.h"
#include "store/listing_format.h"

/* A place in a file. Borrows its bytes, which every text in its records points into. */
struct listing_reader {
	struct listing_head head;
	uint32_t n; /* records that are not read yet */
	const uint8_t *at, *end;
	const char *types[LISTING_TYPES_MAX];
	unsigned n_types;
};

/* So many records at a time, as ECR's pages. */
#define LISTING_PAGE_MAX 1000

/* Some records in a row: of the three arrays the one that fits the kind of file. */
struct listing_page {
	struct repository_record *repositories;
	struct image_record *images;
	struct listing_answer *answers;
	size_t n;
	bool is_last;
	const char **texts; /* tags and filters of all of them */
	size_t n_texts, capacity;
};

/* Whether the bytes are a whole and undamaged file of this kind and key (NULL: whichever), in every
 * record; then the reader stands before the first one. Linear in `size`. Threads: pure. */
bool listing_reader_open(const void *data, size_t size, enum listing_kind kind, const char *key,
                         struct listing_reader *ret_reader);

/* The next records. The page is all zero, or the one before, whose records go. Answers 0 or
 * -ENOMEM. Threads: any one. */
int listing_read_page(struct listing_reader *reader, struct listing_page *page);

/* The account in a file of LISTING_CALLER; NULL: it has none. Threads: pure. */
const char *listing_read_account(struct listing_reader *reader);

void listing_page_deinit(struct listing_page *page);

#endif
