/* The command line. */
#include "fs/options.h"
#include "base/cleanup.h"
#include "tests/unit/aws_home.h"
#include "tests/unit/unit_test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_ARGUMENTS 16

#define ACCOUNT    "123456789012"
#define HOST_WEST  "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
#define HOST_NORTH "111111111111.dkr.ecr.eu-north-1.amazonaws.com"

static struct temp_dir home;
static struct options options; /* of the last parse() */

static int set_up(void **state)
{
	(void)state;
	aws_home_init(&home);
	memset(&options, 0, sizeof(options));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	options_deinit(&options);
	temp_dir_deinit(&home);
	return 0;
}

/* Parses the program's name and these arguments, up to NULL. */
static enum options_action parse_as(const char *program, const char *const *arguments)
{
	char *argv[MAX_ARGUMENTS] = {(char *)program};
	int argc = 1;

	for (; *arguments; arguments++) {
		print_message("%s ", *arguments);
		argv[argc++] = (char *)*arguments;
	}
	print_message("\n");
	options_deinit(&options);
	memset(&options, 0, sizeof(options));
	return options_parse(argc, argv, &options);
}

#define parse(...)          parse_as("/usr/bin/ecrfs", (const char *const[]){__VA_ARGS__, NULL})
#define parse_by_mount(...) parse_as("/sbin/mount.ecrfs", (const char *const[]){__VA_ARGS__, NULL})

/* What `-o` takes, and that it does. */
static void accept(const char *list)
{
	assert_int_equal(parse("-o", list, ACCOUNT, "/mnt"), OPTIONS_MOUNT);
	assert_string_equal(options.mountpoint, "/mnt");
}

static void accept_each(const char *const *lists)
{
	for (; *lists; lists++)
		accept(*lists);
}

static void refuse_each(const char *const *lists)
{
	for (; *lists; lists++)
		assert_int_equal(parse("-o", *lists, ACCOUNT, "/mnt"), OPTIONS_INVALID);
}

static void refuse_each_source(const char *const *sources)
{
	for (; *sources; sources++)
		assert_int_equal(parse(*sources, "/mnt"), OPTIONS_INVALID);
}

/* Each argument is one list for `-o`, or one source. */
#define accept_lists(...)   accept_each((const char *const[]){__VA_ARGS__, NULL})
#define refuse_lists(...)   refuse_each((const char *const[]){__VA_ARGS__, NULL})
#define refuse_sources(...) refuse_each_source((const char *const[]){__VA_ARGS__, NULL})

static void without_options_the_defaults_hold(void **state)
{
	(void)state;
	assert_int_equal(parse("/mnt"), OPTIONS_MOUNT);
	assert_null(options.aws.region);
	assert_null(options.aws.profile);
	assert_null(options.aws.endpoint_url);
	assert_null(options.aws.ca_bundle);
	assert_false(options.aws.no_verify_ssl || options.aws.use_fips_endpoint ||
	             options.aws.use_dualstack_endpoint);
	assert_int_equal(options.aws.connect_timeout_ns, 3 * NS_PER_S);
	assert_int_equal(options.aws.read_timeout_ns, 10 * NS_PER_S);
	assert_int_equal(options.aws.max_connections, 8);
	assert_int_equal(options.aws.max_attempts, 0); /* the profile may say */
	assert_int_equal(options.aws.retry_mode, RETRY_MODE_NOT_GIVEN);
	assert_int_equal(options.cache.ttl_ns, 60 * NS_PER_S);
	assert_int_equal(options.cache.digest_ttl_ns, 7 * 24 * 3600 * NS_PER_S);
	assert_int_equal(options.cache.negative_ttl_ns, 5 * NS_PER_S);
	assert_int_equal(options.cache.stale_after_ns, NS_PER_S);
	assert_int_equal(options.cache.stale_ttl_ns, 24 * 3600 * NS_PER_S);
	assert_int_equal(options.cache.readahead_calls, 8);
	assert_false(options.cache.no_pull);
	assert_int_equal(options.cache.max_bytes, 64 << 20);
	assert_int_equal(options.timeout_ns, 15 * NS_PER_S);
	assert_int_equal(options.uid, getuid());
	assert_int_equal(options.gid, getgid());
	assert_int_equal(options.umask, 0);
	assert_false(options.allow_other || options.foreground || options.debug);
	assert_int_equal(options.log_level, LEVEL_INFO);
	assert_null(options.log_file);
}

static void each_text_reaches_its_field(void **state)
{
	(void)state;
	accept("region=eu-west-1,profile=prod,endpoint_url=http://127.0.0.1:8000,"
	       "ca_bundle=/etc/passwd,log_file=/var/log/ecrfs");
	assert_string_equal(options.aws.region, "eu-west-1");
	assert_string_equal(options.aws.profile, "prod");
	assert_string_equal(options.aws.endpoint_url, "http://127.0.0.1:8000");
	assert_string_equal(options.aws.ca_bundle, "/etc/passwd");
	assert_string_equal(options.log_file, "/var/log/ecrfs");
}

