/* Listings of images, taken in page by page. */
#include "cache/image_listing.h"
#include "ecr/name.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void image_listing_init(struct image_listing *listing, struct core *core, enum image_scope scope)
{
	*listing = (struct image_listing){.core = core, .scope = scope};
}

/* Tags of one image share it: each bears its part. */
static size_t part_bytes(const struct image_listing *listing, const struct image *image)
{
	size_t parts = 1;

	if (!image)
		return 0;
	if (listing->scope == IMAGES_TAGGED && image->n_tags)
		parts = image->n_tags;
	return image_bytes(image) / parts;
}

static void free_listed(void *arg, struct name *name)
{
	struct image_listing *listing = arg;
	struct listed_image *listed = (struct listed_image *)name;

	listing->bytes -= budget_heap_bytes(listed) + part_bytes(listing, listed->image);
	image_unref(listed->image);
	free(listed);
}

void image_listing_deinit(struct image_listing *listing)
{
	names_clear(&listing->names, free_listed, listing);
	order_free(listing->order);
}

size_t image_listing_bytes(const struct image_listing *listing)
{
	return listing->bytes + names_bytes(&listing->names) + order_bytes(listing->order);
}

struct listed_image *image_listing_find(const struct image_listing *listing, const char *text)
{
	return (struct listed_image *)names_find(&listing->names, text);
}

uint64_t image_listing_since_ns(const struct image_listing *listing, const struct name *name)
{
	uint64_t since_ns = name_good_since_ns(name, listing->complete_ns);

	return since_ns > listing->fetch.forgotten_ns ? since_ns : 0;
}

void image_listing_update(struct image_listing *listing, struct listed_image *listed,
                          struct image *image, uint64_t seen_ns)
{
	if (!listed->image || !digest_equal(&listed->image->digest, &image->digest))
		listed->name.number = core_new_number(listing->core);
	listing->bytes += part_bytes(listing, image) - part_bytes(listing, listed->image);
	image_ref(image);
	image_unref(listed->image);
	listed->image = image;
	listed->name.seen_ns = seen_ns;
}

static struct listed_image *listed_new(struct image_listing *listing, const char *text)
{
	struct listed_image *listed =
	        calloc(1, offsetof(struct listed_image, text) + strlen(text) + 1);

	if (!listed)
		return NULL;
	strcpy(listed->text, text);
	listed->name.text_offset = offsetof(struct listed_image, text);
	if (names_add(&listing->names, &listed->name) < 0) {
		free(listed);
		return NULL;
	}
	listing->bytes += budget_heap_bytes(listed);
	return listed;
}

static void see(struct image_listing *listing, const char *text, struct image *image,
                uint64_t seen_ns)
{
	struct listed_image *listed = image_listing_find(listing, text);

	if (!listed)
		listed = listed_new(listing, text);
	if (!listed) {
		listing->failed_to_store = true;
		return;
	}
	image_listing_update(listing, listed, image, seen_ns);
	listed->name.pass = listing->pass;
}

static void see_tags(struct image_listing *listing, const struct image_record *record,
                     struct image *image, uint64_t seen_ns)
{
	for (size_t i = 0; i < record->n_tags; i++) {
		if (name_is_tag(record->tags[i]))
			see(listing, record->tags[i], image, seen_ns);
		else
			listing->left_out++;
	}
}

static void take_record(struct image_listing *listing, const struct image_record *record,
                        uint64_t seen_ns)
{
	struct image *image = image_new(record, &listing->core->known_types);
	char text[DIGEST_TEXT_SIZE];

	if (!image) {
		listing->failed_to_store = true;
		return;
	}
	if (listing->scope == IMAGES_TAGGED) {
		see_tags(listing, record, image, seen_ns);
	} else {
		digest_format(&record->digest, text);
		see(listing, text, image, seen_ns);
	}
	image_unref(image);
}

/* All pages of the pass were there at `then_ns`, which is `real_ns` in real time. */
static void complete(struct image_listing *listing, uint64_t then_ns, uint64_t real_ns)
{
	names_complete(&listing->names, listing->pass, real_ns, free_listed, listing);
	listing->complete_ns = then_ns;
}

static void begin_pass(struct image_listing *listing)
{
	listing->pass++;
	listing->left_out = 0;
	listing->failed_to_store = false;
}

