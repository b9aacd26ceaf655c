"""cache_dir: what was fetched once is there after a restart, and for other mounts."""

import hashlib
import os
import signal
import stat
import subprocess
import threading

import pytest

from ecr_server.client import ACCOUNT, EcrServer

from .checks import calls, errno_of, forget_calls, free_port, metrics, read, run, until
from .stored import (REPOSITORY, blob, blobs, expected, fill, pull_calls, read_all, store, tags, until_written)

COUNT = 300
GREP = ("grep", "-rlF", "schemaVersion", ".")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def one(server):
    server.seed(repository=REPOSITORY, tags=COUNT)
    return server


def test_after_a_restart_nothing_is_pulled(one, mount, folder):
    fill(one, mount, folder)
    fs = mount(cache_dir=folder, ttl="1h")
    assert read_all(fs) == expected(one)
    assert pull_calls(one) == 0
    figures = store(fs)
    assert figures["hits"] >= COUNT
    assert figures["misses"] == figures["damaged"] == figures["written"] == figures["errors"] == 0
    assert metrics(fs)["ecrfs_pulls_total"] == metrics(fs)["ecrfs_image_ids_fetched_total"] == 0


def test_programs_see_the_same_tree_after_a_restart(one, mount, folder, loose):
    fill(one, mount, folder)
    for tag, data in expected(one).items():
        (loose / tag).mkdir()
        (loose / tag / "manifest.json").write_bytes(data)
    fs = mount(cache_dir=folder, ttl="1h")
    run("diff", "-r", "-x", "digest", "-x", "image.json", loose, fs.root / REPOSITORY)
    assert pull_calls(one) == 0


