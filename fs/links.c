/* Links, which lead to the directories of images by their digests. */
#include "fs/links.h"
#include "fs/file_kind.h"
#include "fs/image_files.h"
#include "fs/reply.h"

#include <stdio.h>
#include <string.h>

/* One for each directory above that an image can have, "../". */
#define TARGET_SIZE (3 * (PATH_SIZE / 2 + 2) + PATH_SIZE)

/* Types have 255 characters at most; this many, a dash and 64 digits are a name. */
#define TYPE_MAX 180

/* Digits of a digest that tell it apart from any other, unless somebody made it so. */
#define SHORT_DIGITS 12

struct wanted {
	const char *name;
	struct digest target;
	bool is_found;
};

static const char *type_of(const struct json_link *link)
{
	return link->type ? link->type : "unknown";
}

/* What a name has for the i-th character of a type, the NUL included. */
static char shown(const char *type, size_t i)
{
	char c = type[i];
	bool is_safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	               strchr("._+-", c);

	return is_safe && !(c == '.' && i == 0) ? c : '_';
}

static bool look_alike(const struct json_link *a, const struct json_link *b)
{
	const char *type_a = type_of(a), *type_b = type_of(b);
	size_t n = 0;

	while (n < TYPE_MAX && type_a[n] && shown(type_a, n) == shown(type_b, n))
		n++;
	return (n == TYPE_MAX || (!type_a[n] && !type_b[n])) &&
	       memcmp(&a->digest, &b->digest, SHORT_DIGITS / 2) == 0;
}

void links_name(const struct json_links *links, size_t i, char name[static LINKS_NAME_SIZE])
{
	const struct json_link *link = &links->links[i];
	const char *type = type_of(link);
	bool is_alike = strlen(type) > TYPE_MAX || (i > 0 && look_alike(link, link - 1)) ||
	                (i + 1 < links->n && look_alike(link, link + 1));
	char hex[DIGEST_HEX_SIZE];
	size_t n = 0;

	digest_format_hex(&link->digest, hex);
	for (; n < TYPE_MAX && type[n]; n++)
		name[n] = shown(type, n);
	snprintf(name + n, LINKS_NAME_SIZE - n, "-%.*s", is_alike ? DIGEST_HEX_SIZE : SHORT_DIGITS,
	         hex);
}

/* The repository's directory may be out of reach, where a file of an image has its name; the other
 * form of a reference is not. */
static char separator(const char *repository)
{
	const char *slash = strrchr(repository, '/');

	return slash && image_file_find(slash + 1) ? '@' : '/';
}

/* Up to the registry, whichever path led here, and down to the image by its digest. */
static void make_target(const char *image_path, const struct digest *digest,
                        char target[static TARGET_SIZE])
{
	char text[DIGEST_TEXT_SIZE];
	struct path_parts parts;
	char *at = target;

	digest_format(digest, text);
	path_split(image_path, &parts); /* it led here */
	at = stpcpy(at, "../");         /* out of the image */
	for (const char *c = image_path; *c; c++)
		if (*c == '/')
			at = stpcpy(at, "../");
	at = stpcpy(at, "../");
	snprintf(at, PATH_SIZE, "%s%c%s", parts.repository, separator(parts.repository), text);
}

static enum step reply_link(struct request *request, const struct digest *digest)
{
	char target[TARGET_SIZE];
	struct inode_identity identity = {.kind = INODE_LINK, .path = target};
	const struct inode *directory = request->inode;
	struct inode_content content = {0};
	uint64_t changed_ns, until_ns = NS_FOREVER;

	if (directory->file->times)
		directory->file->times(request->mount, directory, &changed_ns, &until_ns);
	make_target(directory->path, digest, target);
	return reply_inode(request, &identity, 0, &content, until_ns);
}

static bool compare(void *arg, unsigned index, const char *name, const struct digest *target)
{
	struct wanted *wanted = arg;

	(void)index;
	wanted->is_found = strcmp(name, wanted->name) == 0;
	if (wanted->is_found)
		wanted->target = *target;
	return !wanted->is_found;
}

enum step links_lookup(struct request *request)
{
	const struct file_kind *kind = request->inode->file;
	struct wanted wanted = {.name = request->name};
	enum status status = STATUS_OK;
	enum cache_answer answer = kind->each(request, compare, &wanted, &status);

	if (answer != CACHE_FOUND)
		return reply_not_found(request, answer, status);
	if (wanted.is_found)
		return reply_link(request, &wanted.target);
	return kind->lifetime == FILE_IMMUTABLE ? reply_never(request) : reply_no_name(request);
}
