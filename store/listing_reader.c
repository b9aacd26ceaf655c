/* Listings, read without believing a byte of them. */
#include "store/listing_reader.h"
#include "base/digest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The smallest text: its length and its NUL. */
#define TEXT_MIN 3

/* Where the texts of a record go; NULL: nowhere, it is only looked at. */
struct texts {
	struct listing_page *page;
	bool has_failed; /* out of memory */
};

static bool get_number(struct listing_reader *reader, size_t size, uint64_t *ret_number)
{
	uint64_t number = 0;

	if ((size_t)(reader->end - reader->at) < size)
		return false;
	for (size_t i = size; i-- > 0;)
		number = number << 8 | reader->at[i];
	reader->at += size;
	*ret_number = number;
	return true;
}

/* NULL: there is none. */
static const char *get_text(struct listing_reader *reader)
{
	const char *text;
	uint64_t length;

	if (!get_number(reader, 2, &length) || (size_t)(reader->end - reader->at) <= length)
		return NULL;
	text = (const char *)reader->at;
	if (strnlen(text, length + 1) != length)
		return NULL;
	reader->at += length + 1;
	return text;
}

static bool get_type(struct listing_reader *reader, const char **ret_type)
{
	uint64_t number;

	*ret_type = NULL;
	if (!get_number(reader, 1, &number))
		return false;
	if (number == LISTING_TYPE_NONE)
		return true;
	if (number != LISTING_TYPE_NEW) {
		if (number > reader->n_types)
			return false;
		*ret_type = reader->types[number - 1];
		return true;
	}
	*ret_type = get_text(reader);
	if (*ret_type && reader->n_types < LISTING_TYPES_MAX)
		reader->types[reader->n_types++] = *ret_type;
	return *ret_type;
}

static void add_text(struct texts *texts, const char *text)
{
	struct listing_page *page = texts->page;
	const char **grown;

	if (page->n_texts == page->capacity) {
		size_t capacity = 2 * page->capacity + LISTING_PAGE_MAX;

		grown = reallocarray(page->texts, capacity, sizeof(*grown));
		if (!grown) {
			texts->has_failed = true;
			return;
		}
		page->texts = grown;
		page->capacity = capacity;
	}
	page->texts[page->n_texts++] = text;
}

static bool get_texts(struct listing_reader *reader, size_t n, struct texts *texts)
{
	if ((size_t)(reader->end - reader->at) / TEXT_MIN < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *text = get_text(reader);

		if (!text)
			return false;
		if (texts && !texts->has_failed)
			add_text(texts, text);
	}
	return true;
}

static bool get_repository(struct listing_reader *reader, struct texts *texts,
                           struct repository_record *record)
{
	uint64_t mutability, n_filters;

	*record = (struct repository_record){.name = get_text(reader)};
	if (!record->name || !get_number(reader, 8, &record->created_ns) ||
	    !get_number(reader, 1, &mutability) || !get_number(reader, 2, &n_filters) ||
	    mutability > TAGS_MUTABLE_EXCEPT)
		return false;
	record->mutability = (enum tag_mutability)mutability;
	record->n_filters = n_filters;
	return get_texts(reader, n_filters, texts);
}

static bool get_image(struct listing_reader *reader, struct texts *texts,
                      struct image_record *record)
{
	uint64_t state, n_tags;

	*record = (struct image_record){.n_tags = 0};
	if ((size_t)(reader->end - reader->at) < DIGEST_BYTES)
		return false;
	memcpy(record->digest.sha256, reader->at, DIGEST_BYTES);
	reader->at += DIGEST_BYTES;
	if (!get_number(reader, 8, &record->size_bytes) ||
	    !get_number(reader, 8, &record->pushed_ns) ||
	    !get_number(reader, 8, &record->pulled_ns) || !get_number(reader, 1, &state) ||
	    state > IMAGE_OTHER || !get_type(reader, &record->media_type) ||
	    !get_type(reader, &record->artifact_type) || !get_number(reader, 4, &n_tags))
		return false;
	record->state = (enum image_state)state;
	record->n_tags = n_tags;
	return get_texts(reader, n_tags, texts);
}

static bool get_answer(struct listing_reader *reader, struct texts *texts,
                       struct listing_answer *answer)
{
	uint64_t is_repository, status;

	*answer = (struct listing_answer){.status = STATUS_OK};
	if (!get_number(reader, 8, &answer->told_ns) || !get_number(reader, 1, &is_repository) ||
	    !get_number(reader, 1, &status) || is_repository > 1 || status > STATUS_DENIED)
		return false;
	answer->is_repository = is_repository;
	answer->status = (enum status)status;
	answer->name = get_text(reader);
	if (!answer->name || status != STATUS_OK)
		return answer->name;
	return is_repository ? get_repository(reader, texts, &answer->repository)
	                     : get_image(reader, texts, &answer->image);
}

/* Reads record `i` of a page, or only looks at it (NULL). */
static bool get_record(struct listing_reader *reader, struct texts *texts,
                       struct listing_page *page, size_t i)
{
	struct repository_record repository;
	struct listing_answer answer;
	struct image_record image;

