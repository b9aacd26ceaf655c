/* Names and paths below a registry: a line with the directory, and one with the name in it. */
#include "base/cleanup.h"
#include "base/digest.h"
#include "fs/path.h"
#include "tests/fuzz/fuzz.h"

#include <regex.h>

#define COMPONENT "[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*"

/* The grammars once more, in another language. */
static regex_t component, repository, tag, digest;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	MUST(!regcomp(&component, "^" COMPONENT "$", REG_EXTENDED | REG_NOSUB));
	MUST(!regcomp(&repository, "^" COMPONENT "(/" COMPONENT ")*$", REG_EXTENDED | REG_NOSUB));
	MUST(!regcomp(&tag, "^[A-Za-z0-9_][A-Za-z0-9._-]*$", REG_EXTENDED | REG_NOSUB));
	MUST(!regcomp(&digest, "^sha256:[0-9a-f]{64}$", REG_EXTENDED | REG_NOSUB));
	return 0;
}

static bool matches(const regex_t *pattern, const char *text)
{
	return regexec(pattern, text, 0, NULL, 0) == 0;
}

/* Whether no component is longer than a directory can show. */
static bool has_short_components(const char *text)
{
	for (size_t n; (n = strcspn(text, "/")); text += n + (text[n] != '\0'))
		if (n > NAME_COMPONENT_MAX)
			return false;
	return true;
}

static void check_name(const char *text)
{
	size_t length = strlen(text);
	char again[DIGEST_TEXT_SIZE];
	struct digest parsed;

	MUST(name_is_component(text) ==
	     (matches(&component, text) && length <= NAME_COMPONENT_MAX));
	MUST(name_is_tag(text) == (matches(&tag, text) && length <= NAME_COMPONENT_MAX));
	MUST(name_is_repository(text) ==
	     (matches(&repository, text) && length >= 2 && length <= NAME_REPOSITORY_MAX &&
	      has_short_components(text)));
	MUST(digest_parse(text, &parsed) == matches(&digest, text));
	if (digest_parse(text, &parsed)) {
		digest_format(&parsed, again);
		MUST(strcmp(again, text) == 0);
	}
}

/* An image's path names a repository, and a tag or a digest at its end. */
static void check_split(const char *path)
{
	struct path_parts parts;
	struct digest parsed;

	path_may_be_directory(path);
	if (!path_split(path, &parts))
		return;
	MUST(name_is_repository(parts.repository));
	MUST(strncmp(path, parts.repository, strlen(parts.repository)) == 0);
	MUST(name_is_tag(parts.image) || digest_parse(parts.image, &parsed));
	MUST(strcmp(path + strlen(path) - strlen(parts.image), parts.image) == 0);
}

static void check_reference(const char *path)
{
	struct path_parts parts;

	MUST(path_split(path, &parts));
}

/* A tag of its directory. */
static void check_tag(const struct path_child *child, const char *parent, const char *name)
{
	struct path_parts parts;

	MUST(path_split(child->path, &parts));
	MUST(strcmp(parts.repository, parent) == 0 && strcmp(parts.image, name) == 0);
}

static void check_component(const struct path_child *child, const char *parent, const char *name)
{
	MUST(child->may_be_directory || child->may_be_tag);
	MUST(!child->may_be_directory || path_may_be_directory(child->path));
	if (child->may_be_tag)
		check_tag(child, parent, name);
}

static void check_child(const char *parent, const char *name)
{
	struct path_child child;
	CLEANUP(free_string) char *joined = NULL;

	path_child(parent, name, &child);
	if (child.form == PATH_NOTHING)
		return;
	MUST(asprintf(&joined, "%s%s%s", parent, parent[0] ? "/" : "", name) >= 0);
	MUST(strcmp(child.path, joined) == 0);
	switch (child.form) {
	case PATH_NOTHING:
		break;
	case PATH_COMPONENT:
		check_component(&child, parent, name);
		break;
	case PATH_REFERENCE:
		check_reference(child.path);
		break;
	case PATH_HIDDEN:
		MUST(name_is_repository(parent));
		MUST(strcmp(name, PATH_DIGESTS) == 0 || strcmp(name, PATH_UNTAGGED) == 0);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free_string) char *text = fuzz_text(data, size);
	const char *lines[2] = {"", ""};

	fuzz_cut_lines(text, lines, 2);
	for (size_t i = 0; i < 2; i++) {
		check_name(lines[i]);
		check_split(lines[i]);
	}
	check_child(lines[0], lines[1]);
	return 0;
}
