/* Answers by name: one file for each repository, with the newest ones first. */
#include "store/told_files.h"

#include <errno.h>
#include <string.h>

/* So many are kept of a repository: the tags that somebody uses by name, and the children of an
 * index. Whoever asks for more tags is answered by a listing. */
#define ANSWERS_MAX 1024

struct merge {
	struct listing_writer writer;
	const struct listing_page *fresh;
	bool has_other; /* something says that what is absent is there */
};

static bool is_about_the_same(const struct listing_answer *a, const struct listing_answer *b)
{
	return a->is_repository == b->is_repository && strcmp(a->name, b->name) == 0;
}

/* Whether one of the first `n` of the page is about the same. */
static bool is_in(const struct listing_page *page, size_t n, const struct listing_answer *answer)
{
	for (size_t i = 0; i < n; i++)
		if (is_about_the_same(&page->answers[i], answer))
			return true;
	return false;
}

/* The last of the new answers about one thing counts. */
static void put_fresh(struct merge *merge)
{
	const struct listing_page *page = merge->fresh;

	for (size_t i = page->n; i-- > 0;) {
		const struct listing_answer *answer = &page->answers[i];
		bool is_newest = true;

		for (size_t later = i + 1; later < page->n; later++)
			is_newest &= !is_about_the_same(&page->answers[later], answer);
		if (is_newest && (answer->status == STATUS_OK || merge->has_other))
			listing_write_answer(&merge->writer, answer);
	}
}

static int put_old(struct merge *merge, struct listing_reader *reader)
{
	struct listing_page page = {.n = 0};
	int r;

	do {
		r = listing_read_page(reader, &page);
		for (size_t i = 0; r == 0 && i < page.n && merge->writer.n < ANSWERS_MAX; i++)
			if (!is_in(merge->fresh, merge->fresh->n, &page.answers[i]))
				listing_write_answer(&merge->writer, &page.answers[i]);
	} while (r == 0 && !page.is_last && merge->writer.n < ANSWERS_MAX);
	listing_page_deinit(&page);
	return r;
}

static bool is_repository_gone(const struct listing_page *fresh)
{
	for (size_t i = 0; i < fresh->n; i++)
		if (fresh->answers[i].is_repository && fresh->answers[i].status == STATUS_ABSENT)
			return true;
	return false;
}

static int remove_all(struct told_files *files, const char *key)
{
	int answers = told_files_remove(files, LISTING_ANSWERS, key);
	int tags = told_files_remove(files, LISTING_TAGS, key);
	int digests = told_files_remove(files, LISTING_DIGESTS, key);

	if (answers < 0)
		return answers;
	return tags < 0 ? tags : digests;
}

static int merge(struct told_files *files, const char *key, struct listing_page *fresh)
{
	struct merge merge = {.fresh = fresh};
	struct told_file old;
	int r = told_files_read(files, LISTING_ANSWERS, key, &old);
	bool is_there = r == 0;

	if (r < 0 && r != -ENOENT)
		return r;
	merge.has_other = is_there || told_files_have(files, LISTING_TAGS, key) ||
	                  told_files_have(files, LISTING_DIGESTS, key);
	listing_writer_begin(&merge.writer, LISTING_ANSWERS);
	put_fresh(&merge);
	r = is_there ? put_old(&merge, &old.reader) : 0;
	if (r == 0 && merge.writer.n)
		r = told_files_write(files, LISTING_ANSWERS, key, &merge.writer,
		                     fresh->answers[fresh->n - 1].told_ns, 1);
	if (is_there)
		told_file_deinit(&old);
	listing_writer_deinit(&merge.writer);
	return r;
}

int told_files_add(struct told_files *files, const char *key, struct listing_reader *fresh)
{
	struct listing_page page = {.n = 0};
	int r;

	do {
		r = listing_read_page(fresh, &page);
		if (r == 0 && page.n)
			r = is_repository_gone(&page) ? remove_all(files, key)
			                              : merge(files, key, &page);
	} while (r == 0 && !page.is_last);
	listing_page_deinit(&page);
	return r;
}
