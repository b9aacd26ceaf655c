/* Writes a listing into memory, record by record, as `store/listing_format.h` has it. */
#ifndef ECRFS_STORE_LISTING_WRITER_H
#define ECRFS_STORE_LISTING_WRITER_H

#include "store/listing.h"
#include "store/listing_format.h"

/* Embedded; all zero is one that has nothing. */
struct listing_writer {
	uint8_t *data; /* owned */
	size_t size, capacity;
	uint32_t n;
	bool has_failed;                /* too large, or out of memory: it is of no use any more */
	char *types[LISTING_TYPES_MAX]; /* owned */
	unsigned n_types;
};

/* Begins a file. Threads: any one, as all of these. */
void listing_writer_begin(struct listing_writer *writer, enum listing_kind kind);

/* Appends a record. What does not fit makes the whole of no use: see `has_failed`. */
void listing_write_repository(struct listing_writer *writer,
                              const struct repository_record *record);
void listing_write_image(struct listing_writer *writer, const struct image_record *record);
void listing_write_answer(struct listing_writer *writer, const struct listing_answer *answer);
void listing_write_account(struct listing_writer *writer, const char *account);

/* Says what it is of, when that was complete (real time), and in how many pages it came, and puts
 * the checksum behind all. Answers whether `data` and `size` are a file now. Linear in `size`. */
bool listing_writer_end(struct listing_writer *writer, const char *key, uint64_t told_ns,
                        unsigned pages);

/* Frees what it has, and leaves it empty. */
void listing_writer_deinit(struct listing_writer *writer);

#endif
