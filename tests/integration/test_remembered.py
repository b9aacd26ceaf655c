"""cache_dir: what ECR told is there after a restart, as old as it was told, and offline."""

import contextlib
import os
import signal
import subprocess
import time

import pytest

from ecr_server.client import ACCOUNT, EcrServer

from .checks import calls, errno_of, forget_calls, metrics, read, run, until
from .expected import tree, tree_of
from .mount import KEYS

SHORT = "200ms"
LONG = {"ttl": "1h", "negative_ttl": "1h"}
LISTINGS = {"DescribeRepositories", "DescribeImages"}
OTHER_KEYS = {"AWS_ACCESS_KEY_ID": "AKIAOTHEROTHEROTHER1", "AWS_SECRET_ACCESS_KEY": "other"}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def own():
    """A server of this test alone, which it may stop, without an image that nobody can read."""
    with EcrServer() as server:
        server.delete_image("cold/storage", tag="frozen")
        yield server


@pytest.fixture
def begin(own, mount, folder):
    """A function that mounts `own` with the cache directory."""
    def begin_mount(**options):
        return mount(**{"endpoint_url": own.endpoint, "cache_dir": folder, "max_attempts": 1, **options})
    return begin_mount


def store(fs, figure):
    return metrics(fs)[f"ecrfs_store_{figure}_total"]


def until_kept(fs):
    """All that is on its way to the disk is there."""
    def is_still():
        before = (store(fs, "listings_written"), store(fs, "written"), store(fs, "listings_skipped"))
        time.sleep(0.1)
        return before == (store(fs, "listings_written"), store(fs, "written"), store(fs, "listings_skipped"))
    until(is_still, "all is written", 30)


def walk(fs):
    """Looks at all, and reads it: {path: bytes}."""
    seen = {}
    for directory, _, files in os.walk(fs.root):
        for file in files:
            path = os.path.join(directory, file)
            seen[os.path.relpath(path, fs.root)] = read(path)
    return seen


def grow_old():
    """What was told until now is older than SHORT."""
    time.sleep(0.3)


def fill(begin, own, **options):
    """A life in which all was seen and read, longer than SHORT ago. What it saw; the server has counted nothing."""
    with begin(**{**LONG, **options}) as fs:
        seen = walk(fs)
        assert tree_of(fs.root) == tree(own)
        until_kept(fs)
    forget_calls(own)
    grow_old()
    return seen


def listing_files(folder, kind=""):
    return sorted(path for path in (folder / "listings").iterdir() if path.name.endswith(f"-{kind}" if kind else ""))


def lasting(seen):
    """Without what a pull changes: the time of the last one."""
    return {path: data for path, data in seen.items() if not path.endswith("/image.json")}


def test_within_ttl_nothing_is_asked(begin, own):
    seen = fill(begin, own)
    fs = begin(**LONG)
    assert tree_of(fs.root) == tree(own)
    assert walk(fs) == seen
    assert calls(own) == {}
    assert store(fs, "listings_read") > 0
    assert store(fs, "listings_damaged") == store(fs, "listings_skipped") == 0


def test_single_names_within_ttl_ask_nothing(begin, own):
    """A path that somebody knows, without any listing of its repository."""
    with begin(**LONG) as fs:
        tag = next(iter(own.tree()[ACCOUNT]["team/app"]))
        digest = own.tree()[ACCOUNT]["team/app"][tag]
        data = read(fs.root / f"team/app:{tag}" / "manifest.json")
        assert read(fs.root / "team/app" / digest / "manifest.json") == data
        until_kept(fs)
    forget_calls(own)
    fs = begin(**LONG)
    assert read(fs.root / f"team/app:{tag}" / "manifest.json") == data
    assert read(fs.root / "team/app" / digest / "manifest.json") == data
    assert calls(own) == {}


def test_after_ttl_only_listings_are_asked(begin, own):
    seen = fill(begin, own)
    fs = begin(ttl=SHORT, negative_ttl="1h")
    assert tree_of(fs.root) == tree(own)
    assert lasting(walk(fs)) == lasting(seen)
    made = calls(own)
    assert set(made) <= LISTINGS and made["DescribeRepositories"] >= 1 and made["DescribeImages"] >= 1
    # No question about a single image, and no listing twice as long as the first life took.
    assert not [call for call in own.log("DescribeImages") if call.get("request", {}).get("imageIds")]


