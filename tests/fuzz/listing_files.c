/* Files of listings: what somebody, or a broken disk, has made of them. The first byte is the kind,
 * the rest a file without its checksum, which is put behind it: else nothing would get past that.
 */
#include "base/cleanup.h"
#include "store/listing_reader.h"
#include "store/listing_writer.h"
#include "tests/fuzz/fuzz.h"

#define KEY "k"

/* Every byte of a text is read, so that the sanitizer sees one that is not there. */
static void check_texts(const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		MUST(strlen(texts[i]) <= LISTING_TEXT_MAX);
}

static void check_repository(const struct repository_record *record)
{
	MUST(record->name && strlen(record->name) <= LISTING_TEXT_MAX);
	check_texts(record->filters, record->n_filters);
}

static void check_image(const struct image_record *record)
{
	check_texts(record->tags, record->n_tags);
	MUST(!record->media_type || strlen(record->media_type) <= LISTING_TEXT_MAX);
	MUST(!record->artifact_type || strlen(record->artifact_type) <= LISTING_TEXT_MAX);
}

static void check_answer(const struct listing_answer *answer)
{
	MUST(answer->name && strlen(answer->name) <= LISTING_TEXT_MAX);
	if (answer->status == STATUS_OK && answer->is_repository)
		check_repository(&answer->repository);
	else if (answer->status == STATUS_OK)
		check_image(&answer->image);
}

static void copy_page(enum listing_kind kind, const struct listing_page *page,
                      struct listing_writer *writer)
{
	for (size_t i = 0; i < page->n; i++) {
		if (kind == LISTING_REPOSITORIES) {
			check_repository(&page->repositories[i]);
			listing_write_repository(writer, &page->repositories[i]);
		} else if (kind == LISTING_ANSWERS) {
			check_answer(&page->answers[i]);
			listing_write_answer(writer, &page->answers[i]);
		} else {
			check_image(&page->images[i]);
			listing_write_image(writer, &page->images[i]);
		}
	}
}

/* Writes all that `reader` has left. */
static void copy(struct listing_reader *reader, struct listing_writer *writer)
{
	struct listing_page page = {.n = 0};
	const char *account;

	listing_writer_begin(writer, reader->head.kind);
	if (reader->head.kind == LISTING_CALLER) {
		while ((account = listing_read_account(reader)))
			listing_write_account(writer, account);
	} else {
		do {
			MUST(listing_read_page(reader, &page) == 0);
			copy_page(reader->head.kind, &page, writer);
		} while (!page.is_last);
	}
	MUST(listing_writer_end(writer, KEY, reader->head.told_ns, reader->head.pages));
	listing_page_deinit(&page);
}

/* What was read and written again is read as the same. */
static void check(struct listing_reader *reader)
{
	struct listing_writer once, twice;
	struct listing_reader again;

	copy(reader, &once);
	MUST(listing_reader_open(once.data, once.size, reader->head.kind, KEY, &again));
	MUST(again.head.told_ns == reader->head.told_ns);
	MUST(again.head.pages == reader->head.pages);
	copy(&again, &twice);
	MUST(once.size == twice.size && memcmp(once.data, twice.data, once.size) == 0);
	listing_writer_deinit(&once);
	listing_writer_deinit(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct listing_reader reader;
	struct digest sum;
	uint8_t *file;

	if (!size)
		return 0;
	MUST(!listing_reader_open(data + 1, size - 1, (enum listing_kind)(data[0] % 8), KEY,
	                          &reader));
	file = malloc(size - 1 + LISTING_SUM_SIZE);
	MUST(file && digest_compute(data + 1, size - 1, &sum) == 0);
	memcpy(file, data + 1, size - 1);
	memcpy(file + size - 1, sum.sha256, LISTING_SUM_SIZE);
	if (listing_reader_open(file, size - 1 + LISTING_SUM_SIZE, (enum listing_kind)(data[0] % 8),
	                        KEY, &reader))
		check(&reader);
	free(file);
	return 0;
}
