/* Addresses of blobs: which are followed, and what may be shown of them. */
#include "ecr/blob_url.h"
#include "tests/unit/unit_test.h"

#include <string.h>

static void assert_host(const char *url, bool may_be_plain, const char *host)
{
	char shown[BLOB_URL_HOST_SIZE] = "untouched";

	assert_int_equal(blob_url_check(url, may_be_plain, shown), host != NULL);
	assert_string_equal(shown, host ? host : "untouched");
}

static void the_host_alone_is_shown(void **state)
{
	(void)state;
	assert_host("https://bucket.s3.us-east-1.amazonaws.com/key?X-Amz-Signature=1", false,
	            "bucket.s3.us-east-1.amazonaws.com");
	assert_host("https://cdn.example:8443?secret", false, "cdn.example:8443");
	assert_host("HTTPS://cdn.example#secret", false, "cdn.example");
	assert_host("https://[::1]:8443/secret", false, "[::1]:8443");
}

static void without_encryption_it_is_followed_only_from_a_server_without(void **state)
{
	(void)state;
	assert_host("http://127.0.0.1:80/x", false, NULL);
	assert_host("http://127.0.0.1:80/x", true, "127.0.0.1:80");
}

static void other_addresses_are_not_followed(void **state)
{
	static const char *const others[] = {
	        "",
	        "https://",
	        "https:///x",
	        "file:///etc/passwd",
	        "ftp://a/b",
	        "//a/b",
	        "https://u@a/b",
	        "https://u:p@a/b",
	        "https:/a/b",
	        "https://a/b c",
	        "https://a/b\nc: d",
	        "https://a\\b/c",
	        "gopher://a",
	        "https://a/\x80"
	        "b",
	        "javascript:x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_host(others[i], true, NULL);
}

static void endless_ones_are_not_followed(void **state)
{
	char url[10000] = "https://a/", host[1000] = "https://";

	(void)state;
	memset(url + strlen(url), 'x', 8192 - strlen(url));
	assert_host(url, false, "a");
	url[8192] = 'x';
	assert_host(url, false, NULL);
	memset(host + strlen(host), 'a', BLOB_URL_HOST_SIZE);
	assert_host(host, false, NULL);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_host_alone_is_shown),
	        cmocka_unit_test(without_encryption_it_is_followed_only_from_a_server_without),
	        cmocka_unit_test(other_addresses_are_not_followed),
	        cmocka_unit_test(endless_ones_are_not_followed),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