def test_a_tag_that_moved_meanwhile_is_seen_after_ttl(begin, own):
    fill(begin, own)
    own.retag("team", "v1", own.tree()[ACCOUNT]["team"]["v2"])
    own.push("team/app", tag="new")
    own.delete_tag("team/app", next(iter(own.tree()[ACCOUNT]["team/app"])))
    forget_calls(own)
    with begin(**LONG) as young:  # it is what was told, and believed as long
        assert "new" not in os.listdir(young.root / "team/app")
        assert calls(own) == {}
    fs = begin(ttl=SHORT, negative_ttl=SHORT)
    assert tree_of(fs.root) == tree(own)
    assert read(fs.tag("team", "v1") / "digest") == read(fs.tag("team", "v2") / "digest")


OFFLINE = {"ttl": SHORT, "negative_ttl": SHORT, "stale_after": "100ms"}


def test_without_a_server_all_is_there(begin, own, loose):
    """What was seen in one life can be listed, found, searched and compared in the next, with nobody to ask."""
    seen = fill(begin, own)
    expected = tree(own)
    for directory in expected:
        (loose / directory).mkdir(parents=True, exist_ok=True)
    for path, data in seen.items():
        copy = loose / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(data)
    own.stop()
    fs = begin(**OFFLINE)
    assert tree_of(fs.root) == expected
    listed = run("ls", "-R", fs.root).decode()
    assert all(f"{name}\n" in listed for names in expected.values() for name in names)
    found = run("find", ".", "-type", "f", "-name", "manifest.json", cwd=fs.root).decode().split()
    assert sorted(found) == sorted(f"./{path}" for path in seen if path.endswith("/manifest.json"))
    matched = run("grep", "-rl", "schemaVersion", ".", "--include=manifest.json", cwd=fs.root).decode().split()
    assert sorted(matched) == sorted(found)
    assert fs.read("team", "v1") == seen["team/v1/manifest.json"]
    run("diff", "-r", loose, fs.root)
    assert not fs.log_lines("damaged")


def test_without_a_server_configurations_are_there(begin, own):
    with begin(**LONG) as fs:
        os.listdir(fs.root / "team/app")
        data = {tag: read(fs.tag("team/app", tag) / "config.json") for tag in ("v3", "v6")}
        until_kept(fs)
    own.stop()
    grow_old()
    fs = begin(**OFFLINE)
    assert {tag: read(fs.tag("team/app", tag) / "config.json") for tag in data} == data


def test_without_a_server_single_names_are_there(begin, own):
    tag, digest = next(iter(own.tree()[ACCOUNT]["team/app"].items()))
    with begin(**LONG) as fs:
        data = read(fs.root / f"team/app:{tag}" / "manifest.json")
        read(fs.root / "team/app" / digest / "digest")
        assert errno_of(os.stat, fs.root / "team/app:never") == "ENOENT"
        until_kept(fs)
    own.stop()
    grow_old()
    fs = begin(**OFFLINE)
    assert read(fs.root / f"team/app:{tag}" / "manifest.json") == data
    assert read(fs.root / "team/app" / digest / "digest").decode() == f"{digest}\n"
    assert errno_of(os.stat, fs.root / "team/app:never") == "ECONNREFUSED"  # no proof of absence


def test_who_may_only_pull_has_nothing_offline(begin, own):
    own.config(policy="PullOnly")
    with begin(**LONG) as fs:
        assert fs.read("team", "v1") == own.manifest("team", tag="v1")
        until_kept(fs)
    own.stop()
    grow_old()
    fs = begin(**OFFLINE)
    assert errno_of(fs.read, "team", "v1") == "ECONNREFUSED"


def test_platforms_without_a_server(begin, own):
    """The children of an index were asked for by digest: no listing shows them."""
    with begin(**LONG, show="platforms") as fs:
        seen = {}
        for image in own.images(account=ACCOUNT):
            for tag in image["tags"]:
                directory = fs.tag(image["repository"], tag) / "platforms"
                if directory.is_dir():
                    seen.update({str(link.relative_to(fs.root)): read(link / "manifest.json")
                                 for link in directory.iterdir()})
        assert seen
        until_kept(fs)
    own.stop()
    fs = begin(**OFFLINE, show="platforms")
    for link, data in seen.items():
        assert read(fs.root / link / "manifest.json") == data


