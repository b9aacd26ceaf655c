/* Reading and writing blobs. */
#include "store/blobs.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "store/folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BLOCK 4096

void blobs_path(const struct digest *digest, char path[static FOLDER_PATH_SIZE])
{
	char hex[DIGEST_HEX_SIZE];

	digest_format_hex(digest, hex);
	snprintf(path, FOLDER_PATH_SIZE, BLOBS_DIRECTORY "/%s", hex);
}

bool blobs_name_parse(const char *name, struct digest *ret_digest)
{
	char text[DIGEST_TEXT_SIZE];

	return strlen(name) == DIGEST_HEX_SIZE - 1 &&
	       snprintf(text, sizeof(text), "sha256:%s", name) < (int)sizeof(text) &&
	       digest_parse(text, ret_digest);
}

uint64_t blobs_disk_bytes(uint64_t size)
{
	return (size + BLOCK - 1) / BLOCK * BLOCK;
}

static bool is_of(const void *data, size_t size, const struct digest *digest)
{
	struct digest actual;

	return digest_compute(data, size, &actual) == 0 && digest_equal(&actual, digest);
}

/* What cannot be read now may be readable later: it is left there, as a thing of others. */
static bool is_damage(int r)
{
	return r == -EBADMSG || r == -EACCES || r == -EIO || r == -EISDIR;
}

int blobs_check(struct folder *folder, const struct digest *digest)
{
	char path[FOLDER_PATH_SIZE];
	struct folder_file file;
	int r;

	blobs_path(digest, path);
	r = folder_read(folder, path, BLOBS_MAX_BYTES, &file);
	if (r < 0)
		return is_damage(r) ? 1 : r;
	r = !is_of(file.data, file.size, digest);
	folder_file_deinit(&file);
	return r;
}

static void remove_damaged(struct blobs *blobs, const char *path)
{
	atomic_fetch_add(&blobs->removed, 1);
	(void)folder_remove(blobs->folder, path);
}

static int64_t now_s(const struct blobs *blobs)
{
	return (int64_t)(clock_realtime_ns(blobs->clock) / NS_PER_S);
}

int blobs_read(struct blobs *blobs, const struct digest *digest, struct bytes **ret_bytes)
{
	char path[FOLDER_PATH_SIZE];
	struct folder_file file;
	struct bytes *bytes;
	int r;

	blobs_path(digest, path);
	r = folder_read(blobs->folder, path, BLOBS_MAX_BYTES, &file);
	if (r == 0 && !is_of(file.data, file.size, digest)) {
		folder_file_deinit(&file);
		r = -EBADMSG;
	}
	if (is_damage(r)) {
		remove_damaged(blobs, path);
		return -ENOENT;
	}
	if (r < 0)
		return r;
	if (now_s(blobs) - file.about.st_atime > BLOBS_TOUCH_S)
		folder_touch(blobs->folder, path);
	bytes = bytes_new(file.data, file.size);
	folder_file_deinit(&file);
	if (!bytes)
		return -ENOMEM;
	*ret_bytes = bytes;
	return 0;
}

static uint64_t spare_bytes(uint64_t all)
{
	uint64_t part = all / BLOBS_SPARE_PART;

	return part < BLOBS_SPARE_BYTES ? part : BLOBS_SPARE_BYTES;
}

uint64_t blobs_limit(struct blobs *blobs)
{
	uint64_t used = atomic_load(&blobs->bytes), lack, available, all;

	if (folder_space(blobs->folder, &available, &all) < 0 || available >= spare_bytes(all))
		return blobs->max_bytes;
	lack = spare_bytes(all) - available;
	if (lack > used)
		return 0;
	return used - lack < blobs->max_bytes ? used - lack : blobs->max_bytes;
}

/* Looks once a second, since asking may be slow. */
static bool is_space_short(struct blobs *blobs)
{
	uint64_t now_ns = clock_monotonic_ns(blobs->clock), available, all;

	if (now_ns - atomic_load(&blobs->checked_ns) < NS_PER_S)
		return false;
	atomic_store(&blobs->checked_ns, now_ns);
	return folder_space(blobs->folder, &available, &all) == 0 && available < spare_bytes(all);
}

int blobs_ask_for_space(struct blobs *blobs)
{
	if (!is_space_short(blobs))
		return 0;
	atomic_store(&blobs->is_short, true);
	return folder_has_no_space(blobs->folder);
}

void blobs_note_error(struct blobs *blobs, int error)
{
	if (error == -ENOSPC || error == -EDQUOT)
		atomic_store(&blobs->is_short, true);
}

int blobs_write(struct blobs *blobs, const struct digest *digest, const struct bytes *bytes)
{
	uint64_t taken = blobs_disk_bytes(bytes->size);
	char path[FOLDER_PATH_SIZE];
	int r;

	if (bytes->size > BLOBS_MAX_BYTES || !is_of(bytes->data, bytes->size, digest))
		return 0;
	r = blobs_ask_for_space(blobs);
	if (r < 0)
		return r;
	blobs_path(digest, path);
	r = folder_write(blobs->folder, path, bytes->data, bytes->size);
	if (r == -EISDIR || r == -ENOTEMPTY || r == -EEXIST) {
		remove_damaged(blobs, path);
		r = folder_write(blobs->folder, path, bytes->data, bytes->size);
	}
	blobs_note_error(blobs, r);
	if (r < 0)
		return r;
	atomic_fetch_add(&blobs->written, 1);
	atomic_fetch_add(&blobs->bytes, taken);
	atomic_fetch_add(&blobs->new_bytes, taken);
	return 0;
}
