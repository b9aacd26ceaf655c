"""ecrfs --prefetch: a cache directory is filled without a mount, and a mount then needs nobody for it."""

import contextlib
import hashlib
import json
import os
import pty
import shutil
import signal
import subprocess

import pytest

from ecr_server.client import ACCOUNT, EcrServer

from .checks import calls, errno_of, forget_calls, metrics, read, run, until
from .expected import tree_of
from .mount import ECRFS, KEYS
from .stored import REPOSITORY, blobs, expected, read_all, store
from .test_remembered import OFFLINE

COUNT = 250
COMPLETE, USAGE, SYSTEM, MISSING, INTERRUPTED = range(5)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def own():
    """A server of this test alone, with nothing that cannot be fetched."""
    with EcrServer() as server:
        server.delete_image("cold/storage", tag="frozen")
        yield server


def options_of(server, folder, **options):
    words = {"region": "us-east-1", "endpoint_url": server.endpoint, "cache_dir": folder, "max_attempts": 1, **options}
    return ",".join(f"{name}={value}" if value is not True else name for name, value in words.items())


@pytest.fixture
def prefetch(mount, folder):
    """A function that runs ecrfs --prefetch to its end."""
    def prefetch_from(server, *what, code=COMPLETE, **options):
        done = mount.run("--prefetch", *(what or [ACCOUNT]), "-o", options_of(server, folder, **options))
        assert done.returncode == code, (done.stdout, done.stderr)
        return done
    return prefetch_from


def begin(mount, server, folder, **options):
    return mount(endpoint_url=server.endpoint, cache_dir=folder, max_attempts=1, **options)


def only_listings(server):
    return set(calls(server)) <= {"DescribeRepositories", "DescribeImages"}


def test_a_mount_then_asks_nobody(own, mount, folder, prefetch):
    own.seed(repository=REPOSITORY, tags=COUNT)
    prefetch(own)
    forget_calls(own)
    fs = begin(mount, own, folder, ttl="1h")
    assert read_all(fs) == expected(own)
    run("ls", "-R", fs.root)
    assert calls(own) == {}


def test_all_can_be_read_without_a_server(own, mount, folder, prefetch):
    with mount(endpoint_url=own.endpoint) as fs:
        everything = tree_of(fs.root)
        names = {path.relative_to(fs.root): read(path) for path in fs.root.rglob("manifest.json")
                 if path.is_file()}
    prefetch(own)
    own.stop()
    fs = begin(mount, own, folder, **OFFLINE)
    assert tree_of(fs.root) == everything
    assert {path: read(fs.root / path) for path in names} == names
    platforms = fs.tag("tools/multiarch", "latest") / "platforms"
    assert {name: read(platforms / name / "manifest.json")[:1] for name in os.listdir(platforms)} == {
        name: b"{" for name in ("linux-amd64", "linux-arm64-v8", "linux-arm-v7")}


def test_calls_are_full(own, prefetch):
    own.seed(repository=REPOSITORY, tags=1000)
    forget_calls(own)
    done = prefetch(own, f"{ACCOUNT}/{REPOSITORY}")
    assert calls(own)["BatchGetImage"] == 10
    assert "1000 images: 1000 fetched, 0 were there" in done.stdout


def test_the_second_time_only_listings_are_asked_for(own, folder, prefetch):
    own.seed(repository=REPOSITORY, tags=COUNT)
    first = prefetch(own)
    number = len(blobs(folder))
    forget_calls(own)
    second = prefetch(own)
    assert only_listings(own) and len(blobs(folder)) == number
    assert " 0 were there" in first.stdout and " 0 fetched" in second.stdout


def test_what_is_not_there_is_fetched_and_nothing_else(own, folder, prefetch):
    own.seed(repository=REPOSITORY, tags=COUNT)
    prefetch(own, f"{ACCOUNT}/{REPOSITORY}")
    for path in blobs(folder)[:20]:
        path.unlink()
    blobs(folder)[0].write_bytes(b"damaged")
    done = prefetch(own, f"{ACCOUNT}/{REPOSITORY}")
    assert f"21 fetched, {COUNT - 21} were there" in done.stdout


def test_a_namespace_or_a_repository_alone(own, folder, prefetch):
    done = prefetch(own, f"{ACCOUNT}/team")
    below = {repository for repository in own.tree()[ACCOUNT] if f"{repository}/".startswith("team/")}
    assert done.stdout.startswith(f"{len(below)} repositories, ") and len(below) > 1
    shutil.rmtree(folder)
    done = prefetch(own, f"{ACCOUNT}/team/app/deep/nested/name")
    assert done.stdout.startswith("1 repositories, 1 images: 1 fetched")
    done = prefetch(own, f"{ACCOUNT}/nobody/here", code=MISSING)
    assert f"missing: {ACCOUNT}/nobody/here: " in done.stderr


def test_children_of_an_index_are_fetched(own, folder, prefetch):
    prefetch(own, f"{ACCOUNT}/tools/multiarch")
    there = {path.name for path in blobs(folder)}
    indexes = {digest for tag, digest in own.tree()[ACCOUNT]["tools/multiarch"].items()}
    assert len(there) > len(indexes) and {digest.removeprefix("sha256:") for digest in indexes} <= there


def test_what_is_denied_is_named(own, prefetch):
    own.config(deny=[{"action": "ecr:BatchGetImage", "repository": "team/app"}])
    done = prefetch(own, code=MISSING)
    assert f"ecrfs: missing: {ACCOUNT}/team/app@sha256:" in done.stderr and "missing" in done.stdout
    assert f"{ACCOUNT}/team@" not in done.stderr
    own.config(deny=[{"action": "ecr:DescribeImages", "repository": "team/app"},
                     {"action": "ecr:ListImages", "repository": "team/app"}])
    assert f"ecrfs: missing: {ACCOUNT}/team/app: its images: " in prefetch(own, code=MISSING).stderr
    own.config(deny=[])
    prefetch(own)


