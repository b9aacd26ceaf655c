"""The cache directory as tests see it: filled, looked into, and its figures."""

import os

from ecr_server.client import ACCOUNT

from .checks import calls, forget_calls, metrics, read, until

REPOSITORY = "big/one"


def tags(server, repository=REPOSITORY):
    """{tag: digest}."""
    return server.tree(account=ACCOUNT)[ACCOUNT][repository]


def expected(server, repository=REPOSITORY):
    """{tag: bytes}."""
    return {tag: server.manifest(repository, digest=digest) for tag, digest in tags(server, repository).items()}


def read_all(fs, repository=REPOSITORY):
    """{tag: bytes}, read in the order of the listing."""
    directory = fs.root / repository
    return {tag: read(directory / tag / "manifest.json") for tag in os.listdir(directory)}


def store(fs):
    """{figure: value} of the store's metrics."""
    return {name.removeprefix("ecrfs_store_").removesuffix("_total"): value
            for name, value in metrics(fs).items() if name.startswith("ecrfs_store_")}


def until_written(fs, count):
    until(lambda: sum(store(fs)[name] for name in ("written", "skipped", "late")) >= count, f"{count} are kept", 30)
    assert store(fs)["written"] >= count, store(fs)


def fill(server, mount, folder, repository=REPOSITORY, **options):
    """A mount reads all of a repository, and ends: then it is on disk. The server's counters are zero again."""
    with mount(cache_dir=folder, ttl="1h", **options) as fs:
        assert read_all(fs, repository) == expected(server, repository)
        until_written(fs, len(set(tags(server, repository).values())))
    forget_calls(server)


def blob(folder, digest):
    return folder / "blobs/sha256" / digest.removeprefix("sha256:")


def blobs(folder):
    return sorted((folder / "blobs/sha256").iterdir())


def pull_calls(server):
    return calls(server).get("BatchGetImage", 0)


def pulled_digests(server, repository=REPOSITORY):
    """{digest: number} of what was handed out in a repository."""
    calls(server)
    start = f"{ACCOUNT}/{repository}@"
    return {name.removeprefix(start): number for name, number in server.stats()["manifests_served"].items()
            if name.startswith(start)}
