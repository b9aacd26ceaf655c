/* Links to other images: who they are, and what they are called. */
#include "fs/links.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ZEROS "00000000000000000000000000000000000000000000000000"

static struct json_links links;

static int tear_down(void **state)
{
	(void)state;
	json_links_free(links.document);
	links = (struct json_links){0};
	return 0;
}

static void read_referrers(const char *text)
{
	assert_int_equal(json_links_read_referrers(text, strlen(text), &links), 0);
}

static void assert_name(size_t i, const char *name)
{
	char made[LINKS_NAME_SIZE];

	links_name(&links, i, made);
	assert_string_equal(made, name);
}

static void referrers_are_sorted_and_named_by_type_and_digest(void **state)
{
	(void)state;
	read_referrers("{\"referrers\":[{\"digest\":\"sha256:bbbbbbbbbbbbbb" ZEROS
	               "\",\"artifactType\":\"application/x.b+json\",\"mediaType\":\"m\"},"
	               "{\"digest\":\"sha256:cccccccccccccc" ZEROS "\",\"mediaType\":\"m/n\"},"
	               "{\"digest\":\"sha256:aaaaaaaaaaaaaa" ZEROS
	               "\",\"artifactType\":\"application/x.b+json\"},"
	               "{\"digest\":\"md5:1\"},{\"digest\":7},{},7,null,"
	               "{\"digest\":\"sha256:dddddddddddddd" ZEROS "\"}]}");
	assert_int_equal(links.n, 4);
	assert_name(0, "unknown-dddddddddddd");
	assert_name(1, "application_x.b+json-aaaaaaaaaaaa");
	assert_name(2, "application_x.b+json-bbbbbbbbbbbb");
	assert_name(3, "m_n-cccccccccccc");
}

static void those_that_look_alike_are_named_in_full(void **state)
{
	(void)state;
	read_referrers("{\"referrers\":[{\"digest\":\"sha256:aaaaaaaaaaaabb" ZEROS
	               "\",\"artifactType\":\"t\"},{\"digest\":\"sha256:aaaaaaaaaaaaaa" ZEROS
	               "\",\"artifactType\":\"t\"},{\"digest\":\"sha256:aaaaaaaaaaaaaa" ZEROS
	               "\",\"artifactType\":\"u\"}]}");
	assert_name(0, "t-aaaaaaaaaaaaaa" ZEROS);
	assert_name(1, "t-aaaaaaaaaaaabb" ZEROS);
	assert_name(2, "u-aaaaaaaaaaaa");
}

static void types_of_which_the_same_is_shown_look_alike(void **state)
{
	(void)state;
	read_referrers("{\"referrers\":[{\"digest\":\"sha256:aaaaaaaaaaaaaa" ZEROS
	               "\",\"artifactType\":\"a/b\"},{\"digest\":\"sha256:aaaaaaaaaaaabb" ZEROS
	               "\",\"artifactType\":\"a_b\"},{\"digest\":\"sha256:aaaaaaaaaaaabb" ZEROS
	               "\",\"artifactType\":\"a_bc\"}]}");
	assert_name(0, "a_b-aaaaaaaaaaaaaa" ZEROS);
	assert_name(1, "a_b-aaaaaaaaaaaabb" ZEROS);
	assert_name(2, "a_bc-aaaaaaaaaaaa");
}

static void a_long_type_is_cut_and_named_in_full(void **state)
{
	char text[512], name[LINKS_NAME_SIZE], type[256];

	(void)state;
	memset(type, 'x', 255);
	type[255] = '\0';
	snprintf(text, sizeof(text),
	         "{\"referrers\":[{\"digest\":\"sha256:aaaaaaaaaaaaaa" ZEROS
	         "\",\"artifactType\":\"%s\"}]}",
	         type);
	read_referrers(text);
	links_name(&links, 0, name);
	assert_int_equal(strlen(name), 180 + 1 + 64);
	assert_non_null(strstr(name, "x-aaaaaaaaaaaaaa" ZEROS));
}

static void attestations_say_what_they_are_about(void **state)
{
	static const char text[] =
	        "{\"manifests\":["
	        "{\"digest\":\"sha256:aaaaaaaaaaaaaa" ZEROS
	        "\",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}},"
	        "{\"digest\":\"sha256:bbbbbbbbbbbbbb" ZEROS
	        "\",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"},"
	        "\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\","
	        "\"vnd.docker.reference.digest\":\"sha256:aaaaaaaaaaaaaa" ZEROS "\"}},"
	        "{\"digest\":\"sha256:cccccccccccccc" ZEROS
	        "\",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}},7]}";

	(void)state;
	assert_int_equal(json_links_read_attestations(text, strlen(text), &links), 0);
	assert_int_equal(links.n, 1);
	assert_true(links.links[0].has_subject);
	assert_int_equal(links.links[0].subject.sha256[0], 0xaa);
	assert_string_equal(links.links[0].type, "attestation-manifest");
}

static void what_is_no_list_is_refused(void **state)
{
	(void)state;
	assert_int_equal(json_links_read_referrers("{}", 2, &links), -EBADMSG);
	assert_int_equal(json_links_read_referrers("{", 1, &links), -EBADMSG);
	assert_int_equal(json_links_read_attestations("{}", 2, &links), -ENOENT);
	assert_int_equal(json_links_read_attestations("x", 1, &links), -EBADMSG);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_teardown(referrers_are_sorted_and_named_by_type_and_digest,
	                                  tear_down),
	        cmocka_unit_test_teardown(those_that_look_alike_are_named_in_full, tear_down),
	        cmocka_unit_test_teardown(types_of_which_the_same_is_shown_look_alike, tear_down),
	        cmocka_unit_test_teardown(a_long_type_is_cut_and_named_in_full, tear_down),
	        cmocka_unit_test_teardown(attestations_say_what_they_are_about, tear_down),
	        cmocka_unit_test_teardown(what_is_no_list_is_refused, tear_down),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
