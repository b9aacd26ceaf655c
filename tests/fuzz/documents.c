/* Documents of several pages, as tests/fuzz/fake_api.h divides them; each kind of them. */
#include "base/bytes.h"
#include "base/cleanup.h"
#include "ecr/documents.h"
#include "ecr/json_fields.h"
#include "ecr/json_links.h"
#include "ecr/json_pages.h"
#include "ecr/registry.h"
#include "tests/fuzz/fake_api.h"
#include "tests/fuzz/fuzz.h"

static const char *const no_lists[] = {NULL};
static const struct json_pages_part all = {no_lists, "", false};

/* What is asked for, and what has come of it. */
struct document {
	struct api api;
	char *text; /* NULL: it failed */
};

static void free_pages(struct json_pages **pages)
{
	json_pages_free(*pages);
}

static void free_fields(struct json_fields **fields)
{
	json_fields_free(*fields);
}

static void fetched(void *arg, enum status status, struct bytes *bytes)
{
	struct document *document = arg;

	MUST(!document->api.ended && !bytes == (status != STATUS_OK));
	document->api.ended = true;
	if (!bytes)
		return;
	document->text = strndup(bytes->data, bytes->size);
	MUST(document->text && strlen(document->text) == bytes->size);
	MUST(bytes->size && bytes->data[bytes->size - 1] == '\n');
}

/* Such a part of an answer of one page. A string of heap, or NULL where it has none. */
static char *print_page(const char *body, size_t size, const struct json_pages_part *part)
{
	CLEANUP(free_pages) struct json_pages *pages = NULL;
	CLEANUP(free_string) char *token = NULL;
	char *text = NULL;

	if (json_pages_add(&pages, part, body, size, &token) == 0)
		json_pages_print(pages, part, &text);
	return text;
}

/* What was printed is a page that leads to no other, and is printed the same again. */
static void check_object(const char *text)
{
	CLEANUP(free_pages) struct json_pages *pages = NULL;
	CLEANUP(free_string) char *again = NULL;
	char *token = NULL;

	MUST(json_pages_add(&pages, &all, text, strlen(text), &token) == 0);
	MUST(!token);
	MUST(json_pages_print(pages, &all, &again) == 0);
	MUST(strcmp(again, text) == 0);
}

/* -1 where there is no list of them. */
static int count_links(const char *text)
{
	struct json_links links;
	int n;

	if (json_links_read_referrers(text, strlen(text), &links) < 0)
		return -1;
	n = (int)links.n;
	json_links_free(links.document);
	return n;
}

/* No page's part of the list is lost, or there twice. */
static void check_referrers(const struct document *document, const char *pages, size_t size)
{
	int whole = count_links(document->text), sum = 0;

	for (unsigned i = 0; i < document->api.calls; i++) {
		const char *page = pages;
		size_t page_size = fuzz_cut_part(&pages, &size);
		CLEANUP(free_string) char *text = print_page(page, page_size, &all);
		int n;

		MUST(text);
		n = count_links(text);
		if (i == 0)
			MUST((n < 0) == (whole < 0));
		sum += n > 0 ? n : 0;
	}
	MUST(whole < 0 || whole == sum);
}

/* A text in an answer is printed the same again. */
static void check_text(const char *printed, const char *member)
{
	const struct json_pages_part part = {no_lists, member, true};
	CLEANUP(free_string) char *text = strndup(printed, strlen(printed) - 1);
	CLEANUP(free_string) char *wrapped = NULL;
	CLEANUP(free_string) char *again = NULL;
	CLEANUP(free_fields) struct json_fields *fields = json_fields_new();

	MUST(text && fields && json_fields_set(fields, member, text) == 0);
	wrapped = json_fields_print(fields);
	MUST(wrapped);
	again = print_page(wrapped, strlen(wrapped), &part);
	MUST(fuzz_is_same(again, printed));
}

/* What cJSON takes for a blank. */
static size_t length_without_blanks(const char *text)
{
	size_t length = strlen(text);

	while (length && (unsigned char)text[length - 1] <= ' ')
		length--;
	return length;
}

/* All of the text in the first page has been printed: if it is JSON, to its last bracket. */
static void check_end(const char *printed, const char *pages, size_t size, const char *member)
{
	CLEANUP(free_fields) struct json_fields *fields = NULL;
	const char *body = pages, *text = NULL;
	size_t length, printed_length;

	if (json_fields_read(body, fuzz_cut_part(&pages, &size), &fields) == 0)
		text = json_fields_text(fields, member);
	length = text ? length_without_blanks(text) : 0;
	if (!length || strchr("0123456789", text[length - 1]))
		return; /* 1.50 is printed as 1.5 */
	printed_length = length_without_blanks(printed);
	MUST(printed_length && text[length - 1] == printed[printed_length - 1]);
}

static void check_document(const struct document *document, enum document_kind kind,
                           const char *pages, size_t size)
{
	const char *text = document->text, *member;
	CLEANUP(free_string) char *again = NULL;
	CLEANUP(free_string) char *wrapped = NULL;

	switch (kind) {
	case DOCUMENT_CONFIG:
		MUST(false);
		break;
	case DOCUMENT_REFERRERS:
		check_object(text);
		check_referrers(document, pages, size);
		break;
	case DOCUMENT_SCAN:
		check_object(text);
		break;
	case DOCUMENT_REPOSITORY:
		MUST(asprintf(&wrapped, "{\"a\":[%s]}", text) > 0);
		again = print_page(wrapped, strlen(wrapped),
		                   &(struct json_pages_part){no_lists, "a.0", false});
		MUST(fuzz_is_same(again, text));
		break;
	case DOCUMENT_POLICY:
	case DOCUMENT_LIFECYCLE:
		member = kind == DOCUMENT_POLICY ? "policyText" : "lifecyclePolicyText";
		check_text(text, member);
		if (document->api.calls == 1)
			check_end(text, pages, size, member);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct registry registry = {.account = "123456789012"};

	for (int kind = DOCUMENT_REFERRERS; kind <= DOCUMENT_LIFECYCLE; kind++) {
		struct document document = {.api = {.rest = (const char *)data, .size = size}};
		struct document_id id = {.kind = (enum document_kind)kind};

		MUST(documents_ask(&document.api, &registry, "team", &id, fetched, &document) == 0);
		fake_api_run(&document.api);
		MUST(document.api.ended);
		MUST(document.api.max_answer_bytes <= DOCUMENTS_MAX_BYTES &&
		     document.api.max_answer_bytes + size >= DOCUMENTS_MAX_BYTES);
		if (document.text)
			check_document(&document, id.kind, (const char *)data, size);
		free(document.text);
	}
	return 0;
}
