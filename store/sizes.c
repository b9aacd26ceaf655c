/* Records of sizes. */
#include "store/sizes.h"
#include "base/siphash.h"
#include "store/folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the parts of a record. */
#define AT_SIZE  16
#define AT_TOLD  20
#define AT_CHECK 24

/* What a longer file is cut to when it is written anew. */
#define KEPT_RECORDS (SIZES_FILE_BYTES / SIZES_RECORD / 2)

/* Of text before the digest in a key; a repository's name has at most 256 bytes. */
#define NAME_SIZE 1024

static const struct siphash_key no_key;

static void put_number(uint8_t *at, uint64_t number, int bytes)
{
	for (int i = 0; i < bytes; i++)
		at[i] = (uint8_t)(number >> (8 * i));
}

static uint64_t get_number(const uint8_t *at, int bytes)
{
	uint64_t number = 0;

	for (int i = 0; i < bytes; i++)
		number |= (uint64_t)at[i] << (8 * i);
	return number;
}

int sizes_key(const char *scope, const char *repository, const struct digest *digest,
              struct sizes_key *ret_key)
{
	char text[NAME_SIZE + DIGEST_TEXT_SIZE], hex[DIGEST_TEXT_SIZE];
	struct digest hash;
	int length;

	digest_format(digest, hex);
	length = snprintf(text, sizeof(text), "%s\n%s\n%s", scope, repository, hex);
	if (length >= (int)sizeof(text) || digest_compute(text, (size_t)length, &hash) < 0)
		return -EIO;
	memcpy(ret_key->bytes, hash.sha256, SIZES_KEY_BYTES);
	return 0;
}

static void make_path(const struct sizes_key *key, char path[static FOLDER_PATH_SIZE])
{
	snprintf(path, FOLDER_PATH_SIZE, SIZES_DIRECTORY "/%02x", key->bytes[0]);
}

static bool is_whole(const uint8_t *record)
{
	return get_number(record + AT_CHECK, 8) == siphash(&no_key, record, AT_CHECK);
}

/* The last record of the key, or NULL. */
static const uint8_t *find_last(const struct folder_file *file, const struct sizes_key *key)
{
	const uint8_t *records = (const uint8_t *)file->data;

	for (size_t i = file->size / SIZES_RECORD; i-- > 0;) {
		const uint8_t *record = records + i * SIZES_RECORD;

		if (memcmp(record, key->bytes, SIZES_KEY_BYTES) == 0 && is_whole(record))
			return record;
	}
	return NULL;
}

int sizes_find(struct folder *folder, const struct sizes_key *key, struct sizes_entry *ret_entry)
{
	char path[FOLDER_PATH_SIZE];
	struct folder_file file;
	const uint8_t *record;
	int r;

	make_path(key, path);
	r = folder_read(folder, path, 2 * SIZES_FILE_BYTES, &file);
	if (r == -EBADMSG)
		(void)folder_remove(folder, path);
	if (r < 0)
		return r == -EBADMSG ? -ENOENT : r;
	record = find_last(&file, key);
	if (record) {
		ret_entry->size = (uint32_t)get_number(record + AT_SIZE, 4);
		ret_entry->told_s = (uint32_t)get_number(record + AT_TOLD, 4);
	}
	folder_file_deinit(&file);
	return record ? 0 : -ENOENT;
}

/* Moves the good ones of the last `max` records to the front. Answers how many. */
static size_t keep_good(uint8_t *records, size_t n, size_t max)
{
	size_t n_kept = 0;

	for (size_t i = n > max ? n - max : 0; i < n; i++) {
		const uint8_t *record = records + i * SIZES_RECORD;

		if (is_whole(record))
			memmove(records + n_kept++ * SIZES_RECORD, record, SIZES_RECORD);
	}
	return n_kept;
}

/* Who adds to the file at the same time may lose that, which costs a pull. */
static int shorten(struct folder *folder, const char *path)
{
	struct folder_file file;
	size_t n;
	int r = folder_read(folder, path, 2 * SIZES_FILE_BYTES, &file);

	if (r < 0)
		return r == -EBADMSG ? folder_remove(folder, path) : r;
	n = keep_good((uint8_t *)file.data, file.size / SIZES_RECORD, KEPT_RECORDS);
	r = folder_write(folder, path, file.data, n * SIZES_RECORD);
	folder_file_deinit(&file);
	return r;
}

int sizes_add(struct folder *folder, const struct sizes_key *key, const struct sizes_entry *entry)
{
	uint8_t record[SIZES_RECORD];
	char path[FOLDER_PATH_SIZE];
	size_t size;
	int r;

	memcpy(record, key->bytes, SIZES_KEY_BYTES);
	put_number(record + AT_SIZE, entry->size, 4);
	put_number(record + AT_TOLD, entry->told_s, 4);
	put_number(record + AT_CHECK, siphash(&no_key, record, AT_CHECK), 8);
	make_path(key, path);
	r = folder_append(folder, path, record, sizeof(record), &size);
	if (r == -EEXIST) { /* something else lies there */
		(void)folder_remove(folder, path);
		r = folder_append(folder, path, record, sizeof(record), &size);
	}
	return r == 0 && size > SIZES_FILE_BYTES ? shorten(folder, path) : r;
}

int sizes_check(struct folder *folder, const char *path, bool repairs, size_t *ret_n)
{
	struct folder_file file;
	size_t n, n_good = 0;
	int r = folder_read(folder, path, 2 * SIZES_FILE_BYTES, &file);

	if (r == -EBADMSG && repairs)
		(void)folder_remove(folder, path);
	if (r < 0)
		return r == -EBADMSG ? 1 : r;
	n = file.size / SIZES_RECORD;
	for (size_t i = 0; i < n; i++)
		n_good += is_whole((const uint8_t *)file.data + i * SIZES_RECORD);
	r = n_good != n || file.size % SIZES_RECORD;
	if (r && repairs) {
		size_t kept = keep_good((uint8_t *)file.data, n, KEPT_RECORDS);
		int w = folder_write(folder, path, file.data, kept * SIZES_RECORD);

		r = w < 0 ? w : r;
	}
	folder_file_deinit(&file);
	*ret_n = n_good;
	return r;
}
