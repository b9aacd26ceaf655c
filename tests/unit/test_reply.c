/* Which errno a user sees. */
#include "fs/reply.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct row {
	enum status status;
	int error;
	const char *text; /* what perror(3) says */
};

static const struct row table[] = {
        {STATUS_OK, 0, "Success"},
        {STATUS_ABSENT, ENOENT, "No such file or directory"},
        {STATUS_DENIED, EACCES, "Permission denied"},
        {STATUS_NO_CREDENTIALS, ENOKEY, "Required key not available"},
        {STATUS_CREDENTIALS_EXPIRED, EKEYEXPIRED, "Key has expired"},
        {STATUS_CREDENTIALS_REJECTED, EKEYREJECTED, "Key was rejected by service"},
        {STATUS_THROTTLED, EBUSY, "Device or resource busy"},
        {STATUS_TIMED_OUT, ETIMEDOUT, "Connection timed out"},
        {STATUS_UNRESOLVED, EHOSTUNREACH, "No route to host"},
        {STATUS_REFUSED, ECONNREFUSED, "Connection refused"},
        {STATUS_PROTOCOL, EPROTO, "Protocol error"},
        {STATUS_WRONG_BYTES, EBADMSG, "Bad message"},
        {STATUS_NOT_PULLED, EPERM, "Operation not permitted"},
        {STATUS_ARCHIVED, ENODATA, "No data available"},
        {STATUS_UNSUPPORTED, EOPNOTSUPP, "Operation not supported"},
        {STATUS_SERVER_ERROR, EIO, "Input/output error"},
        {STATUS_NO_MEMORY, ENOMEM, "Cannot allocate memory"},
        {STATUS_NO_DESCRIPTORS, ENFILE, "Too many open files in system"},
        {STATUS_MISCONFIGURED, EIO, "Input/output error"},
};

static void each_status_has_its_errno(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		print_message("%s\n", status_text(table[i].status));
		assert_int_equal(reply_errno_of(table[i].status), table[i].error);
	}
}

static void no_status_is_left_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++)
		assert_int_equal(table[i].status, i);
	assert_int_equal(COUNT(table), STATUS_MISCONFIGURED + 1);
}

static void users_read_what_happened(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++)
		assert_string_equal(strerror(reply_errno_of(table[i].status)), table[i].text);
}

static void only_an_absence_looks_like_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++)
		if (table[i].status != STATUS_ABSENT)
			assert_int_not_equal(reply_errno_of(table[i].status), ENOENT);
}

static void what_is_no_status_is_an_io_error(void **state)
{
	(void)state;
	assert_int_equal(reply_errno_of((enum status)1000), EIO);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_status_has_its_errno),
	        cmocka_unit_test(no_status_is_left_out),
	        cmocka_unit_test(users_read_what_happened),
	        cmocka_unit_test(only_an_absence_looks_like_one),
	        cmocka_unit_test(what_is_no_status_is_an_io_error),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
