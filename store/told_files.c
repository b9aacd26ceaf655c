/* Files of listings. */
#include "store/told_files.h"
#include "store/blobs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* So many names are looked at in one go: each may be a question to a server. */
#define SWEEP_NAMES 256

static const char kind_letters[] = {
        [LISTING_REPOSITORIES] = 'r', [LISTING_TAGS] = 't',   [LISTING_DIGESTS] = 'd',
        [LISTING_ANSWERS] = 'a',      [LISTING_CALLER] = 'c',
};

int told_files_path(enum listing_kind kind, const char *key, char path[static FOLDER_PATH_SIZE])
{
	char hex[DIGEST_HEX_SIZE];
	struct digest digest;

	if (digest_compute(key, strlen(key), &digest) < 0)
		return -EIO;
	digest_format_hex(&digest, hex);
	snprintf(path, FOLDER_PATH_SIZE, TOLD_DIRECTORY "/%s-%c", hex, kind_letters[kind]);
	return 0;
}

void told_file_deinit(struct told_file *file)
{
	folder_file_deinit(&file->file);
}

static void remove_damaged(struct told_files *files, const char *path)
{
	atomic_fetch_add(&files->n_damaged, 1);
	(void)folder_remove(files->folder, path); /* else it is a miss the next time, too */
}

int told_files_read(struct told_files *files, enum listing_kind kind, const char *key,
                    struct told_file *ret_file)
{
	char path[FOLDER_PATH_SIZE];
	struct folder_file file;
	int r = told_files_path(kind, key, path);

	if (r == 0)
		r = folder_is_shared(files->folder)
		            ? -ENOENT
		            : folder_read(files->folder, path, LISTING_MAX_BYTES, &file);
	if (r == 0 && !listing_reader_open(file.data, file.size, kind, key, &ret_file->reader)) {
		folder_file_deinit(&file);
		r = -EBADMSG;
	}
	if (r == -EBADMSG) {
		remove_damaged(files, path);
		return -ENOENT;
	}
	if (r < 0)
		return r;
	ret_file->file = file;
	atomic_fetch_add(&files->n_read, 1);
	return 0;
}

int told_files_write(struct told_files *files, enum listing_kind kind, const char *key,
                     struct listing_writer *writer, uint64_t told_ns, unsigned pages)
{
	char path[FOLDER_PATH_SIZE];
	int r = told_files_path(kind, key, path);

	if (r == 0 && folder_is_shared(files->folder))
		r = -EPERM;
	if (r == 0 && !listing_writer_end(writer, key, told_ns, pages))
		r = -ENOMEM;
	if (r == 0 && files->blobs)
		r = blobs_ask_for_space(files->blobs);
	if (r == 0)
		r = folder_write(files->folder, path, writer->data, writer->size);
	if (files->blobs)
		blobs_note_error(files->blobs, r);
	if (r == 0)
		atomic_fetch_add(&files->n_written, 1);
	return r;
}

int told_files_remove(struct told_files *files, enum listing_kind kind, const char *key)
{
	char path[FOLDER_PATH_SIZE];
	int r = told_files_path(kind, key, path);

	return r == 0 ? folder_remove(files->folder, path) : r;
}

bool told_files_have(struct told_files *files, enum listing_kind kind, const char *key)
{
	char path[FOLDER_PATH_SIZE];

	return told_files_path(kind, key, path) == 0 && folder_has(files->folder, path);
}

bool told_files_name_parse(const char *name, enum listing_kind *ret_kind)
{
	size_t hex = DIGEST_HEX_SIZE - 1;

	if (strlen(name) != hex + 2 || strspn(name, "0123456789abcdef") != hex || name[hex] != '-')
		return false;
	for (int kind = LISTING_REPOSITORIES; kind <= LISTING_CALLER; kind++) {
		if (kind_letters[kind] == name[hex + 1]) {
			*ret_kind = (enum listing_kind)kind;
			return true;
		}
	}
	return false;
}

int told_files_check(struct folder *folder, const char *path, enum listing_kind kind)
{
	char place[FOLDER_PATH_SIZE];
	struct listing_reader reader;
	struct folder_file file;
	bool is_good;
	int r = folder_read(folder, path, LISTING_MAX_BYTES, &file);

	if (r < 0)
		return r == -EBADMSG ? 1 : r;
	is_good = listing_reader_open(file.data, file.size, kind, NULL, &reader);
	if (is_good)
		r = told_files_path(kind, reader.head.key, place);
	is_good = is_good && r == 0 && strcmp(place, path) == 0;
	folder_file_deinit(&file);
	if (r < 0)
		return r;
	return is_good ? 0 : 1;
}

bool told_files_sweep(struct told_files *files, struct folder_names **names)
{
	int64_t now_s = (int64_t)(clock_realtime_ns(files->clock) / NS_PER_S);
	char path[FOLDER_PATH_SIZE];
	struct stat about;
	const char *name;

	if (!*names && folder_names_open(files->folder, TOLD_DIRECTORY, names) < 0)
		return false;
	for (int i = 0; i < SWEEP_NAMES; i++) {
		name = folder_names_next(*names, &about);
		if (!name) {
			folder_names_close(*names);
			*names = NULL;
			return false;
		}
		if (now_s - about.st_mtime > TOLD_KEEP_S &&
		    snprintf(path, sizeof(path), TOLD_DIRECTORY "/%s", name) < (int)sizeof(path))
			(void)folder_remove(files->folder, path);
	}
	return true;
}