def test_who_may_not_list_repositories_names_one(own, prefetch):
    own.config(deny=[{"action": "ecr:DescribeRepositories"}])
    done = prefetch(own, code=MISSING)
    assert f"ecrfs: missing: {ACCOUNT}: its repositories: " in done.stderr
    assert "1 repositories, " in prefetch(own, f"{ACCOUNT}/team/app").stdout


def test_without_a_server_nothing_is_there(own, prefetch):
    own.stop()
    assert f"{ACCOUNT}: its repositories: " in prefetch(own, code=MISSING).stderr


def test_archived_images_are_not_missing(own, folder, prefetch):
    own.archive("team", tag="v1")
    assert "; 1 archived" in prefetch(own, f"{ACCOUNT}/team").stdout


def test_images_without_tags_are_fetched_where_they_are_shown(own, folder, prefetch):
    prefetch(own, f"{ACCOUNT}/team")
    few = len(blobs(folder))
    own.push("team/app", manifest=own.manifest("team", tag="v1").decode().replace("{", "{ ", 1))
    prefetch(own, f"{ACCOUNT}/team")
    assert len(blobs(folder)) == few
    prefetch(own, f"{ACCOUNT}/team", show="untagged")
    assert len(blobs(folder)) > few


def test_configurations_are_fetched_where_they_are_shown(own, mount, folder, prefetch):
    prefetch(own, f"{ACCOUNT}/team", show="config")
    own.stop()
    fs = begin(mount, own, folder, show="config", **OFFLINE)
    for tag in ("v3", "v6"):
        digest = json.loads(fs.read("team/app", tag))["config"]["digest"]
        assert "sha256:" + hashlib.sha256(read(fs.tag("team/app", tag) / "config.json")).hexdigest() == digest


def test_a_configuration_that_is_missing_is_named(own, prefetch):
    own.config(deny=[{"action": "ecr:GetDownloadUrlForLayer", "repository": "team/app"}])
    assert f"ecrfs: missing: {ACCOUNT}/team/app@sha256:" in prefetch(own, show="config", code=MISSING).stderr


def test_a_store_that_is_too_small_is_said(own, prefetch):
    own.seed(repository=REPOSITORY, tags=COUNT)
    assert "cache_dir_size is too small" in prefetch(own, cache_dir_size="200K", code=MISSING).stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_the_next_run_goes_on(own, mount, folder, prefetch, number):
    own.seed(repository=REPOSITORY, tags=COUNT)
    own.fault("hold", operation="BatchGetImage", after=1)
    process = subprocess.Popen([ECRFS, "--prefetch", ACCOUNT, "-o", options_of(own, folder, max_connections=1)],
                               env=mount.environment(KEYS), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with contextlib.closing(process.stdout), contextlib.closing(process.stderr):
        try:
            until(lambda: own.stats()["held"] and blobs(folder), "some is there", 30)
            process.send_signal(number)
            assert process.wait(30) == INTERRUPTED
        finally:
            process.kill()
            process.wait()
        assert "interrupted: run this again" in process.stderr.read()
    own.release()
    own.clear_faults()
    number = len(blobs(folder))
    done = prefetch(own)
    assert f"{number} were there" in done.stdout
    assert mount.run("--fsck", folder).returncode == 0


def shown_on_a_terminal(mount, server, folder):
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run([ECRFS, "--prefetch", ACCOUNT, "-o", options_of(server, folder)], timeout=60,
                              stdin=subprocess.DEVNULL, stdout=theirs, env=mount.environment(KEYS))
        shown = os.read(ours, 1 << 16).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == COMPLETE
    return shown


def test_on_a_terminal_there_is_a_bar_and_else_there_is_none(own, mount, folder, prefetch):
    own.fault("delay", operation="BatchGetImage", ms=300)
    shown = shown_on_a_terminal(mount, own, folder)
    assert "\r[" in shown and " images, " in shown and " calls, " in shown
    plain = prefetch(own).stdout
    assert plain.count("\n") == 1 and "[" not in plain and "\r" not in plain


@pytest.mark.parametrize("arguments, why", [
    (["default"], "give -o cache_dir=DIR"),
    (["-o", "cache_dir=x,nopull"], "nopull"),
    (["default", "mnt", "-o", "cache_dir=x"], "no mount point"),
    (["default/UPPER", "-o", "cache_dir=x"], "name of a repository"),
    (["000000000001,000000000002/team", "-o", "cache_dir=x"], "one registry"),
    (["--check", "-o", "cache_dir=x"], "--prefetch"),
])
def test_wrong_usage(mount, arguments, why, tmp_path):
    done = mount.run("--prefetch", *arguments, cwd=tmp_path)
    assert done.returncode == USAGE and why in done.stderr and not list(tmp_path.glob("x"))


def test_a_directory_that_cannot_be_used(own, folder, prefetch):
    folder.mkdir()
    folder.chmod(0o777)
    assert "cache_dir: " in prefetch(own, code=SYSTEM).stderr


def test_a_mount_may_use_it_meanwhile(own, mount, folder, prefetch):
    own.seed(repository=REPOSITORY, tags=COUNT)
    fs = begin(mount, own, folder)
    prefetch(own)
    assert read_all(fs) == expected(own)
    assert store(fs)["damaged"] == 0 and metrics(fs)["ecrfs_pulls_total"] == 0
    assert errno_of(os.stat, fs.root / "team/never") == "ENOENT"
