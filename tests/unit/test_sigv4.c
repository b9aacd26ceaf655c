/* Signatures, against vectors that botocore computed. */
#include "ecr/sigv4.h"
#include "ecr/credentials.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEY_ID "AKIDEXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define TOKEN  "IQoJb3JpZ2luX2VjEXAMPLETOKEN=="

/* 2026-01-02T03:04:05Z */
#define TIME_S 1767323045

static const char batch_get_image[] =
        "{\"repositoryName\":\"team/app\",\"imageIds\":[{\"imageTag\":\"v1\"}],"
        "\"acceptedMediaTypes\":[\"application/vnd.oci.image.index.v1+json\"]}";

static const char assume_role[] =
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr"
        "&RoleSessionName=ecrfs";

static struct sigv4_request ecr_request(const char *target, const char *body)
{
	return (struct sigv4_request){
	        .service = "ecr",
	        .region = "us-east-1",
	        .host = "api.ecr.us-east-1.amazonaws.com",
	        .content_type = "application/x-amz-json-1.1",
	        .target = target,
	        .body = body,
	        .body_size = strlen(body),
	        .time_s = TIME_S,
	};
}

static struct sigv4_request image_request(void)
{
	return ecr_request("AmazonEC2ContainerRegistry_V20150921.BatchGetImage", batch_get_image);
}

static int sign(const struct sigv4_request *request, const char *key_id, const char *token,
                struct sigv4_signature *ret_signature)
{
	struct credentials *credentials = credentials_new(key_id, SECRET, token, NULL, 0, "a test");
	int r;

	assert_non_null(credentials);
	r = sigv4_sign(request, credentials, ret_signature);
	credentials_unref(credentials);
	return r;
}

static void assert_signed(const struct sigv4_request *request, const char *token,
                          const char *authorization)
{
	struct sigv4_signature signature;

	assert_int_equal(sign(request, KEY_ID, token, &signature), 0);
	assert_string_equal(signature.date, "20260102T030405Z");
	assert_string_equal(signature.authorization, authorization);
}

static void an_image_request_is_signed_as_by_botocore(void **state)
{
	struct sigv4_request request = image_request();

	(void)state;
	assert_signed(
	        &request, NULL,
	        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/ecr/aws4_request, "
	        "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
	        "Signature=fabd4c206f2e102fb85ec8798678576e9336551c3328da98f1065ea3331d1897");
}

static void token_is_signed_when_present(void **state)
{
	struct sigv4_request request = image_request();

	(void)state;
	assert_signed(
	        &request, TOKEN,
	        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/ecr/aws4_request, "
	        "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
	        "Signature=bca1b7517d083a91679556f46d7aba30e44e6b1f753db201a169a78d34ec8698");
}

static void a_smallest_body_is_signed_as_by_botocore(void **state)
{
	struct sigv4_request request =
	        ecr_request("AmazonEC2ContainerRegistry_V20150921.DescribeRepositories", "{}");

	(void)state;
	assert_signed(
	        &request, NULL,
	        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/ecr/aws4_request, "
	        "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
	        "Signature=4d244cdd6f9ae7d80bbee40733c46d0e124a921dbdbb10cbc410be96099e9351");
}

static void a_service_without_target_is_signed_as_by_botocore(void **state)
{
	struct sigv4_request request = ecr_request(NULL, assume_role);

	(void)state;
	request.service = "sts";
	request.host = "sts.us-east-1.amazonaws.com";
	request.content_type = "application/x-www-form-urlencoded; charset=utf-8";
	assert_signed(
	        &request, NULL,
	        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/sts/aws4_request, "
	        "SignedHeaders=content-type;host;x-amz-date, "
	        "Signature=0bf93d30608c0e861b7155d0556fc62d959443d6c5960bba4bfbd7979c6b8acf");
}

static void a_token_of_any_length_is_signed(void **state)
{
	struct sigv4_request request = image_request();
	struct sigv4_signature signature;
	char token[8192];

	(void)state;
	memset(token, 'x', sizeof(token) - 1);
	token[sizeof(token) - 1] = '\0';
	assert_int_equal(sign(&request, KEY_ID, token, &signature), 0);
}

/* A line break would end the header, and what follows would be one of its own. */
static void a_key_that_cannot_be_a_header_is_refused(void **state)
{
	static const char *const bad[] = {"AKID\r\nX-Evil: 1", "AKID\n", "AKID EXAMPLE", "AKID\x7f",
	                                  "AKID\xc3\xa9"};
	struct sigv4_request request = image_request();
	struct sigv4_signature signature = {.date = "untouched"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(sign(&request, bad[i], NULL, &signature), -EINVAL);
		assert_int_equal(sign(&request, KEY_ID, bad[i], &signature), -EINVAL);
	}
	assert_string_equal(signature.date, "untouched");
}

static void a_key_that_is_too_long_is_refused(void **state)
{
	struct sigv4_request request = image_request();
	struct sigv4_signature signature = {.date = "untouched"};
	char key_id[SIGV4_AUTHORIZATION_SIZE + 1];

	(void)state;
	memset(key_id, 'A', sizeof(key_id) - 1);
	key_id[sizeof(key_id) - 1] = '\0';
	assert_int_equal(sign(&request, key_id, NULL, &signature), -EINVAL);
	assert_string_equal(signature.date, "untouched");
}

static void a_region_that_is_too_long_is_refused(void **state)
{
	struct sigv4_request request = image_request();
	struct sigv4_signature signature;
	char region[512];

	(void)state;
	memset(region, 'r', sizeof(region) - 1);
	region[sizeof(region) - 1] = '\0';
	request.region = region;
	assert_int_equal(sign(&request, KEY_ID, NULL, &signature), -EINVAL);
}

static void a_time_without_a_date_is_refused(void **state)
{
	static const int64_t times[] = {253402300800 /* year 10000 */, INT64_MAX, INT64_MIN};
	struct sigv4_request request = image_request();
	struct sigv4_signature signature;

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		request.time_s = times[i];
		assert_int_equal(sign(&request, KEY_ID, NULL, &signature), -EINVAL);
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_image_request_is_signed_as_by_botocore),
	        cmocka_unit_test(token_is_signed_when_present),
	        cmocka_unit_test(a_smallest_body_is_signed_as_by_botocore),
	        cmocka_unit_test(a_service_without_target_is_signed_as_by_botocore),
	        cmocka_unit_test(a_token_of_any_length_is_signed),
	        cmocka_unit_test(a_key_that_cannot_be_a_header_is_refused),
	        cmocka_unit_test(a_key_that_is_too_long_is_refused),
	        cmocka_unit_test(a_region_that_is_too_long_is_refused),
	        cmocka_unit_test(a_time_without_a_date_is_refused),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
