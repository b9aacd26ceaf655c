/* Where a container's credentials may be asked for. */
#include "ecr/container_url.h"
#include "tests/unit/unit_test.h"

#include <string.h>

static char url[CONTAINER_URL_SIZE], host[ENDPOINT_URL_SIZE];

static enum container_url_answer choose(const char *relative, const char *full)
{
	strcpy(url, "untouched");
	return container_url_choose(relative, full, url, host);
}

static void assert_refused(const char *full, enum container_url_answer answer)
{
	assert_int_equal(choose(NULL, full), answer);
	assert_string_equal(url, "untouched");
}

static void without_variables_there_is_none(void **state)
{
	(void)state;
	assert_int_equal(choose(NULL, NULL), CONTAINER_URL_NONE);
}

static void a_path_is_one_of_ecs(void **state)
{
	(void)state;
	assert_int_equal(choose("/v2/credentials/id?a=b", NULL), CONTAINER_URL_FOUND);
	assert_string_equal(url, "http://169.254.170.2/v2/credentials/id?a=b");
	assert_string_equal(host, "169.254.170.2");
}

static void a_path_wins_over_a_url(void **state)
{
	(void)state;
	assert_int_equal(choose("/a", "http://localhost/b"), CONTAINER_URL_FOUND);
	assert_string_equal(url, "http://169.254.170.2/a");
}

/* Even if it is not usable: it was meant. */
static void a_path_that_goes_on_with_the_host_is_refused(void **state)
{
	static const char *const paths[] = {"@ecrfs.invalid/", ".ecrfs.invalid/", ":80/", "a",
	                                    "//x y",           "/a\r\nX: y"};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(choose(paths[i], "http://localhost/"), CONTAINER_URL_BAD);
}

static void http_is_for_this_host_and_the_agents(void **state)
{
	static const char *const allowed[] = {
	        "http://127.0.0.1/a",
	        "http://127.255.0.9:8080/a",
	        "http://localhost:81/a",
	        "http://[::1]/a",
	        "http://[0:0:0:0:0:0:0:1]:82/a",
	        "http://169.254.170.2/a",
	        "http://169.254.170.23/v1/credentials",
	        "http://[fd00:ec2::23]/v1/credentials",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		assert_int_equal(choose(NULL, allowed[i]), CONTAINER_URL_FOUND);
		assert_string_equal(url, allowed[i]);
	}
}

static void http_to_others_is_refused(void **state)
{
	static const char *const others[] = {
	        "http://10.0.0.1/",           "http://169.254.169.254/", "http://169.254.170.3/",
	        "http://128.0.0.1/",          "http://[fd00:ec2::254]/", "http://[::2]/",
	        "http://[::ffff:127.0.0.1]/", "http://0.0.0.0/",         "http://[::]/",
	        "http://ecrfs.invalid/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_refused(others[i], CONTAINER_URL_NOT_ALLOWED);
	assert_string_equal(host, "ecrfs.invalid");
}

/* A name may mean another address when it is asked. What is an address to some programs only is a
 * name here. */
static void names_are_refused_whatever_they_resolve_to(void **state)
{
	static const char *const names[] = {
	        "http://127.1/",
	        "http://0x7f.0.0.1/",
	        "http://2130706433/",
	        "http://0177.0.0.1/",
	        "http://127.0.0.1.ecrfs.invalid/",
	        "http://localhost./",
	        "http://localhost.ecrfs.invalid/",
	        "http://ip6-localhost/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_refused(names[i], CONTAINER_URL_NOT_ALLOWED);
}

static void https_is_for_all(void **state)
{
	(void)state;
	assert_int_equal(choose(NULL, "HTTPS://Ecrfs.Invalid:444/a?b"), CONTAINER_URL_FOUND);
	assert_string_equal(url, "https://ecrfs.invalid:444/a?b");
}

static void a_url_may_have_no_path(void **state)
{
	(void)state;
	assert_int_equal(choose(NULL, "http://localhost"), CONTAINER_URL_FOUND);
	assert_string_equal(url, "http://localhost/");
	assert_int_equal(choose(NULL, "http://localhost?role=x"), CONTAINER_URL_FOUND);
	assert_string_equal(url, "http://localhost/?role=x");
}

static void what_is_no_url_is_refused(void **state)
{
	static const char *const wrong[] = {
	        "/v2/credentials",
	        "localhost/a",
	        "ftp://localhost/a",
	        "http://",
	        "http:///a",
	        "http://localhost:0/a",
	        "http://localhost:99999/a",
	        "http://localhost:/a",
	        "http://localhost/a b",
	        "http://localhost/a\nb",
	        "http://localhost/#a",
	        "http://localhost\\a",
	        "http://127.0.0.1@ecrfs.invalid/",
	        "http://ecrfs.invalid@127.0.0.1/",
	        "http://user:word@127.0.0.1/",
	        "http://127.0.0.1%2eecrfs.invalid/",
	        "http://127.0.0.1#@ecrfs.invalid/",
	        "http://127.0.0.1\\@ecrfs.invalid/",
	        "http://[::1%25lo]/",
	        "http://[::1/a",
	        "https://a b/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_refused(wrong[i], CONTAINER_URL_BAD);
}

static void what_does_not_fit_is_refused(void **state)
{
	char longer[2 * CONTAINER_URL_SIZE];

	(void)state;
	memset(longer, 'a', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_refused(longer, CONTAINER_URL_BAD);
	memcpy(longer, "http://localhost/", strlen("http://localhost/"));
	assert_refused(longer, CONTAINER_URL_BAD);
	longer[0] = '/';
	assert_int_equal(choose(longer, NULL), CONTAINER_URL_BAD);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(without_variables_there_is_none),
	        cmocka_unit_test(a_path_is_one_of_ecs),
	        cmocka_unit_test(a_path_wins_over_a_url),
	        cmocka_unit_test(a_path_that_goes_on_with_the_host_is_refused),
	        cmocka_unit_test(http_is_for_this_host_and_the_agents),
	        cmocka_unit_test(http_to_others_is_refused),
	        cmocka_unit_test(names_are_refused_whatever_they_resolve_to),
	        cmocka_unit_test(https_is_for_all),
	        cmocka_unit_test(a_url_may_have_no_path),
	        cmocka_unit_test(what_is_no_url_is_refused),
	        cmocka_unit_test(what_does_not_fit_is_refused),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