static void each_number_reaches_its_field(void **state)
{
	(void)state;
	accept("connect_timeout=1s,read_timeout=2s,timeout=3s,ttl=4s,digest_ttl=5s,negative_ttl=6s,"
	       "max_connections=7,max_attempts=8,cache_size=9M,uid=10,gid=11,umask=027");
	assert_int_equal(options.aws.connect_timeout_ns, 1 * NS_PER_S);
	assert_int_equal(options.aws.read_timeout_ns, 2 * NS_PER_S);
	assert_int_equal(options.timeout_ns, 3 * NS_PER_S);
	assert_int_equal(options.cache.ttl_ns, 4 * NS_PER_S);
	assert_int_equal(options.cache.digest_ttl_ns, 5 * NS_PER_S);
	assert_int_equal(options.cache.negative_ttl_ns, 6 * NS_PER_S);
	assert_int_equal(options.aws.max_connections, 7);
	assert_int_equal(options.aws.max_attempts, 8);
	assert_int_equal(options.cache.max_bytes, 9 << 20);
	assert_int_equal(options.uid, 10);
	assert_int_equal(options.gid, 11);
	assert_int_equal(options.umask, 027);
}

static void a_cache_directory_is_absolute(void **state)
{
	CLEANUP(free_string) char *here = get_current_dir_name(), *there = NULL;

	(void)state;
	accept("cache_dir=/var/cache/ecrfs,cache_dir_size=10G,cache_dir_shared,nopull");
	assert_string_equal(options.cache_dir, "/var/cache/ecrfs");
	assert_ptr_equal(options.store.folder.path, options.cache_dir);
	assert_true(options.store.folder.is_shared);
	assert_true(options.store.no_pull);
	assert_true(options.store.max_bytes == (uint64_t)10 << 30);
	accept("cache_dir=a/b");
	assert_true(asprintf(&there, "%s/a/b", here) > 0);
	assert_string_equal(options.cache_dir, there);
	assert_true(options.store.max_bytes == (uint64_t)1 << 30);
	accept("cache_dir=");
	assert_null(options.cache_dir);
}

static void fsck_takes_one_directory(void **state)
{
	(void)state;
	assert_int_equal(parse("--fsck", "/var/cache/ecrfs"), OPTIONS_FSCK);
	assert_string_equal(options.store.folder.path, "/var/cache/ecrfs");
	assert_int_equal(parse("--fsck"), OPTIONS_INVALID);
	assert_int_equal(parse("--fsck", "/a", "/b"), OPTIONS_INVALID);
	assert_int_equal(parse("--fsck", "--check", "/a"), OPTIONS_INVALID);
}

static void prefetch_takes_a_part_of_a_registry(void **state)
{
	(void)state;
	assert_int_equal(parse("--prefetch", "-o", "cache_dir=/c"), OPTIONS_PREFETCH);
	assert_int_equal(options.n_registries, 1);
	assert_string_equal(options.registries[0].name, "default");
	assert_null(options.prefetch_path);
	assert_null(options.mountpoint);
	assert_int_equal(parse("--prefetch", ACCOUNT ",default", "-o", "cache_dir=/c"),
	                 OPTIONS_PREFETCH);
	assert_int_equal(options.n_registries, 2);
	assert_int_equal(parse("--prefetch", ACCOUNT "/team/app", "-o", "cache_dir=/c"),
	                 OPTIONS_PREFETCH);
	assert_string_equal(options.registries[0].name, ACCOUNT);
	assert_string_equal(options.prefetch_path, "team/app");
	assert_string_equal(options.source, ACCOUNT);
	assert_int_equal(parse("--prefetch", "default/a", "-o", "cache_dir=/c"), OPTIONS_PREFETCH);
	assert_int_equal(parse("--prefetch"), OPTIONS_INVALID);
	assert_int_equal(parse("--prefetch", "-o", "cache_dir="), OPTIONS_INVALID);
	assert_int_equal(parse("--prefetch", "-o", "cache_dir=/c,nopull"), OPTIONS_INVALID);
	assert_int_equal(parse("--prefetch", "default", "/mnt", "-o", "cache_dir=/c"),
	                 OPTIONS_INVALID);
	assert_int_equal(parse("--prefetch", "default/", "-o", "cache_dir=/c"), OPTIONS_INVALID);
	assert_int_equal(parse("--prefetch", "default/Team", "-o", "cache_dir=/c"),
	                 OPTIONS_INVALID);
	assert_int_equal(parse("--prefetch", ACCOUNT ",default/team", "-o", "cache_dir=/c"),
	                 OPTIONS_INVALID);
	assert_int_equal(parse("--prefetch", "--check", "-o", "cache_dir=/c"), OPTIONS_INVALID);
	assert_int_equal(parse("--prefetch", "--fsck", "/c"), OPTIONS_INVALID);
}

