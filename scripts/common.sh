#!/bin/bash
# What scripts/{bench,demo,lint,test} have in common: they source it, and run nothing before it.
# shellcheck disable=SC2034 # some names are for them alone

# What a build of ecrfs without its tests needs.
readonly BUILD_PACKAGES=(
	gcc libc6-dev cmake ninja-build pkg-config libfuse3-dev libcurl4-openssl-dev libssl-dev
	libcjson-dev uthash-dev libuv1-dev libsystemd-dev
)

PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH # Debian's own python and cmake before any other
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
readonly root

say() {
	printf '%s\n' "$*"
}

fail() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# Runs a command; its output is shown only when it fails.
quietly() {
	local output
	output=$("$@" 2>&1 </dev/null) && return 0
	tail -n 200 <<<"$output" >&2
	return 1
}

install_packages() {
	local package missing=() as_root=()
	for package; do
		[[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed* ]] ||
			missing+=("$package")
	done
	((${#missing[@]})) || return 0
	((EUID == 0)) || as_root=(sudo)
	say "installing ${missing[*]}"
	quietly "${as_root[@]}" apt-get -q update || fail "apt-get update failed"
	quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o DPkg::Lock::Timeout=300 install --no-install-recommends "${missing[@]}" ||
		fail "the packages could not be installed"
}
