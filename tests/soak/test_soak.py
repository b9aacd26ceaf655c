"""After an hour of everything, the daemon is as large as in the fifth minute, and nobody was told anything wrong."""

import hashlib
import os
import pathlib
import random
import time

from integration.checks import errno_of, read, until, wait_quiet
from integration.expected import images, tree, tree_of
from integration.kernel import drop_caches
from integration.mount import is_sanitized

from . import health
from .conftest import MINUTES
from .registry import Registry
from .tools import Tools
from .trouble import Trouble, begin_failures
from .workers import Workers

TABLE = os.environ.get("ECRFS_SOAK_TABLE")
COMPARABLE = 16  # minutes: less is no proof that nothing grows
USERS = 4
# Everything is asked for again and again, and the cache is full all the time.
OPTIONS = {"ttl": "5s", "negative_ttl": "1s", "digest_ttl": "1m", "stale_after": "300ms", "read_timeout": "2s",
           "cache_size": "4M"}
SETTLES_S = 5  # after the kernel has forgotten, memory is given back within two timers of 2 s
RSS_LIMIT_KIB = 32 << 10


def settled(server, fs, minute):
    """A sample in the state that all samples share: nothing is under way, the kernel holds no inode, free memory is
    given back, and those connections are open that two questions need: they have cleared away what the server closed."""
    wait_quiet(server)
    drop_caches(2)
    server.close_connections(politely=True)
    for number in range(2):
        time.sleep(SETTLES_S / 2)
        errno_of(os.stat, fs.root / f"settled{minute}.{number}")
        wait_quiet(server)
    server.reset()
    return health.take(fs, minute)


def soak(server, fs, registry):
    """(samples, complaints)"""
    started, samples = time.monotonic(), []
    trouble = Trouble(server, registry)
    users = [Tools(fs.root, registry, random.Random(number)).run for number in range(USERS)]
    with Workers([trouble.run, *users]) as workers:
        while not samples or samples[-1].minute < MINUTES:
            due = started + (len(samples) + 1) * min(60, MINUTES * 60 / 3)
            time.sleep(max(0, due - time.monotonic()))
            with workers.paused():
                samples.append(settled(server, fs, (time.monotonic() - started) / 60))
            print(f"{samples[-1]}, {workers.done} jobs", flush=True)
            assert not workers.complaints, "\n".join(workers.complaints[:100])
    assert not workers.complaints, "\n".join(workers.complaints[:100])
    return samples


def shows_images(server, fs):
    """Whether each tag's bytes are those of the image that it means: a tag that moved in the last moment before the
    failures ended may mean the image before for a `ttl` more."""
    return all(f"sha256:{hashlib.sha256(read(fs.manifest(image.repository, image.tag))).hexdigest()}" == image.digest
               for image in images(server))


def agrees(server, fs):
    """Whether the mount shows what the server has."""
    return (errno_of(os.listdir, fs.root) is None and tree_of(fs.root) == tree(server)
            and shows_images(server, fs))


def test_soak(server, mount):
    registry = Registry(server)
    fs = mount(**OPTIONS)
    begin_failures(server)
    samples = soak(server, fs, registry)
    if TABLE:
        pathlib.Path(TABLE).write_text(health.table(samples))

    server.clear_faults()
    until(lambda: agrees(server, fs), "all is as the server has it", timeout_s=60)
    assert len({sample.threads for sample in samples}) == 1
    assert max(sample.rss_kib for sample in samples) < RSS_LIMIT_KIB or is_sanitized()
    if MINUTES >= COMPARABLE:
        for name in ("rss_kib", "descriptors"):
            early, late = health.growth(samples, name)
            print(f"{name}: {early} around minute 5, {late} at the end", flush=True)
            assert late <= early * health.MORE, f"{name} grew from {early} to {late}"
    fs.stop()
