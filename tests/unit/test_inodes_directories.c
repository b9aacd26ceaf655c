/* What is remembered of directories: their times, how they were read, who came through. */
#include "base/clock.h"
#include "tests/unit/inodes_fixture.h"

/* The modification time of a directory, as told by stat. */
static void assert_mtime(struct inode *inode, uint64_t changed_ns, bool is_good, uint64_t mtime_ns)
{
	assert_int_equal(inodes_mtime(inodes, inode, changed_ns, is_good), mtime_ns);
}

static void a_directory_has_the_time_of_its_names(void **state)
{
	struct inode *inode = lookup(directory("team"), 0);

	(void)state;
	assert_mtime(inode, 0, false, 0);
	assert_mtime(inode, 100, true, 100);
	assert_mtime(inode, 200, true, 200);
	assert_mtime(lookup(directory("team"), 0), 200, true, 200);
	assert_mtime(lookup(directory("other"), 0), 0, false, 0);
}

static void the_time_stays_while_nothing_is_known(void **state)
{
	struct inode *inode = lookup(directory("team"), 0);

	(void)state;
	assert_mtime(inode, 100, true, 100);
	assert_mtime(inode, 0, false, 100); /* the listing was evicted */
	assert_mtime(inode, 100, false, 100);
}

static void the_time_moves_once_when_names_that_were_read_expire(void **state)
{
	struct inode *inode = lookup(directory("team"), 0);

	(void)state;
	assert_mtime(inode, 100, true, 100);
	inodes_reading(inodes, inode);
	assert_mtime(inode, 100, true, 100);
	assert_mtime(inode, 100, false, 101);
	assert_mtime(inode, 100, false, 101);
	assert_mtime(inode, 100, true, 101); /* listed again, and nothing is new */
	assert_mtime(inode, 100, false, 101);
	inodes_reading(inodes, inode);
	assert_mtime(inode, 100, false, 102);
	inodes_reading(inodes, inode);
	assert_mtime(inode, 0, false, 103); /* evicted */
}

static void the_time_of_names_that_nobody_read_stays_put(void **state)
{
	struct inode *inode = lookup(directory("team"), 0);

	(void)state;
	assert_mtime(inode, 100, true, 100);
	assert_mtime(inode, 100, false, 100);
	assert_mtime(inode, 100, true, 100);
	inodes_reading(inodes, lookup(directory("other"), 0));
	assert_mtime(inode, 100, false, 100);
}

static void new_names_are_not_read_yet(void **state)
{
	struct inode *inode = lookup(directory("team"), 0);

	(void)state;
	inodes_reading(inodes, inode);
	assert_mtime(inode, 0, false, 0);
	assert_mtime(inode, 100, true, 100); /* the kernel drops what it read before */
	assert_mtime(inode, 100, false, 100);
	inodes_reading(inodes, inode);
	assert_mtime(inode, 200, true, 200);
	assert_mtime(inode, 200, false, 200);
}

static void new_names_always_have_another_time(void **state)
{
	struct inode *inode = lookup(directory("team"), 0);

	(void)state;
	assert_mtime(inode, 100, true, 100);
	inodes_reading(inodes, inode);
	assert_mtime(inode, 100, false, 101);
	assert_mtime(inode, 101, true, 102); /* 101 told the kernel of other names */
	assert_mtime(inode, 300, true, 300);
}

static void a_clock_that_is_set_back_does_not_hide_new_names(void **state)
{
	struct inode *inode = lookup(directory("team"), 0);

	(void)state;
	assert_mtime(inode, 1000, true, 1000);
	inodes_reading(inodes, inode);
	assert_mtime(inode, 400, true, 1001); /* never backwards, but another one */
	assert_mtime(inode, 400, true, 1001);
	assert_mtime(inode, 500, true, 1002);
	assert_mtime(inode, 2000, true, 2000);
}

static void an_image_that_was_read_without_its_other_roles_is_read_again(void **state)
{
	struct inode *inode = lookup(directory("team/app"), 0);

	(void)state;
	assert_int_equal(inodes_image_shift(inodes, inode, true, true), 0); /* nobody read it */
	inodes_reading(inodes, inode);
	inodes_read_as(inodes, inode, false);
	assert_int_equal(inodes_image_shift(inodes, inode, true, false), 0);
	assert_int_equal(inodes_image_shift(inodes, inode, true, true), 1);
	assert_int_equal(inodes_image_shift(inodes, inode, true, true), 1);
	inodes_reading(inodes, inode);
	inodes_read_as(inodes, inode, true);
	assert_int_equal(inodes_image_shift(inodes, inode, true, true), 1);
	assert_int_equal(inodes_image_shift(inodes, inode, true, false), 0);
}

static void an_image_whose_other_roles_are_not_known_is_read_again_once(void **state)
{
	struct inode *inode = lookup(directory("team/app"), 0);

	(void)state;
	inodes_reading(inodes, inode);
	inodes_read_as(inodes, inode, false);
	assert_int_equal(inodes_image_shift(inodes, inode, false, false), 1);
	assert_int_equal(inodes_image_shift(inodes, inode, false, false), 1);
}

static void a_walk_was_there_a_moment_ago_or_not(void **state)
{
	struct inode *inode = lookup(directory("team/app/v1"), 0);
	struct inode *other = lookup(directory("team/app/v2"), 0);

	(void)state;
	assert_false(inodes_was_walked(inodes, inode, 1000 * NS_PER_S));
	inodes_note_walk(inodes, inode, 1000 * NS_PER_S);
	assert_true(inodes_was_walked(inodes, inode, 1000 * NS_PER_S));
	assert_true(inodes_was_walked(inodes, inode, 1004 * NS_PER_S));
	assert_false(inodes_was_walked(inodes, inode, 1007 * NS_PER_S));
	assert_false(inodes_was_walked(inodes, other, 1000 * NS_PER_S));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_directory_has_the_time_of_its_names),
	        cmocka_unit_test_fixture(the_time_stays_while_nothing_is_known),
	        cmocka_unit_test_fixture(the_time_moves_once_when_names_that_were_read_expire),
	        cmocka_unit_test_fixture(the_time_of_names_that_nobody_read_stays_put),
	        cmocka_unit_test_fixture(new_names_are_not_read_yet),
	        cmocka_unit_test_fixture(new_names_always_have_another_time),
	        cmocka_unit_test_fixture(a_clock_that_is_set_back_does_not_hide_new_names),
	        cmocka_unit_test_fixture(
	                an_image_that_was_read_without_its_other_roles_is_read_again),
	        cmocka_unit_test_fixture(
	                an_image_whose_other_roles_are_not_known_is_read_again_once),
	        cmocka_unit_test_fixture(a_walk_was_there_a_moment_ago_or_not),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