def test_not_for_longer_than_stale_ttl(begin, own):
    fill(begin, own)
    own.stop()
    fs = begin(**{**OFFLINE, "stale_ttl": "1ms"})
    assert errno_of(os.listdir, fs.root) == "ECONNREFUSED"
    assert errno_of(os.listdir, fs.root / "team") == "ECONNREFUSED"
    assert errno_of(fs.read, "team", "v1") == "ECONNREFUSED"


def test_a_denial_wins_and_is_remembered(begin, own):
    fill(begin, own)
    own.config(policy="PullOnly")
    with begin(ttl=SHORT, negative_ttl=SHORT) as fs:
        assert errno_of(os.listdir, fs.root) == "EACCES"
        assert errno_of(os.listdir, fs.root / "team") == "EACCES"
        until_kept(fs)
    own.stop()
    grow_old()
    fs = begin(**OFFLINE)
    assert errno_of(os.listdir, fs.root) == "ECONNREFUSED"
    assert errno_of(os.listdir, fs.root / "team") == "ECONNREFUSED"


def test_what_is_gone_is_not_shown_again(begin, own):
    fill(begin, own)
    tag = next(iter(own.tree()[ACCOUNT]["team/app"]))
    own.delete_tag("team/app", tag)
    with begin(ttl=SHORT, negative_ttl=SHORT) as fs:
        assert errno_of(os.stat, fs.root / f"team/app:{tag}") == "ENOENT"
        until_kept(fs)
    own.stop()
    grow_old()
    fs = begin(**OFFLINE)
    assert errno_of(os.stat, fs.root / f"team/app:{tag}") == "ECONNREFUSED"


def test_another_caller_sees_nothing_of_it(begin, own, mount, folder):
    fill(begin, own)
    other = {**KEYS, "AWS_ACCOUNT_ID": "999999999999"}
    fs = mount(environment=other, endpoint_url=own.endpoint, cache_dir=folder, max_attempts=1, **LONG)
    assert tree_of(fs.root) == tree(own)
    assert calls(own)["DescribeRepositories"] == 1
    with mount(environment={**OTHER_KEYS}, endpoint_url=own.endpoint, cache_dir=folder, max_attempts=1, **LONG) as fs:
        assert errno_of(os.listdir, fs.root) == "EKEYREJECTED"
    own.stop()
    fs = mount(environment=OTHER_KEYS, endpoint_url=own.endpoint, cache_dir=folder, max_attempts=1, **OFFLINE)
    assert errno_of(os.listdir, fs.root) == "ECONNREFUSED"


def test_another_endpoint_or_region_sees_nothing_of_it(begin, own):
    fill(begin, own)
    with EcrServer(preset="sample") as server:
        fs = begin(**LONG, endpoint_url=server.endpoint)
        assert tree_of(fs.root) == tree(server)
    fs = begin(**LONG, region="eu-west-1")
    with contextlib.suppress(OSError):
        os.listdir(fs.root)
    assert calls(own).get("DescribeRepositories") == 1