static void finish_pass(struct image_listing *listing, enum status status)
{
	struct core *core = listing->core;
	uint64_t now = core_now_ns(core);
	uint64_t changed_ns = listing->names.changed_ns;

	if (status == STATUS_OK && listing->failed_to_store)
		status = STATUS_NO_MEMORY;
	if (status == STATUS_OK)
		complete(listing, now, clock_realtime_ns(core->clock));
	if (status == STATUS_ABSENT) { /* the repository is gone, and its images with it */
		names_clear(&listing->names, free_listed, listing);
		listing->complete_ns = 0;
	}
	if (listing->names.changed_ns != changed_ns) {
		order_free(listing->order);
		listing->order = NULL;
	}
	fetch_finish(&listing->fetch, status, now, &core->ready);
}

void image_listing_take_page(struct image_listing *listing, enum status status,
                             const struct image_record *records, size_t n, bool last)
{
	uint64_t now = core_now_ns(listing->core);

	for (size_t i = 0; i < n; i++)
		take_record(listing, &records[i], now);
	if (last)
		finish_pass(listing, status);
	else
		fetch_wake(&listing->fetch, &listing->core->ready);
}

void image_listing_recall_page(struct image_listing *listing, const struct recalled *recalled)
{
	if (recalled->is_first) {
		listing->recalling_ns = core_recalled_ns(listing->core, recalled);
		begin_pass(listing);
	}
	if (!listing->recalling_ns)
		return;
	for (size_t i = 0; i < recalled->n; i++)
		take_record(listing, &recalled->images[i], listing->recalling_ns);
	if (!recalled->is_last || listing->failed_to_store)
		return;
	complete(listing, listing->recalling_ns, recalled->told_ns);
	fetch_recall(&listing->fetch, STATUS_OK, listing->recalling_ns);
	listing->recalling_ns = 0;
}

void image_listing_recall_end(struct image_listing *listing)
{
	if (listing->recalling_ns)
		names_clear(&listing->names, free_listed, listing);
	listing->recalling_ns = 0;
}

enum cache_answer image_listing_wait(struct image_listing *listing, struct asker *asker,
                                     bool *ret_ask, enum status *ret_status)
{
	enum cache_answer answer =
	        core_join(listing->core, &listing->fetch, asker, ret_ask, ret_status);

	if (*ret_ask)
		begin_pass(listing);
	return answer;
}

static bool take_all(const struct name *name, struct listed_name *listed)
{
	listed->digest = ((const struct listed_image *)name)->image->digest;
	return true;
}

static bool take_untagged(const struct name *name, struct listed_name *listed)
{
	return ((const struct listed_image *)name)->image->n_tags == 0 && take_all(name, listed);
}

/* Whether the directory is not too long to show more than names. One that is still arriving may
 * become so. */
static bool is_short(const struct image_listing *listing)
{
	return listing->names.n <= (listing->complete_ns ? CACHE_MORE_MAX : CACHE_MORE_MAX / 5);
}

/* What a directory that is not too long shows of each name at once. */
static void add_more(const struct image_listing *listing, struct listed_name *names, size_t n)
{
	uint64_t ttl_ns = listing->core->config.ttl_ns;

	for (size_t i = 0; i < n; i++) {
		struct name *name = names_at(&listing->names, names[i].sequence);
		uint64_t since_ns;

		names[i].image = image_ref(((struct listed_image *)name)->image);
		since_ns = image_listing_since_ns(listing, name);
		names[i].until_ns = since_ns ? since_ns + ttl_ns : 0;
	}
}

enum cache_answer image_listing_show(struct image_listing *listing,
                                     const struct names_request *request, struct asker *asker,
                                     size_t max, struct listed_name *names, size_t *ret_n,
                                     bool *ret_ask, enum status *ret_status)
{
	*ret_n = 0;
	if (core_may_show(listing->core, &listing->fetch, listing->complete_ns, request->going_on,
	                  asker)) {
		*ret_n = names_copy(&listing->names, request->after, max,
		                    request->listing == CACHE_UNTAGGED ? take_untagged : take_all,
		                    names);
		if (request->with_more && is_short(listing))
			add_more(listing, names, *ret_n);
		if (*ret_n || listing->complete_ns)
			return CACHE_FOUND;
	}
	if (core_has_failed(listing->core, &listing->fetch, asker))
		return fetch_failure(&listing->fetch, ret_status);
	return image_listing_wait(listing, asker, ret_ask, ret_status);
}
