/* The command line: each line an argument; and all of it as what follows one -o. */
#include "base/cleanup.h"
#include "fs/options.h"
#include "tests/fuzz/fuzz.h"

#define MAX_ARGUMENTS 12
#define MAX_PIECES    (2 * MAX_ARGUMENTS)

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	stderr = fopen("/dev/null", "we"); /* what is wrong with an option is said there */
	MUST(stderr);
	return 0;
}

static void check_aws(const struct aws_settings *aws)
{
	MUST(!aws->region || registry_region_length(aws->region) == strlen(aws->region));
	MUST(aws->connect_timeout_ns && aws->connect_timeout_ns < NS_FOREVER / 4);
	MUST(aws->read_timeout_ns && aws->read_timeout_ns < NS_FOREVER / 4);
	MUST(aws->max_connections >= 1 && aws->max_connections <= 256);
	MUST(aws->max_attempts <= AWS_MAX_ATTEMPTS_LIMIT);
}

static void check_cache(const struct cache_config *cache, unsigned max_connections)
{
	MUST(cache->ttl_ns <= NS_FOREVER && cache->immutable_ttl_ns <= NS_FOREVER);
	MUST(cache->digest_ttl_ns <= NS_FOREVER && cache->negative_ttl_ns <= NS_FOREVER);
	MUST(cache->stale_after_ns <= NS_FOREVER && cache->stale_ttl_ns <= NS_FOREVER);
	MUST(cache->max_bytes <= SIZE_MAX / 2);
	MUST(cache->readahead_calls == 0 || cache->readahead_calls == max_connections);
	MUST(!cache->no_pull || cache->readahead_calls == 0);
}

static void check_registries(const struct options *options)
{
	struct registry registry;

	MUST(options->n_registries);
	for (size_t i = 0; i < options->n_registries; i++) {
		enum registry_kind kind = registry_parse(options->registries[i].name, &registry);

		MUST(kind != REGISTRY_INVALID && kind != REGISTRY_PUBLIC);
	}
}

static void check_mount(const struct options *options)
{
	MUST(options->mountpoint && options->source);
	MUST(options->timeout_ns && options->timeout_ns < NS_FOREVER / 4);
	MUST(options->umask <= 0777);
	check_registries(options);
	check_aws(&options->aws);
	check_cache(&options->cache, options->aws.max_connections);
}

static enum options_action parse(int argc, const char *const *arguments,
                                 struct options *ret_options)
{
	char *argv[MAX_PIECES + 4] = {"ecrfs"};
	enum options_action action;

	for (int i = 0; i < argc; i++)
		argv[i + 1] = (char *)arguments[i];
	action = options_parse(argc + 1, argv, ret_options);
	if (action == OPTIONS_MOUNT)
		check_mount(ret_options);
	return action;
}

static void must_be_same(const struct options *a, const struct options *b)
{
	MUST(memcmp(&a->cache, &b->cache, sizeof(a->cache)) == 0);
	MUST(fuzz_is_same(a->aws.region, b->aws.region));
	MUST(fuzz_is_same(a->aws.profile, b->aws.profile));
	MUST(fuzz_is_same(a->aws.endpoint_url, b->aws.endpoint_url));
	MUST(fuzz_is_same(a->log_file, b->log_file));
	MUST(a->timeout_ns == b->timeout_ns && a->uid == b->uid && a->gid == b->gid);
	MUST(a->umask == b->umask && a->show == b->show && a->log_level == b->log_level);
	MUST(a->allow_other == b->allow_other && a->foreground == b->foreground);
}

/* `-o a,b` is `-o a -o b`, where no comma is escaped. */
static void check_list(const char *list)
{
	CLEANUP(free_string) char *pieces = strdup(list);
	const char *together[] = {"-o", list, "/mnt"};
	const char *apart[MAX_PIECES + 3];
	struct options one, other;
	enum options_action action = parse(3, together, &one);
	char *rest = pieces, *piece;
	int n = 0;

	MUST(pieces);
	while (n < MAX_PIECES && (piece = strsep(&rest, ","))) {
		apart[n++] = "-o";
		apart[n++] = piece;
	}
	if (!rest && !strchr(list, '\\')) {
		apart[n++] = "/mnt";
		MUST(parse(n, apart, &other) == action);
		if (action == OPTIONS_MOUNT)
			must_be_same(&one, &other);
		options_deinit(&other);
	}
	options_deinit(&one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free_string) char *text = fuzz_text(data, size);
	const char *lines[MAX_ARGUMENTS];
	struct options options;
	size_t n;

	check_list(text);
	n = fuzz_cut_lines(text, lines, MAX_ARGUMENTS);
	parse((int)n, lines, &options);
	options_deinit(&options);
	return 0;
}