	switch (reader->head.kind) {
	case LISTING_REPOSITORIES:
		return get_repository(reader, texts, page ? &page->repositories[i] : &repository);
	case LISTING_TAGS:
	case LISTING_DIGESTS:
		return get_image(reader, texts, page ? &page->images[i] : &image);
	case LISTING_ANSWERS:
		return get_answer(reader, texts, page ? &page->answers[i] : &answer);
	case LISTING_CALLER:
		break;
	}
	return get_text(reader);
}

static bool get_head(struct listing_reader *reader)
{
	uint64_t version, kind, pages, n;

	if ((size_t)(reader->end - reader->at) < LISTING_MAGIC_SIZE ||
	    memcmp(reader->at, LISTING_MAGIC, LISTING_MAGIC_SIZE) != 0)
		return false;
	reader->at += LISTING_MAGIC_SIZE;
	if (!get_number(reader, 1, &version) || version != LISTING_VERSION ||
	    !get_number(reader, 1, &kind) || kind < LISTING_REPOSITORIES || kind > LISTING_CALLER ||
	    !get_number(reader, 4, &pages) || !get_number(reader, 8, &reader->head.told_ns) ||
	    !get_number(reader, 4, &n))
		return false;
	reader->head.kind = (enum listing_kind)kind;
	reader->head.pages = (unsigned)pages;
	reader->n = (uint32_t)n;
	return true;
}

/* Answers the key behind the last record; NULL: these are not records, or not all. */
static const char *look_at_all(struct listing_reader reader)
{
	const char *key;

	for (uint32_t i = 0; i < reader.n; i++)
		if (!get_record(&reader, NULL, NULL, 0))
			return NULL;
	key = get_text(&reader);
	return reader.at == reader.end ? key : NULL;
}

bool listing_reader_open(const void *data, size_t size, enum listing_kind kind, const char *key,
                         struct listing_reader *ret_reader)
{
	struct listing_reader reader = {.at = data};
	struct digest sum;

	if (size < LISTING_SUM_SIZE || size > LISTING_MAX_BYTES)
		return false;
	reader.end = reader.at + size - LISTING_SUM_SIZE;
	if (!get_head(&reader) || reader.head.kind != kind ||
	    digest_compute(data, size - LISTING_SUM_SIZE, &sum) < 0 ||
	    memcmp(sum.sha256, reader.end, LISTING_SUM_SIZE) != 0)
		return false;
	reader.head.key = look_at_all(reader);
	if (!reader.head.key || (key && strcmp(reader.head.key, key) != 0))
		return false;
	*ret_reader = reader;
	return true;
}

/* The array that fits the kind of file. Answers 0 or -ENOMEM. */
static int prepare(const struct listing_reader *reader, struct listing_page *page)
{
	switch (reader->head.kind) {
	case LISTING_REPOSITORIES:
		if (!page->repositories)
			page->repositories = calloc(LISTING_PAGE_MAX, sizeof(*page->repositories));
		return page->repositories ? 0 : -ENOMEM;
	case LISTING_TAGS:
	case LISTING_DIGESTS:
		if (!page->images)
			page->images = calloc(LISTING_PAGE_MAX, sizeof(*page->images));
		return page->images ? 0 : -ENOMEM;
	case LISTING_ANSWERS:
		if (!page->answers)
			page->answers = calloc(LISTING_PAGE_MAX, sizeof(*page->answers));
		return page->answers ? 0 : -ENOMEM;
	case LISTING_CALLER:
		break;
	}
	return 0;
}

/* The texts do not move any more: each record gets its own. */
static void share_out(const struct listing_reader *reader, struct listing_page *page)
{
	const char **next = page->texts;

	for (size_t i = 0; i < page->n; i++) {
		struct repository_record *repository = NULL;
		struct image_record *image = NULL;

		if (reader->head.kind == LISTING_REPOSITORIES)
			repository = &page->repositories[i];
		else if (reader->head.kind == LISTING_ANSWERS && page->answers[i].is_repository)
			repository = &page->answers[i].repository;
		else if (reader->head.kind == LISTING_ANSWERS)
			image = &page->answers[i].image;
		else
			image = &page->images[i];
		if (repository)
			repository->filters = next;
		else
			image->tags = next;
		if (next)
			next += repository ? repository->n_filters : image->n_tags;
	}
}

int listing_read_page(struct listing_reader *reader, struct listing_page *page)
{
	struct texts texts = {.page = page};

	page->n = 0;
	page->n_texts = 0;
	if (reader->head.kind == LISTING_CALLER || prepare(reader, page) < 0)
		return -ENOMEM;
	while (reader->n && page->n < LISTING_PAGE_MAX) {
		if (!get_record(reader, &texts, page, page->n))
			break; /* cannot be: all were looked at */
		page->n++;
		reader->n--;
	}
	if (texts.has_failed)
		return -ENOMEM;
	share_out(reader, page);
	page->is_last = !reader->n;
	return 0;
}

const char *listing_read_account(struct listing_reader *reader)
{
	if (reader->head.kind != LISTING_CALLER || !reader->n)
		return NULL;
	reader->n--;
	return get_text(reader);
}

void listing_page_deinit(struct listing_page *page)
{
	free(page->repositories);
	free(page->images);
	free(page->answers);
	free(page->texts);
	*page = (struct listing_page){.n = 0};
}
