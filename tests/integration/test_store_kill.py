"""kill -9 at random moments of a cold scan: what is on disk then is whole, each time."""

import hashlib
import os
import random
import time

from .checks import forget_calls
from .stored import REPOSITORY, blobs, expected, pull_calls, read_all, store

COUNT = 1000
KILLS = int(os.environ.get("ECRFS_KILLS", 10))


def kill(mount, fs):
    fs.process.kill()
    fs.clean_up()
    mount.all.remove(fs)  # it has not ended well


def scan_until(mount, folder, more, pause_s):
    """A scan that is killed when so many more blobs are there, or at its end. How many were written."""
    before = len(blobs(folder)) if folder.exists() else 0
    fs = mount(cache_dir=folder, ttl="1h")
    scan = fs.start("grep", "-rlF", "schemaVersion", fs.root / REPOSITORY)
    while scan.poll() is None and (not folder.exists() or len(blobs(folder)) < before + more):
        pass
    time.sleep(pause_s)
    kill(mount, fs)
    return len(blobs(folder)) - before


def assert_whole(mount, folder):
    for path in blobs(folder):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    assert mount.run("--fsck", folder).returncode == 0


def test_what_is_on_disk_after_a_kill_is_whole(server, patient_mount, tmp_path):
    mount, folder, chance = patient_mount, tmp_path / "cache", random.Random(5)
    server.seed(repository=REPOSITORY, tags=COUNT)
    written = 0
    for _ in range(KILLS):
        written += scan_until(mount, folder, chance.randrange(1, 300), chance.uniform(0, 0.02))
        assert_whole(mount, folder)
        if len(blobs(folder)) > COUNT // 2:
            for path in blobs(folder):
                path.unlink()
    assert written >= 10 * KILLS
    with mount(cache_dir=folder, ttl="1h") as fs:
        assert read_all(fs) == expected(server)
        assert store(fs)["damaged"] == 0
    forget_calls(server)
    fs = mount(cache_dir=folder, ttl="1h")
    assert read_all(fs) == expected(server)
    assert pull_calls(server) == 0