def test_the_folder_is_an_oci_image_layout_for_its_owner_alone(one, mount, folder):
    fill(one, mount, folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert (folder / "oci-layout").read_text() == '{"imageLayoutVersion":"1.0.0"}\n'
    assert '"manifests":[]' in (folder / "index.json").read_text()
    assert {path.name for path in blobs(folder)} == {digest.removeprefix("sha256:") for digest in tags(one).values()}
    assert os.listdir(folder / "tmp") == []


def test_a_scan_with_an_empty_store_takes_as_few_calls(server, mount, folder):
    server.seed(repository=REPOSITORY, tags=1000)
    with mount(ttl="1h") as fs:
        run(*GREP, cwd=fs.root / REPOSITORY)
    without = pull_calls(server)
    forget_calls(server)
    with mount(cache_dir=folder, ttl="1h") as fs:
        run(*GREP, cwd=fs.root / REPOSITORY)
        assert abs(pull_calls(server) - without) <= 2
        assert metrics(fs)["ecrfs_pulls_total"] == 1000


def test_nopull_shows_what_is_on_disk(one, mount, folder):
    here, there = sorted(tags(one))[0], sorted(tags(one))[-1]
    with mount(cache_dir=folder, readahead="off") as fs:
        data = fs.read(REPOSITORY, here)
    forget_calls(one)
    fs = mount(cache_dir=folder, nopull=True)
    assert fs.read(REPOSITORY, here) == data
    assert fs.manifest(REPOSITORY, here).stat().st_size == len(data)
    assert errno_of(fs.read, REPOSITORY, there) == "EPERM"
    assert errno_of(os.stat, fs.manifest(REPOSITORY, there)) == "EPERM"
    assert pull_calls(one) == 0


def configurations(fs, tags):
    return {tag: read(fs.tag("team/app", tag) / "config.json") for tag in tags}


@pytest.fixture
def configured(server, mount, folder):
    """{tag: config.json} of some images, which are on disk."""
    with mount(cache_dir=folder, readahead="off") as fs:
        run("ls", "-R", fs.root / "team")
        data = configurations(fs, ["v3", "v6"])
        until_written(fs, 4)
        until(lambda: store(fs)["listings_written"] >= 1, "what the tags stand for is written")
    forget_calls(server)
    return data


def nothing_was_fetched(server):
    made, downloads = calls(server), server.stats()["blob_downloads"]
    return "GetDownloadUrlForLayer" not in made and "BatchGetImage" not in made and downloads == {}


def test_configurations_are_there_after_a_restart(server, mount, folder, configured):
    fs = mount(cache_dir=folder)
    assert configurations(fs, configured) == configured
    assert nothing_was_fetched(server)
    assert store(fs)["hits"] >= 2 * len(configured)


def test_a_damaged_configuration_is_fetched_again(server, mount, folder, configured):
    for data in configured.values():
        path = blob(folder, hashlib.sha256(data).hexdigest())
        path.write_bytes(path.read_bytes()[:-1] + b"!")
    fs = mount(cache_dir=folder)
    assert configurations(fs, configured) == configured
    assert store(fs)["damaged"] == len(configured)
    assert calls(server)["GetDownloadUrlForLayer"] == len(configured)


def test_nopull_shows_configurations_that_are_on_disk(server, mount, folder, configured):
    path = next(path for path in folder.glob("blobs/sha256/*") if path.read_bytes() == configured["v3"])
    path.unlink()
    fs = mount(cache_dir=folder, nopull=True)
    assert configurations(fs, ["v6"]) == {"v6": configured["v6"]}
    assert errno_of(read, fs.tag("team/app", "v3") / "config.json") == "EPERM"
    assert nothing_was_fetched(server)


def test_a_tag_that_was_pulled_is_kept_too(server, mount, folder):
    """Its bytes, and what it stands for."""
    server.config(policy="PullOnly")
    with mount(cache_dir=folder, max_attempts=1) as fs:
        assert fs.read("team", "v1") == server.manifest("team", tag="v1")
        until(lambda: store(fs)["written"] == 1, "it is written")
        until(lambda: store(fs)["listings_written"] >= 1, "its tag is written")
    forget_calls(server)
    fs = mount(cache_dir=folder, max_attempts=1, ttl="1h")
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    assert pull_calls(server) == 0


def test_sizes_outlive_their_bytes(one, mount, folder):
    fill(one, mount, folder)
    for path in blobs(folder):
        path.unlink()
    fs = mount(cache_dir=folder, ttl="1h")
    sizes = {tag: fs.manifest(REPOSITORY, tag).stat().st_size for tag in os.listdir(fs.root / REPOSITORY)}
    assert sizes == {tag: len(data) for tag, data in expected(one).items()}
    run("find", ".", "-name", "manifest.json", "-size", "+1k", cwd=fs.root / REPOSITORY)
    assert pull_calls(one) == 0
    assert read_all(fs) == expected(one)
    assert metrics(fs)["ecrfs_pulls_total"] == COUNT


def test_bytes_of_another_repository_prove_nothing(server, mount, folder):
    for repository in ("team/twin", "secret/twin"):
        server.push(repository, tag="v1", manifest=server.manifest("team", tag="v1").decode())
    server.config(deny=[{"action": "ecr:BatchGetImage", "repository": "secret/*"}])
    for _ in range(2):
        with mount(cache_dir=folder) as fs:
            assert fs.read("team", "v1") == fs.read("team/twin", "v1") == server.manifest("team", tag="v1")
            assert errno_of(fs.read, "secret/twin", "v1") == "EACCES"
            assert errno_of(os.stat, fs.manifest("secret/twin", "v1")) == "EACCES"
            until_written(fs, 2) if _ == 0 else None
    assert len(blobs(folder)) == 1


def test_what_is_older_than_digest_ttl_is_asked_for_again(server, mount, folder):
    with mount(cache_dir=folder) as fs:
        fs.read("team", "v1")
    forget_calls(server)
    with mount(cache_dir=folder, digest_ttl="0") as fs:
        assert fs.read("team", "v1") == server.manifest("team", tag="v1")
        assert pull_calls(server) >= 1
    digest = server.tree()[ACCOUNT]["team"]["v1"]
    server.delete_image("team", digest=digest)
    fs = mount(cache_dir=folder, digest_ttl="0")
    assert errno_of(fs.read, "team", f"sha256:{digest[7:]}") == "ENOENT"


def test_what_is_on_disk_is_shown_while_nobody_can_be_asked(mount, folder):
    with EcrServer(port=free_port()) as own:
        with mount(cache_dir=folder, endpoint_url=own.endpoint) as fs:
            data = fs.read("team", "v1")
        fs = mount(cache_dir=folder, endpoint_url=own.endpoint, ttl="1h", digest_ttl="0", max_attempts=1)
        os.listdir(fs.root / "team")
        digest = own.tree()[ACCOUNT]["team"]["v1"]
    assert data and digest
    assert fs.read("team", "v1") == data
    assert metrics(fs)["ecrfs_pulls_total"] == 0


def test_sighup_forgets_the_memory_and_not_the_disk(one, mount, folder):
    fill(one, mount, folder)
    fs = mount(cache_dir=folder, ttl="1h")
    read_all(fs)
    before, tag = store(fs)["hits"], sorted(tags(one))[0]
    fs.process.send_signal(signal.SIGHUP)
    until(lambda: fs.log_lines("is forgotten"), "it is logged")
    with open(fs.manifest(REPOSITORY, tag), "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # what the kernel has of it
        assert file.read() == expected(one)[tag]
    assert store(fs)["hits"] == before + 1
    assert pull_calls(one) == 0


def test_two_mounts_fill_and_use_one_folder_at_the_same_time(one, mount, folder):
    mounts = [mount(cache_dir=folder, ttl="1h") for _ in range(2)]
    found = [None, None]

    def scan(number):
        found[number] = read_all(mounts[number])
    threads = [threading.Thread(target=scan, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0] == found[1] == expected(one)
    until(lambda: len(blobs(folder)) == COUNT, "all is on disk")
    forget_calls(one)
    third = mount(cache_dir=folder, ttl="1h")
    assert read_all(third) == expected(one)
    assert pull_calls(one) == 0 and store(third)["damaged"] == 0


def test_the_size_of_the_folder_is_bounded(one, mount, folder):
    limit = 400 << 10  # 100 manifests, each in a block of 4 KiB
    with mount(cache_dir=folder, cache_dir_size="400K", ttl="1h") as fs:
        assert read_all(fs) == expected(one)
        until(lambda: store(fs)["evicted"] and store(fs)["bytes"] <= limit, "it was trimmed")
        until(lambda: 4096 * len(blobs(folder)) <= limit, "it is within its limit")
        assert store(fs)["evicted"] + len(blobs(folder)) >= COUNT
    forget_calls(one)
    fs = mount(cache_dir=folder, cache_dir_size="400K", ttl="1h")
    assert read_all(fs) == expected(one)
    assert store(fs)["damaged"] == 0 and 0 < metrics(fs)["ecrfs_pulls_total"] <= COUNT


def test_what_was_used_longest_ago_is_evicted_first(one, mount, folder):
    fill(one, mount, folder)
    old = set(list(tags(one).values())[:100])
    for digest in old:
        os.utime(blob(folder, digest), (1_000_000_000, 1_000_000_000))
    fs = mount(cache_dir=folder, cache_dir_size="1000K")
    until(lambda: store(fs)["evicted"], "it was trimmed")
    until(lambda: len(blobs(folder)) <= 225, "it is below the low-water mark")
    left = {f"sha256:{path.name}" for path in blobs(folder)}
    assert left >= set(tags(one).values()) - old
    assert len(left) >= 200


def test_using_a_blob_is_noted_an_hour_later(one, mount, folder):
    digest = tags(one)[sorted(tags(one))[0]]
    fill(one, mount, folder)
    os.utime(blob(folder, digest), (1_000_000_000, 1_000_000_000))
    fs = mount(cache_dir=folder)
    fs.read(REPOSITORY, sorted(tags(one))[0])
    about = blob(folder, digest).stat()
    assert about.st_atime > 1_700_000_000 and about.st_mtime == 1_000_000_000


def test_leftovers_of_a_crash_are_removed_when_they_are_old(server, mount, folder):
    (folder / "tmp").mkdir(parents=True, mode=0o700)
    folder.chmod(0o700)
    for name, seconds in (("old", 1_000_000_000), ("new", None)):
        (folder / "tmp" / name).write_bytes(b"half a manifest")
        if seconds:
            os.utime(folder / "tmp" / name, (seconds, seconds))
    mount(cache_dir=folder)
    until(lambda: os.listdir(folder / "tmp") == ["new"], "the old one is gone")


def test_the_status_shows_the_store(server, mount, folder):
    fs = mount(cache_dir=folder)
    text = read(fs.point / ".ecrfs/status").decode()
    assert f"cache_dir      {folder}\n" in text and "0 damaged" in text
    assert "cache_dir" not in read(mount().point / ".ecrfs/status").decode()


def test_a_relative_path_is_that_of_the_one_who_mounts(server, mount, tmp_path):
    point = mount.new_point()
    done = mount.run("-o", f"region=us-east-1,endpoint_url={server.endpoint},cache_dir=here", ACCOUNT, point,
                     cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "here/oci-layout").exists()
    subprocess.run(["fusermount3", "-u", point], check=True)