static void each_retry_mode_reaches_its_field(void **state)
{
	(void)state;
	accept("retry_mode=adaptive");
	assert_int_equal(options.aws.retry_mode, RETRY_MODE_ADAPTIVE);
	accept("retry_mode=standard");
	assert_int_equal(options.aws.retry_mode, RETRY_MODE_STANDARD);
	accept("retry_mode=legacy");
	assert_int_equal(options.aws.retry_mode, RETRY_MODE_STANDARD);
}

static void retries_may_be_set_in_the_environment(void **state)
{
	(void)state;
	setenv("AWS_RETRY_MODE", "adaptive", 1);
	setenv("AWS_MAX_ATTEMPTS", "1000", 1);
	accept("ttl=1s");
	assert_int_equal(options.aws.retry_mode, RETRY_MODE_ADAPTIVE);
	assert_int_equal(options.aws.max_attempts, 100);
	accept("retry_mode=standard,max_attempts=5");
	assert_int_equal(options.aws.retry_mode, RETRY_MODE_STANDARD);
	assert_int_equal(options.aws.max_attempts, 5);
}

/* As the AWS CLI does, unless an option says otherwise. */
static void a_wrong_variable_about_retries_is_refused(void **state)
{
	(void)state;
	setenv("AWS_RETRY_MODE", "fast", 1);
	refuse_lists("ttl=1s");
	accept("retry_mode=standard");
	unsetenv("AWS_RETRY_MODE");
	setenv("AWS_MAX_ATTEMPTS", "0", 1);
	refuse_lists("ttl=1s");
	accept("max_attempts=1");
	setenv("AWS_MAX_ATTEMPTS", "", 1);
	accept("ttl=1s");
}

static void each_flag_reaches_its_field(void **state)
{
	(void)state;
	accept("no_verify_ssl");
	assert_true(options.aws.no_verify_ssl && !options.allow_other);
	accept("use_fips_endpoint");
	assert_true(options.aws.use_fips_endpoint && !options.aws.use_dualstack_endpoint);
	accept("use_dualstack_endpoint");
	assert_true(options.aws.use_dualstack_endpoint && !options.aws.use_fips_endpoint);
	accept("allow_other");
	assert_true(options.allow_other && !options.aws.no_verify_ssl);
}

static void debugging_stays_in_the_foreground_and_says_all(void **state)
{
	(void)state;
	assert_int_equal(parse("-f", "/mnt"), OPTIONS_MOUNT);
	assert_true(options.foreground && !options.debug);
	assert_int_equal(options.log_level, LEVEL_INFO);
	assert_int_equal(parse("/mnt", "-d"), OPTIONS_MOUNT);
	assert_true(options.foreground && options.debug);
	assert_int_equal(options.log_level, LEVEL_DEBUG);
	assert_int_equal(parse("-d", "-o", "log_level=error", "/mnt"), OPTIONS_MOUNT);
	assert_int_equal(options.log_level, LEVEL_ERROR);
}

static void each_log_level_has_a_name(void **state)
{
	(void)state;
	accept("log_level=error");
	assert_int_equal(options.log_level, LEVEL_ERROR);
	accept("log_level=warning");
	assert_int_equal(options.log_level, LEVEL_WARNING);
	accept("log_level=info");
	assert_int_equal(options.log_level, LEVEL_INFO);
	accept("log_level=debug");
	assert_int_equal(options.log_level, LEVEL_DEBUG);
}

static void times_may_be_nothing_or_forever_where_that_makes_sense(void **state)
{
	(void)state;
	accept("ttl=0,digest_ttl=forever,negative_ttl=0,cache_size=0,stale_ttl=0,readahead=off");
	assert_int_equal(options.cache.stale_ttl_ns, 0);
	assert_int_equal(options.cache.readahead_calls, 0);
	assert_int_equal(options.cache.ttl_ns, 0);
	assert_int_equal(options.cache.digest_ttl_ns, NS_FOREVER);
	assert_int_equal(options.cache.negative_ttl_ns, 0);
	assert_int_equal(options.cache.max_bytes, 0);
}

