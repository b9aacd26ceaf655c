/* Listings, byte by byte. */
#include "store/listing_writer.h"
#include "base/digest.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 4096

static bool make_room(struct listing_writer *writer, size_t size)
{
	size_t capacity = writer->capacity ? writer->capacity : FIRST_CAPACITY;
	uint8_t *data;

	if (writer->has_failed || size > LISTING_MAX_BYTES - writer->size) {
		writer->has_failed = true;
		return false;
	}
	while (capacity < writer->size + size)
		capacity *= 2;
	if (capacity == writer->capacity)
		return true;
	data = realloc(writer->data, capacity);
	if (!data) {
		writer->has_failed = true;
		return false;
	}
	writer->data = data;
	writer->capacity = capacity;
	return true;
}

static void put(struct listing_writer *writer, const void *data, size_t size)
{
	if (!make_room(writer, size))
		return;
	memcpy(writer->data + writer->size, data, size);
	writer->size += size;
}

static void set_number(uint8_t *at, uint64_t number, size_t size)
{
	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)(number >> (8 * i));
}

static void put_number(struct listing_writer *writer, uint64_t number, size_t size)
{
	uint8_t bytes[8];

	set_number(bytes, number, size);
	put(writer, bytes, size);
}

static void put_text(struct listing_writer *writer, const char *text)
{
	size_t length = strlen(text);

	if (length > LISTING_TEXT_MAX) {
		writer->has_failed = true;
		return;
	}
	put_number(writer, length, 2);
	put(writer, text, length + 1);
}

static void put_type(struct listing_writer *writer, const char *type)
{
	if (!type) {
		put_number(writer, LISTING_TYPE_NONE, 1);
		return;
	}
	for (unsigned i = 0; i < writer->n_types; i++) {
		if (strcmp(writer->types[i], type) == 0) {
			put_number(writer, i + 1, 1);
			return;
		}
	}
	put_number(writer, LISTING_TYPE_NEW, 1);
	put_text(writer, type);
	if (writer->n_types == LISTING_TYPES_MAX)
		return;
	writer->types[writer->n_types] = strdup(type);
	if (writer->types[writer->n_types])
		writer->n_types++;
	else
		writer->has_failed = true;
}

void listing_writer_begin(struct listing_writer *writer, enum listing_kind kind)
{
	static const uint8_t later[4 + 8 + 4];

	*writer = (struct listing_writer){.data = NULL};
	put(writer, LISTING_MAGIC, LISTING_MAGIC_SIZE);
	put_number(writer, LISTING_VERSION, 1);
	put_number(writer, kind, 1);
	put(writer, later, sizeof(later));
}

static void put_repository(struct listing_writer *writer, const struct repository_record *record)
{
	if (record->n_filters > UINT16_MAX) {
		writer->has_failed = true;
		return;
	}
	put_text(writer, record->name);
	put_number(writer, record->created_ns, 8);
	put_number(writer, record->mutability, 1);
	put_number(writer, record->n_filters, 2);
	for (size_t i = 0; i < record->n_filters; i++)
		put_text(writer, record->filters[i]);
}

static void put_image(struct listing_writer *writer, const struct image_record *record)
{
	put(writer, record->digest.sha256, DIGEST_BYTES);
	put_number(writer, record->size_bytes, 8);
	put_number(writer, record->pushed_ns, 8);
	put_number(writer, record->pulled_ns, 8);
	put_number(writer, record->state, 1);
	put_type(writer, record->media_type);
	put_type(writer, record->artifact_type);
	put_number(writer, record->n_tags, 4);
	for (size_t i = 0; i < record->n_tags; i++)
		put_text(writer, record->tags[i]);
}

void listing_write_repository(struct listing_writer *writer, const struct repository_record *record)
{
	put_repository(writer, record);
	writer->n++;
}

void listing_write_image(struct listing_writer *writer, const struct image_record *record)
{
	put_image(writer, record);
	writer->n++;
}

void listing_write_answer(struct listing_writer *writer, const struct listing_answer *answer)
{
	put_number(writer, answer->told_ns, 8);
	put_number(writer, answer->is_repository, 1);
	put_number(writer, answer->status, 1);
	put_text(writer, answer->name);
	if (answer->status == STATUS_OK && answer->is_repository)
		put_repository(writer, &answer->repository);
	else if (answer->status == STATUS_OK)
		put_image(writer, &answer->image);
	writer->n++;
}

void listing_write_account(struct listing_writer *writer, const char *account)
{
	put_text(writer, account);
	writer->n++;
}

bool listing_writer_end(struct listing_writer *writer, const char *key, uint64_t told_ns,
                        unsigned pages)
{
	struct digest sum;

	put_text(writer, key);
	if (writer->has_failed)
		return false;
	set_number(writer->data + LISTING_PAGES_OFFSET, pages, 4);
	set_number(writer->data + LISTING_TOLD_OFFSET, told_ns, 8);
	set_number(writer->data + LISTING_N_OFFSET, writer->n, 4);
	if (digest_compute(writer->data, writer->size, &sum) < 0)
		return false;
	put(writer, sum.sha256, LISTING_SUM_SIZE);
	return !writer->has_failed;
}

void listing_writer_deinit(struct listing_writer *writer)
{
	free(writer->data);
	for (unsigned i = 0; i < writer->n_types; i++)
		free(writer->types[i]);
	*writer = (struct listing_writer){.data = NULL};
}
