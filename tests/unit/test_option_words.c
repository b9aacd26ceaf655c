/* Words behind -o that are for others, and misspelt ones. */
#include "fs/option_words.h"
#include "tests/unit/unit_test.h"

static const struct fuse_opt specs[] = {
        {"ttl=%s", 0, 0}, {"region=%s", 0, 0}, {"cache_size=%s", 0, 0},   {"allow_other", 0, 0},
        {"-f", 0, 0},     {"--version", 0, 0}, {"negative_ttl=%s", 0, 0}, FUSE_OPT_END,
};

static void assert_nearest(const char *word, const char *option)
{
	const char *found = option_words_nearest(specs, word);

	print_message("%s\n", word);
	if (option)
		assert_string_equal(found, option);
	else
		assert_null(found);
}

static void a_misspelt_word_is_near_to_what_was_meant(void **state)
{
	(void)state;
	assert_nearest("tll=5s", "ttl=%s");
	assert_nearest("regoin=eu-west-1", "region=%s");
	assert_nearest("allow_others", "allow_other");
	assert_nearest("allowother", "allow_other");
	assert_nearest("cachesize=1M", "cache_size=%s");
	assert_nearest("negativ_tl=0", "negative_ttl=%s");
	assert_nearest("region", "region=%s");
}

static void other_words_are_not(void **state)
{
	(void)state;
	assert_nearest("xyzzy", NULL);
	assert_nearest("", NULL);
	assert_nearest("f", NULL);
	assert_nearest("=ttl", NULL);
	assert_nearest("a_word_that_is_much_longer_than_any_option_can_be=5", NULL);
}

static void what_mount_and_systemd_pass_means_nothing(void **state)
{
	static const char *const words[] = {
	        "",
	        "noauto",
	        "nofail",
	        "_netdev",
	        "user",
	        "user=joe",
	        "x-systemd.automount",
	        "X-foo=y",
	        "dev",
	        "user_id=0",
	        "group_id=0",
	        "max_read=4096",
	        "comment=hi",
	        "relatime",
	        "default_permissions",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_true(option_words_mean_nothing(words[i]));
	assert_false(option_words_mean_nothing("ttl=5s"));
	assert_false(option_words_mean_nothing("nofails"));
	assert_false(option_words_mean_nothing("xattr"));
}

static void contexts_and_noexec_are_for_the_kernel(void **state)
{
	(void)state;
	assert_true(option_words_are_for_kernel("context=x"));
	assert_true(option_words_are_for_kernel("rootcontext=x"));
	assert_true(option_words_are_for_kernel("noexec"));
	assert_false(option_words_are_for_kernel("noexecute"));
	assert_false(option_words_are_for_kernel("context"));
	assert_false(option_words_are_for_kernel("xcontext=x"));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_misspelt_word_is_near_to_what_was_meant),
	        cmocka_unit_test(other_words_are_not),
	        cmocka_unit_test(what_mount_and_systemd_pass_means_nothing),
	        cmocka_unit_test(contexts_and_noexec_are_for_the_kernel),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