static void what_mount_and_systemd_pass_is_ignored(void **state)
{
	(void)state;
	accept_lists("ro", "rw", "auto", "noauto", "nofail", "user", "nouser", "users", "owner",
	             "group", "_netdev", "defaults", "suid", "nosuid", "dev", "nodev", "exec",
	             "noexec", "sync", "async", "dirsync", "atime", "noatime", "diratime",
	             "nodiratime", "relatime", "norelatime", "strictatime", "nostrictatime",
	             "lazytime", "nolazytime", "silent", "loud", "iversion", "noiversion", "mand",
	             "nomand", "x-systemd.automount", "x-systemd.mount-timeout=30s",
	             "X-mount.mkdir", "comment=of somebody",
	             "rw,noauto,x-systemd.automount,_netdev,nosuid,nodev,noexec,relatime,user");
}

static void empty_options_are_ignored(void **state)
{
	(void)state;
	accept_lists("", ",", "ttl=7s,,uid=5", "ttl=7s,uid=5,", ",ttl=7s");
	accept("ttl=7s,,uid=5,");
	assert_int_equal(options.cache.ttl_ns, 7 * NS_PER_S);
	assert_int_equal(options.uid, 5);
}

static void mount_helpers_put_options_anywhere(void **state)
{
	(void)state;
	assert_int_equal(parse(ACCOUNT, "/mnt", "-s", "-n", "-v", "-o", "rw,ttl=7s"),
	                 OPTIONS_MOUNT);
	assert_string_equal(options.source, ACCOUNT);
	assert_string_equal(options.mountpoint, "/mnt");
	assert_int_equal(options.cache.ttl_ns, 7 * NS_PER_S);
	assert_int_equal(parse(ACCOUNT, "-ottl=8s", "/mnt", "-o", "uid=5,dev,suid"), OPTIONS_MOUNT);
	assert_int_equal(options.cache.ttl_ns, 8 * NS_PER_S);
	assert_int_equal(options.uid, 5);
}

static void assert_check(const char *source, const char *mountpoint)
{
	assert_string_equal(options.source, source);
	if (mountpoint)
		assert_string_equal(options.mountpoint, mountpoint);
	else
		assert_null(options.mountpoint);
}

static void a_check_takes_registries_mount_point_both_or_none(void **state)
{
	(void)state;
	assert_int_equal(parse("--check"), OPTIONS_CHECK);
	assert_check("default", NULL);
	assert_false(options.json);
	assert_int_equal(parse("--check", "--json", ACCOUNT "," HOST_WEST), OPTIONS_CHECK);
	assert_check(ACCOUNT "," HOST_WEST, NULL);
	assert_true(options.json);
	assert_int_equal(parse("/mnt", "--check"), OPTIONS_CHECK);
	assert_check("default", "/mnt");
	assert_int_equal(parse("--check", ACCOUNT, "mnt", "-o", "region=eu-west-1"), OPTIONS_CHECK);
	assert_check(ACCOUNT, "mnt");
	assert_int_equal(parse("--check", "mnt"), OPTIONS_INVALID);
	assert_int_equal(parse("--json", "/mnt"), OPTIONS_INVALID);
}

static void what_is_unknown_is_refused(void **state)
{
	(void)state;
	refuse_lists("tll=5s", "TTL=5s", "ttl", "ttl:5s", "region", "xattr", "comment",
	             "no_verify_ssl=1", "allow_others", "access_key=AKIA", "ttl=5s,nonsense,uid=5");
	assert_int_equal(parse("-x", "/mnt"), OPTIONS_INVALID);
	assert_int_equal(parse("--ttl=5s", "/mnt"), OPTIONS_INVALID);
	assert_int_equal(parse("/mnt", "-o"), OPTIONS_INVALID);
}

static void by_mount_f_means_fake(void **state)
{
	(void)state;
	assert_int_equal(parse_by_mount(ACCOUNT, "/mnt", "-f", "-n", "-v", "-o", "rw,"),
	                 OPTIONS_MOUNT);
	assert_true(options.by_mount);
	assert_true(options.fake);
	assert_false(options.foreground);
	assert_int_equal(parse("-f", ACCOUNT, "/mnt"), OPTIONS_MOUNT);
	assert_false(options.by_mount);
	assert_false(options.fake);
	assert_true(options.foreground);
}

static void by_mount_s_lets_unknown_options_pass(void **state)
{
	(void)state;
	assert_int_equal(parse_by_mount(ACCOUNT, "/mnt", "-o", "rw,gibberish"), OPTIONS_INVALID);
	assert_int_equal(parse_by_mount(ACCOUNT, "/mnt", "-s", "-o", "rw,gibberish"),
	                 OPTIONS_MOUNT);
	assert_int_equal(parse_by_mount(ACCOUNT, "/mnt", "-s", "-o", "rw,ttl=never"),
	                 OPTIONS_INVALID);
}

