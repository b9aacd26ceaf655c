/* Credentials: snapshots that are wiped. */
#include "ecr/credentials.h"
#include "tests/unit/unit_test.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SECRET "a secret that must not stay in memory"

/* What free() was given last, as it was at that moment; free() itself is wrapped (see
 * CMakeLists.txt), since the memory may not be looked at after it. */
static char freed[512];
static size_t freed_size;

void __real_free(void *memory);
void __wrap_free(void *memory);

void __wrap_free(void *memory)
{
	if (memory) {
		freed_size = malloc_usable_size(memory);
		if (freed_size > sizeof(freed))
			freed_size = sizeof(freed);
		memcpy(freed, memory, freed_size);
	}
	__real_free(memory);
}

static struct credentials *full_credentials(void)
{
	return credentials_new("AKID", SECRET, "token", "012345678910", 42, "a test");
}

static void everything_is_copied(void **state)
{
	char key_id[] = "AKID", secret[] = SECRET, token[] = "token", account[] = "012345678910";
	struct credentials *credentials =
	        credentials_new(key_id, secret, token, account, 42, "a test");

	(void)state;
	memset(key_id, 'x', sizeof(key_id));
	memset(secret, 'x', sizeof(secret));
	memset(token, 'x', sizeof(token));
	memset(account, 'x', sizeof(account));
	assert_string_equal(credentials_access_key_id(credentials), "AKID");
	assert_string_equal(credentials_secret(credentials), SECRET);
	assert_string_equal(credentials_session_token(credentials), "token");
	assert_string_equal(credentials_account(credentials), "012345678910");
	assert_string_equal(credentials_provider(credentials), "a test");
	assert_int_equal(credentials_expires_ns(credentials), 42);
	credentials_unref(credentials);
}

static void token_and_account_may_be_missing(void **state)
{
	struct credentials *credentials = credentials_new("AKID", SECRET, NULL, NULL, 0, "a test");

	(void)state;
	assert_null(credentials_session_token(credentials));
	assert_null(credentials_account(credentials));
	assert_string_equal(credentials_secret(credentials), SECRET);
	credentials_unref(credentials);
}

static void the_last_reference_wipes(void **state)
{
	struct credentials *credentials = full_credentials();

	(void)state;
	credentials_unref(credentials);
	assert_true(freed_size > sizeof(SECRET));
	assert_null(memmem(freed, freed_size, SECRET, 8));
	assert_null(memmem(freed, freed_size, "token", 5));
}

static void a_reference_keeps_them(void **state)
{
	struct credentials *credentials = full_credentials();

	(void)state;
	assert_ptr_equal(credentials_ref(credentials), credentials);
	credentials_unref(credentials);
	assert_string_equal(credentials_secret(credentials), SECRET);
	credentials_unref(credentials);
}

static void null_is_no_reference(void **state)
{
	(void)state;
	credentials_unref(NULL);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(everything_is_copied),
	        cmocka_unit_test(token_and_account_may_be_missing),
	        cmocka_unit_test(the_last_reference_wipes),
	        cmocka_unit_test(a_reference_keeps_them),
	        cmocka_unit_test(null_is_no_reference),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