def damage(path, how):
    data = bytearray(path.read_bytes())
    if how == "torn":
        path.write_bytes(data[: len(data) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "flipped":
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif how == "foreign":
        path.write_bytes(b"{}")
    elif how == "another's":
        twins = [twin for twin in path.parent.iterdir() if twin != path and twin.name[-1] == path.name[-1]]
        path.write_bytes(twins[0].read_bytes() if twins else b"?")
    elif how == "link":
        path.rename(path.with_name("elsewhere"))
        path.symlink_to("elsewhere")
    elif how == "directory":
        path.unlink()
        path.mkdir()


@pytest.mark.parametrize("how", ["torn", "empty", "flipped", "foreign", "another's", "link", "directory"])
def test_damaged_files_are_misses(begin, own, folder, how):
    seen = fill(begin, own)
    files = [path for kind in "rta" for path in listing_files(folder, kind)]
    assert len(listing_files(folder, "r")) == 1 and len(listing_files(folder, "t")) > 3
    for path in files:
        damage(path, how)
    fs = begin(**LONG)
    seen = lasting(seen)
    assert lasting(walk(fs)) == seen
    until_kept(fs)
    assert store(fs, "listings_damaged") > 3
    made = calls(own)
    assert set(made) <= LISTINGS
    assert len([path for path in listing_files(folder, "r") if path.is_file() and not path.is_symlink()]) == 1
    fs.stop()
    forget_calls(own)
    fs = begin(**LONG)
    assert lasting(walk(fs)) == seen
    assert calls(own) == {}


def test_damaged_files_do_not_matter_offline(begin, own, folder):
    """One listing is gone; the others are there."""
    fill(begin, own)
    own.stop()
    for path in listing_files(folder, "t"):
        damage(path, "flipped")
    fs = begin(**OFFLINE)
    assert os.listdir(fs.root)
    assert errno_of(os.listdir, fs.root / "library/base") in ("ECONNREFUSED", "ENOENT")


def test_two_mounts_share_it(begin, own):
    """Each has what the other was told, and both may write at the same time."""
    first, second = begin(**LONG), begin(**LONG)
    seen = walk(first)
    until_kept(first)
    forget_calls(own)
    assert walk(second) == seen
    assert calls(own) == {}
    both = [begin(ttl="0", negative_ttl="0"), begin(ttl="0", negative_ttl="0")]
    walkers = [fs.start("find", fs.root, "-ls") for fs in both for _ in range(2)]
    for walker in walkers:
        walker.communicate(timeout=60)
        assert walker.returncode == 0
    for fs in both:
        until_kept(fs)
        assert store(fs, "listings_damaged") == 0
    forget_calls(own)
    fs = begin(**LONG)
    assert lasting(walk(fs)) == lasting(seen)
    assert calls(own) == {}


def test_what_is_forgotten_is_not_remembered(begin, own):
    fill(begin, own)
    fs = begin(**LONG)
    os.listdir(fs.root / "team")
    assert calls(own) == {}
    fs.process.send_signal(signal.SIGHUP)
    until(lambda: fs.log_lines("forgotten"), "SIGHUP is heeded")
    own.push("team", tag="new")
    until(lambda: "new" in os.listdir(fs.root / "team"), "ECR is asked, when the kernel has forgotten, too")
    assert calls(own)["DescribeImages"] >= 1


def test_the_root_does_not_wait_for_the_disk(begin, own):
    fill(begin, own)
    fs = begin(**LONG)
    os.stat(fs.root)
    assert os.listdir(fs.point) == [ACCOUNT]
    assert store(fs, "listings_read") == 0


def test_default_is_known_offline(begin, own, mount, folder):
    """Whose `default` is was told in another life."""
    with mount("default", endpoint_url=own.endpoint, cache_dir=folder, max_attempts=1, **LONG) as fs:
        names = os.listdir(fs.point / "default")
        assert os.path.islink(fs.point / ACCOUNT) and os.listdir(fs.point / ACCOUNT) == names
        until_kept(fs)
    own.stop()
    fs = mount("default", endpoint_url=own.endpoint, cache_dir=folder, max_attempts=1, **OFFLINE)
    assert os.listdir(fs.point / "default") == names
    assert os.path.islink(fs.point / ACCOUNT) and os.listdir(fs.point / ACCOUNT) == names


def test_a_shared_directory_is_not_believed(begin, own, folder):
    """What a tag means cannot be proved: others could have made it up."""
    folder.mkdir()
    folder.chmod(0o777)
    with begin(**LONG, cache_dir_shared=True) as fs:
        seen = walk(fs)
        until_kept(fs)
    assert listing_files(folder) == []
    forget_calls(own)
    fs = begin(**LONG, cache_dir_shared=True)
    assert lasting(walk(fs)) == lasting(seen)
    assert set(calls(own)) <= LISTINGS and calls(own)["DescribeRepositories"] == 1


def test_kill_minus_nine_leaves_what_was_complete(begin, own, mount):
    fs = begin(**LONG)
    seen = walk(fs)
    until_kept(fs)
    fs.process.kill()
    fs.process.wait()
    fs.clean_up()
    mount.all.remove(fs)
    forget_calls(own)
    fs = begin(**LONG)
    assert walk(fs) == seen
    assert calls(own) == {}


def test_an_unmount_right_after_loses_nothing(begin, own):
    with begin(**LONG) as fs:
        names = os.listdir(fs.root / "team")
    forget_calls(own)
    fs = begin(**LONG)
    assert os.listdir(fs.root / "team") == names
    assert calls(own) == {}


def test_little_memory_remembers_again(begin, own):
    """What was driven out of memory is remembered, not asked for."""
    fill(begin, own)
    fs = begin(**LONG, cache_size="1")
    for _ in range(3):
        subprocess.run(["find", fs.root, "-name", "digest"], check=True, stdout=subprocess.DEVNULL)
    assert calls(own) == {}