static void what_mount_asks_for_is_noted(void **state)
{
	(void)state;
	accept("rw");
	assert_true(options.wants_write);
	assert_false(options.remount);
	accept("rw,dev,suid"); /* that was mount.fuse */
	assert_false(options.wants_write);
	accept("remount,ro");
	assert_true(options.remount);
	assert_false(options.wants_write);
	assert_int_equal(parse_by_mount(ACCOUNT, "/mnt", "-t", "ecrfs", "-o", "rw"), OPTIONS_MOUNT);
	assert_string_equal(options.mountpoint, "/mnt");
	refuse_lists("-t", "-ttl=5s", "-tx,ttl=5s");
}

static void security_contexts_are_for_the_kernel(void **state)
{
	(void)state;
	accept("ttl=5s");
	assert_null(options.for_kernel);
	accept("context=system_u:object_r:x_t:s0:c1\\,c2,ttl=5s,fscontext=y");
	assert_string_equal(options.for_kernel,
	                    "context=system_u:object_r:x_t:s0:c1\\,c2,fscontext=y");
}

static void variables_are_set(void **state)
{
	(void)state;
	accept("env.AWS_DEFAULT_REGION=ap-south-1,env.ECRFS_TEST=a=b,env.ECRFS_NONE=");
	assert_string_equal(options.aws.region, "ap-south-1");
	assert_string_equal(getenv("ECRFS_TEST"), "a=b");
	assert_string_equal(getenv("ECRFS_NONE"), "");
	unsetenv("AWS_DEFAULT_REGION");
}

static void secrets_are_no_options(void **state)
{
	(void)state;
	refuse_lists("env.AWS_SECRET_ACCESS_KEY=x", "env.AWS_SESSION_TOKEN=x",
	             "env.AWS_SECURITY_TOKEN=x", "env.AWS_CONTAINER_AUTHORIZATION_TOKEN=x", "env.",
	             "env.=x", "env.NAME");
	assert_null(getenv("AWS_SECRET_ACCESS_KEY"));
}

static void root_may_work_as_another_user(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	accept("ttl=5s");
	assert_false(options.run_as.is_given);
	assert_false(options.auto_unmount);
	accept("setuid=nobody");
	assert_true(options.run_as.is_given);
	assert_int_equal(options.run_as.uid, 65534);
	assert_int_equal(options.uid, 65534); /* whose the files are */
	assert_true(options.auto_unmount);
	assert_string_equal(getenv("HOME"), "/nonexistent");
	accept("setuid=nobody,uid=5,env.HOME=/srv");
	assert_int_equal(options.uid, 5);
	assert_string_equal(getenv("HOME"), "/srv");
	accept("setuid=4000000000");
	assert_int_equal(options.run_as.uid, 4000000000);
	refuse_lists("setuid=", "setuid=no-such-user", "setuid=-1");
}

static void bad_values_are_refused(void **state)
{
	(void)state;
	refuse_lists("ttl=", "ttl=5", "ttl=-5s", "ttl=5 s", "ttl=1.5s", "ttl=soon", "digest_ttl=7w",
	             "negative_ttl=x", "stale_ttl=", "stale_after=x", "readahead=yes",
	             "cache_size=", "cache_size=64MB", "cache_size=-1", "cache_size=forever",
	             "max_connections=0", "max_connections=257", "max_connections=many",
	             "max_attempts=0", "max_attempts=101",
	             "max_attempts=", "retry_mode=", "retry_mode=fast", "retry_mode=Standard",
	             "uid=root", "uid=-1", "uid=4294967295", "uid=4294967296", "gid=", "gid=-1",
	             "log_level=", "log_level=loud", "log_level=DEBUG", "log_level=debug ");
}

static void a_limit_must_bound_something(void **state)
{
	(void)state;
	refuse_lists("timeout=0", "timeout=0s", "timeout=forever", "timeout=50000d",
	             "timeout=", "connect_timeout=0", "connect_timeout=forever", "read_timeout=0",
	             "read_timeout=forever", "read_timeout=30");
}

static void a_umask_is_octal_digits(void **state)
{
	(void)state;
	refuse_lists("umask=", "umask=8", "umask=1000", "umask=-1", "umask=-0", "umask=+22",
	             "umask= 22", "umask=22 ", "umask=0x1", "umask=rwx",
	             "umask=99999999999999999999999");
	accept("umask=0");
	assert_int_equal(options.umask, 0);
	accept("umask=77");
	assert_int_equal(options.umask, 077);
	accept("umask=0777");
	assert_int_equal(options.umask, 0777);
}

static void the_last_of_the_same_option_wins(void **state)
{
	(void)state;
	accept("region=eu-west-1,ttl=1s,log_level=error,ttl=2s,region=us-east-1");
	assert_string_equal(options.aws.region, "us-east-1");
	assert_int_equal(options.cache.ttl_ns, 2 * NS_PER_S);
	assert_int_equal(parse("-o", "profile=a", "/mnt", "-o", "profile=b", "-oprofile=c"),
	                 OPTIONS_MOUNT);
	assert_string_equal(options.aws.profile, "c");
	accept("ttl=never,ttl=2s"); /* only what counts is looked at */
}

