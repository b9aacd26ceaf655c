/* What --help and --version print. */
#include "fs/options.h"

#include <fuse_lowlevel.h>
#include <stdio.h>

void options_print_help(void)
{
	fputs("usage: ecrfs [-o OPTION[,OPTION...]] [-f] [-d] [REGISTRY[,REGISTRY...]] MOUNTPOINT\n"
	      "\n"
	      "Shows Amazon ECR registries as files: REGISTRY/REPOSITORY/TAG/manifest.json.\n"
	      "REGISTRY is a 12-digit account id, a registry host name, or 'default' for the\n"
	      "caller's own. Unmount with: umount MOUNTPOINT, or fusermount3 -u MOUNTPOINT\n"
	      "\n"
	      "    -f, -d            stay in the foreground; -d: with all log lines\n"
	      "    -h, --help        print this\n"
	      "    -V, --version     print the version\n"
	      "\n"
	      "AWS, named as in the AWS CLI:\n"
	      "    region=NAME       region of registries given as account ids\n"
	      "    profile=NAME      profile of ~/.aws/config and ~/.aws/credentials\n"
	      "    endpoint_url=URL  ask this address, not the region's\n"
	      "    ca_bundle=FILE, no_verify_ssl, use_fips_endpoint, use_dualstack_endpoint\n"
	      "    connect_timeout=3s, read_timeout=10s, max_connections=8\n"
	      "    max_attempts=3, retry_mode=standard|adaptive\n"
	      "\n"
	      "Cache; times take ms, s, m, h, d, and 0 for 'always ask':\n"
	      "    ttl=60s           tags and listings\n"
	      "    immutable_ttl=1d  tags that their repository promises not to move\n"
	      "    digest_ttl=7d     bytes of manifests\n"
	      "    negative_ttl=5s   \"no such tag or repository\"\n"
	      "    stale_after=1s    how long news are awaited where an older answer is known\n"
	      "    stale_ttl=1d      how long that may be shown while ECR is slow or gone\n"
	      "    timeout=15s       the longest that a file operation may take\n"
	      "    cache_size=64M    memory for manifests and listings\n"
	      "    readahead=off     fetch no manifest before it is asked for\n"
	      "    nopull            fetch no manifest at all: reading one is an error\n"
	      "\n"
	      "Files and daemon:\n"
	      "    uid=N, gid=N, umask=OCTAL, allow_other\n"
	      "    setuid=USER       work as this user, once root has mounted\n"
	      "    auto_unmount      unmount also when the daemon is killed\n"
	      "    env.NAME=VALUE    set a variable of the environment\n"
	      "    show=NAME[:NAME]  list what is hidden else: digests, untagged, platforms\n"
	      "    log_file=FILE, log_level=error|warning|info|debug\n",
	      stdout);
}

void options_print_version(void)
{
	printf("ecrfs %s (libfuse %s)\n", ECRFS_VERSION, fuse_pkgversion());
}
