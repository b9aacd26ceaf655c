/* Pages of listings: DescribeRepositories, DescribeImages, ListImages; and what is asked next. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "ecr/body.h"
#include "ecr/json.h"
#include "ecr/json_image.h"
#include "ecr/json_text.h"
#include "ecr/mutability.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>

#define MAX_TIME_NS 9200000000000000000ULL
#define MAX_FILTERS 5

/* What comes back of a body that we write is what was put into it. */
static void check_next_question(const char *token, size_t size)
{
	CLEANUP(free_string) char *body = body_list_images("r/epository", IMAGES_ALL, true, token);
	CLEANUP(free_string) char *found = malloc(size + 1);

	MUST(body && found);
	MUST(token[0]);
	MUST(json_find_text(body, strlen(body), "nextToken", found, size + 1));
	MUST(strcmp(found, token) == 0);
	MUST(json_find_text(body, strlen(body), "repositoryName", found, size + 1) || !size);
}

static void check_token(const char *token, size_t size)
{
	if (token)
		check_next_question(token, size);
}

static void check_repository(const struct repository_record *record)
{
	bool fixed = mutability_tag_is_fixed(record, "v1");

	MUST(record->name);
	MUST(record->created_ns < MAX_TIME_NS);
	MUST(record->n_filters <= MAX_FILTERS);
	switch (record->mutability) {
	case TAGS_MUTABLE:
		MUST(!fixed && record->n_filters == 0);
		break;
	case TAGS_IMMUTABLE:
		MUST(fixed && record->n_filters == 0);
		break;
	case TAGS_IMMUTABLE_EXCEPT:
	case TAGS_MUTABLE_EXCEPT:
		MUST(record->n_filters);
		break;
	}
	for (size_t i = 0; i < record->n_filters; i++)
		MUST(record->filters[i]);
}

static void check_repositories(const char *body, size_t size)
{
	struct repositories_page page;
	int r = json_read_repositories(body, size, &page);

	MUST(r == 0 || r == -EBADMSG);
	if (r < 0)
		return;
	for (size_t i = 0; i < page.n; i++)
		check_repository(&page.records[i]);
	check_token(page.next_token, size);
	json_free(page.document);
}

static void must_be_same(const struct image_record *a, const struct image_record *b)
{
	MUST(digest_equal(&a->digest, &b->digest));
	MUST(a->n_tags == b->n_tags);
	for (size_t i = 0; i < a->n_tags; i++)
		MUST(strcmp(a->tags[i], b->tags[i]) == 0);
	MUST(a->size_bytes == b->size_bytes);
	MUST(fuzz_is_same(a->media_type, b->media_type));
	MUST(fuzz_is_same(a->artifact_type, b->artifact_type));
	MUST(a->state == b->state || a->state == IMAGE_OTHER);
}

/* image.json has what DescribeImages told, but for times, which it writes in words. */
static void check_image(const struct image_record *record)
{
	CLEANUP(free_string) char *text = json_image_print(record);
	CLEANUP(free_string) char *again = NULL;
	struct images_page page;

	MUST(record->pushed_ns < MAX_TIME_NS && record->pulled_ns < MAX_TIME_NS);
	MUST(text && text[strlen(text) - 1] == '\n');
	MUST(asprintf(&again, "{\"imageDetails\":[%s]}", text) > 0);
	MUST(json_read_images(again, strlen(again), &page) == 0);
	MUST(page.n == 1);
	must_be_same(record, &page.records[0]);
	json_free(page.document);
}

static void check_images(const char *body, size_t size)
{
	struct images_page page;
	int r = json_read_images(body, size, &page);

	MUST(r == 0 || r == -EBADMSG);
	if (r < 0)
		return;
	for (size_t i = 0; i < page.n; i++)
		check_image(&page.records[i]);
	check_token(page.next_token, size);
	json_free(page.document);
}

static void check_image_ids(const char *body, size_t size)
{
	struct images_page page;
	int r = json_read_image_ids(body, size, &page);

	MUST(r == 0 || r == -EBADMSG);
	if (r < 0)
		return;
	for (size_t i = 0; i < page.n; i++) {
		MUST(page.records[i].n_tags <= 1);
		check_image(&page.records[i]);
	}
	check_token(page.next_token, size);
	json_free(page.document);
}

/* What has been repaired needs no repair. */
static void check_repair(const char *body, size_t size)
{
	CLEANUP(free_string) char *once = malloc(size + 1);
	CLEANUP(free_string) char *twice = malloc(size + 1);

	MUST(once && twice);
	memcpy(once, body, size);
	json_text_repair(once, size);
	memcpy(twice, once, size);
	json_text_repair(twice, size);
	MUST(memcmp(once, twice, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *body = (const char *)data;

	check_repositories(body, size);
	check_images(body, size);
	check_image_ids(body, size);
	check_repair(body, size);
	return 0;
}