static void a_comma_in_a_value_is_escaped(void **state)
{
	(void)state;
	accept("profile=a\\,b,log_file=/tmp/c\\\\d,ttl=2s");
	assert_string_equal(options.aws.profile, "a,b");
	assert_string_equal(options.log_file, "/tmp/c\\d");
	assert_int_equal(options.cache.ttl_ns, 2 * NS_PER_S);
}

static void a_mount_point_is_needed(void **state)
{
	(void)state;
	assert_int_equal(parse("-f"), OPTIONS_INVALID);
	assert_int_equal(parse("-o", "ro"), OPTIONS_INVALID);
	assert_int_equal(parse("/mnt"), OPTIONS_MOUNT);
	assert_int_equal(parse(ACCOUNT, "/mnt"), OPTIONS_MOUNT);
	assert_int_equal(parse(ACCOUNT, HOST_NORTH, "/mnt"), OPTIONS_INVALID);
}

static void help_and_version_need_nothing_else(void **state)
{
	(void)state;
	assert_int_equal(parse("-h"), OPTIONS_HELP);
	assert_int_equal(parse("--help"), OPTIONS_HELP);
	assert_int_equal(parse("-V"), OPTIONS_VERSION);
	assert_int_equal(parse("--version", "-f"), OPTIONS_VERSION);
}

/* That the source names these registries, joined by spaces. */
static void assert_registries(const char *source, const char *names)
{
	char text[512] = "";

	assert_int_equal(parse(source, "/mnt"), OPTIONS_MOUNT);
	for (size_t i = 0; i < options.n_registries; i++) {
		strcat(text, i ? " " : "");
		strcat(text, options.registries[i].name);
	}
	assert_string_equal(text, names);
	assert_string_equal(options.source, source); /* as given: mount -a compares it */
}

static void registries_keep_the_names_that_were_given(void **state)
{
	(void)state;
	assert_registries(ACCOUNT, ACCOUNT);
	assert_string_equal(options.registries[0].registry.account, ACCOUNT);
	assert_registries(HOST_WEST, HOST_WEST);
	assert_string_equal(options.registries[0].registry.account, ACCOUNT);
	assert_string_equal(options.registries[0].registry.region, "eu-west-1");
	assert_registries("222222222222," HOST_NORTH ",default",
	                  "222222222222 " HOST_NORTH " default");
}

static void none_means_the_callers_own(void **state)
{
	(void)state;
	assert_registries("default", "default");
	assert_registries("none", "default");
	assert_registries("ecrfs", "default");
	assert_string_equal(options.registries[0].registry.account, "");
	assert_int_equal(parse("/mnt"), OPTIONS_MOUNT);
	assert_string_equal(options.source, "default");
	assert_string_equal(options.registries[0].name, "default");
	assert_int_equal(options.n_registries, 1);
}

static void what_is_no_registry_is_refused(void **state)
{
	(void)state;
	refuse_sources("", ",", ACCOUNT ",", "," ACCOUNT, "docker.io", "12345678901",
	               "public.ecr.aws", ACCOUNT ",public.ecr.aws", "https://" HOST_WEST,
	               HOST_WEST "/team", " " ACCOUNT);
}

static void the_same_registry_twice_is_refused(void **state)
{
	(void)state;
	refuse_sources(ACCOUNT "," ACCOUNT, "default,default", "none,ecrfs",
	               HOST_WEST "," HOST_NORTH "," HOST_WEST,
	               HOST_WEST ",123456789012.dkr-ecr.eu-west-1.on.aws");
}

static void the_region_is_the_option_then_the_first_host_then_the_environment(void **state)
{
	(void)state;
	assert_int_equal(parse(ACCOUNT, "/mnt"), OPTIONS_MOUNT);
	assert_null(options.aws.region); /* the profile will tell */
	setenv("AWS_DEFAULT_REGION", "ca-west-1", 1);
	assert_int_equal(parse(ACCOUNT, "/mnt"), OPTIONS_MOUNT);
	assert_string_equal(options.aws.region, "ca-west-1");
	setenv("AWS_REGION", "us-east-1", 1);
	assert_int_equal(parse(ACCOUNT, "/mnt"), OPTIONS_MOUNT);
	assert_string_equal(options.aws.region, "us-east-1");
	assert_int_equal(parse("222222222222," HOST_NORTH "," HOST_WEST, "/mnt"), OPTIONS_MOUNT);
	assert_string_equal(options.aws.region, "eu-north-1");
	assert_int_equal(parse("-oregion=sa-east-1", HOST_WEST, "/mnt"), OPTIONS_MOUNT);
	assert_string_equal(options.aws.region, "sa-east-1");
	assert_string_equal(options.registries[0].registry.region, "eu-west-1");
}

static void an_account_may_have_a_profile_of_its_own(void **state)
{
	(void)state;
	accept("profile=prod,profile.123456789012=audit,profile.012345678901=a=b,"
	       "profile.999999999999=");
	assert_string_equal(options.aws.profile, "prod");
	assert_int_equal(options.aws.n_account_profiles, 2);
	assert_string_equal(options.aws.account_profiles[0].account, "123456789012");
	assert_string_equal(options.aws.account_profiles[0].profile, "audit");
	assert_string_equal(options.aws.account_profiles[1].account, "012345678901");
	assert_string_equal(options.aws.account_profiles[1].profile, "a=b");
}

static void a_profile_of_no_account_or_of_one_twice_is_refused(void **state)
{
	(void)state;
	refuse_lists("profile.", "profile.=a", "profile.12345678901=a", "profile.1234567890123=a",
	             "profile.12345678901x=a", "profile.default=a", "profile.123456789012",
	             "profile.123456789012=a,profile.123456789012=b",
	             "profile.123456789012=a,profile.123456789012=a");
}

/* The shell expands it only at the start of a word. */
static void the_bundle_may_be_in_the_home_directory(void **state)
{
	(void)state;
	setenv("HOME", "/etc", 1);
	accept("ca_bundle=~/passwd");
	assert_string_equal(options.aws.ca_bundle, "/etc/passwd");
	assert_string_equal(options.aws.ca_bundle_origin, "the option ca_bundle");
	setenv("AWS_CA_BUNDLE", "~/group", 1);
	accept("region=eu-west-1");
	assert_string_equal(options.aws.ca_bundle, "/etc/group");
	assert_string_equal(options.aws.ca_bundle_origin, "AWS_CA_BUNDLE");
}

static void who_named_the_region_is_known(void **state)
{
	(void)state;
	accept("region=eu-west-1");
	assert_string_equal(options.aws.region_origin, "the option region");
	setenv("AWS_DEFAULT_REGION", "us-east-1", 1);
	accept("nopull");
	assert_string_equal(options.aws.region_origin, "AWS_DEFAULT_REGION");
	assert_int_equal(parse("-onopull", HOST_WEST, "/mnt"), OPTIONS_MOUNT);
	assert_string_equal(options.aws.region_origin, "the first registry's name");
}

static void an_aws_option_without_value_counts_as_not_given(void **state)
{
	(void)state;
	setenv("AWS_REGION", "us-east-1", 1);
	setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:8000", 1);
	setenv("AWS_CA_BUNDLE", "/etc/passwd", 1);
	accept("region=,endpoint_url=,ca_bundle=,profile=");
	assert_string_equal(options.aws.region, "us-east-1");
	assert_null(options.aws.endpoint_url);
	assert_string_equal(options.aws.common_url, "http://127.0.0.1:8000");
	assert_string_equal(options.aws.ca_bundle, "/etc/passwd");
	assert_int_equal(parse("-oregion=", HOST_WEST, "/mnt"), OPTIONS_MOUNT);
	assert_string_equal(options.aws.region, "eu-west-1");
}

static void options_win_over_the_environment(void **state)
{
	(void)state;
	setenv("AWS_REGION", "us-east-1", 1);
	setenv("AWS_ENDPOINT_URL_ECR", "http://127.0.0.1:8000", 1);
	setenv("AWS_CA_BUNDLE", "/etc/passwd", 1);
	accept("region=sa-east-1,endpoint_url=http://127.0.0.1:9000,ca_bundle=/etc/group");
	assert_string_equal(options.aws.region, "sa-east-1");
	assert_string_equal(options.aws.endpoint_url, "http://127.0.0.1:9000");
	assert_string_equal(options.aws.ca_bundle, "/etc/group");
}

static void all_that_was_given_is_freed(void **state)
{
	(void)state;
	options_deinit(&options); /* of no parse at all */
	memset(&options, 0, sizeof(options));
	assert_int_equal(parse("-o", "ttl=1s,region=a,nonsense", "/a", "/b"), OPTIONS_INVALID);
	assert_int_equal(parse("/a", "/b", "/c"), OPTIONS_INVALID);
	assert_int_equal(parse(HOST_WEST ",nonsense", "/mnt"), OPTIONS_INVALID);
}

static void a_ca_bundle_must_be_there_and_becomes_absolute(void **state)
{
	(void)state;
	refuse_lists("ca_bundle=/nowhere/ca.pem");
	assert_int_equal(chdir("/etc"), 0);
	accept("ca_bundle=passwd");
	assert_string_equal(options.aws.ca_bundle, "/etc/passwd");
}

static void a_region_must_be_the_name_of_one(void **state)
{
	(void)state;
	refuse_lists("region=EU", "region=eu west", "region=eu-west-1/", "region=-x");
	accept_lists("region=eu-west-1", "region=us-gov-east-1");
}

static void a_refresh_takes_one_path_and_nothing_else(void **state)
{
	(void)state;
	setenv("AWS_MAX_ATTEMPTS", "nonsense", 1); /* which is no business of it */
	assert_int_equal(parse("--refresh", "mnt/a"), OPTIONS_REFRESH);
	assert_string_equal(options.refresh_path, "mnt/a");
	assert_null(options.mountpoint);
	unsetenv("AWS_MAX_ATTEMPTS");
	assert_int_equal(parse("--refresh"), OPTIONS_INVALID);
	assert_int_equal(parse("--refresh", "a", "b"), OPTIONS_INVALID);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(without_options_the_defaults_hold),
	        cmocka_unit_test_fixture(each_text_reaches_its_field),
	        cmocka_unit_test_fixture(each_number_reaches_its_field),
	        cmocka_unit_test_fixture(a_ca_bundle_must_be_there_and_becomes_absolute),
	        cmocka_unit_test_fixture(a_region_must_be_the_name_of_one),
	        cmocka_unit_test_fixture(a_cache_directory_is_absolute),
	        cmocka_unit_test_fixture(fsck_takes_one_directory),
	        cmocka_unit_test_fixture(prefetch_takes_a_part_of_a_registry),
	        cmocka_unit_test_fixture(each_retry_mode_reaches_its_field),
	        cmocka_unit_test_fixture(retries_may_be_set_in_the_environment),
	        cmocka_unit_test_fixture(a_wrong_variable_about_retries_is_refused),
	        cmocka_unit_test_fixture(each_flag_reaches_its_field),
	        cmocka_unit_test_fixture(debugging_stays_in_the_foreground_and_says_all),
	        cmocka_unit_test_fixture(each_log_level_has_a_name),
	        cmocka_unit_test_fixture(times_may_be_nothing_or_forever_where_that_makes_sense),
	        cmocka_unit_test_fixture(what_mount_and_systemd_pass_is_ignored),
	        cmocka_unit_test_fixture(empty_options_are_ignored),
	        cmocka_unit_test_fixture(mount_helpers_put_options_anywhere),
	        cmocka_unit_test_fixture(a_refresh_takes_one_path_and_nothing_else),
	        cmocka_unit_test_fixture(a_check_takes_registries_mount_point_both_or_none),
	        cmocka_unit_test_fixture(what_is_unknown_is_refused),
	        cmocka_unit_test_fixture(by_mount_f_means_fake),
	        cmocka_unit_test_fixture(by_mount_s_lets_unknown_options_pass),
	        cmocka_unit_test_fixture(what_mount_asks_for_is_noted),
	        cmocka_unit_test_fixture(security_contexts_are_for_the_kernel),
	        cmocka_unit_test_fixture(variables_are_set),
	        cmocka_unit_test_fixture(secrets_are_no_options),
	        cmocka_unit_test_fixture(root_may_work_as_another_user),
	        cmocka_unit_test_fixture(bad_values_are_refused),
	        cmocka_unit_test_fixture(a_limit_must_bound_something),
	        cmocka_unit_test_fixture(a_umask_is_octal_digits),
	        cmocka_unit_test_fixture(the_last_of_the_same_option_wins),
	        cmocka_unit_test_fixture(a_comma_in_a_value_is_escaped),
	        cmocka_unit_test_fixture(a_mount_point_is_needed),
	        cmocka_unit_test_fixture(help_and_version_need_nothing_else),
	        cmocka_unit_test_fixture(registries_keep_the_names_that_were_given),
	        cmocka_unit_test_fixture(none_means_the_callers_own),
	        cmocka_unit_test_fixture(what_is_no_registry_is_refused),
	        cmocka_unit_test_fixture(the_same_registry_twice_is_refused),
	        cmocka_unit_test_fixture(
	                the_region_is_the_option_then_the_first_host_then_the_environment),
	        cmocka_unit_test_fixture(an_account_may_have_a_profile_of_its_own),
	        cmocka_unit_test_fixture(a_profile_of_no_account_or_of_one_twice_is_refused),
	        cmocka_unit_test_fixture(the_bundle_may_be_in_the_home_directory),
	        cmocka_unit_test_fixture(who_named_the_region_is_known),
	        cmocka_unit_test_fixture(an_aws_option_without_value_counts_as_not_given),
	        cmocka_unit_test_fixture(options_win_over_the_environment),
	        cmocka_unit_test_fixture(all_that_was_given_is_freed),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
