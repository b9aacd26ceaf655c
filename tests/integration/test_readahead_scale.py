"""10,000 manifests: what a walk through all of them costs, to the call."""

import pytest

from ecr_server.client import EcrServer

from .checks import calls, run
from .mount import Mounts
from .walks import assert_each_once, batches, listing_calls

COUNT, FULL = 10_000, 100
WALKS = {
    "grep -r": "grep -rlF schemaVersion . | wc -l",
    "tar": "tar cf - . | wc -c",
    "find -size": "find . -name manifest.json -size +1k | wc -l",
    "rsync": "rsync -a ./ {copy}/",
}


@pytest.fixture(scope="module")
def registry():
    with EcrServer(preset="sample", verify=False) as server:
        server.seed(repository="big/one", tags=COUNT)
        server.seed(repositories=COUNT // FULL, tags=FULL)
        yield server


@pytest.fixture
def mount(registry, tmp_path):
    registry.reset()
    mounts = Mounts(tmp_path, registry.endpoint)
    yield mounts
    mounts.close()


def walk(mount, tmp_path, directory, script):
    fs = mount(ttl="1h", timeout="1m")
    (tmp_path / "copy").mkdir()
    run("bash", "-c", script.format(copy=tmp_path / "copy"), cwd=fs.root / directory)
    run("chmod", "-R", "u+w", tmp_path / "copy")


@pytest.mark.parametrize("script", WALKS.values(), ids=WALKS)
def test_one_repository(registry, mount, tmp_path, script):
    walk(mount, tmp_path, "big/one", script)
    assert_each_once(registry, COUNT)
    assert COUNT // FULL <= len(batches(registry)) <= COUNT // FULL + 3
    assert listing_calls(registry) <= 1 + COUNT // 1000 + 1


@pytest.mark.parametrize("script", WALKS.values(), ids=WALKS)
def test_a_hundred_repositories(registry, mount, tmp_path, script):
    walk(mount, tmp_path, "bulk", script)
    assert_each_once(registry, COUNT)
    assert sum(calls(registry).values()) <= 1 + 100 + 100 + 5


def test_several_threads(registry, mount, tmp_path):
    """They jump while they list."""
    walk(mount, tmp_path, "big/one", "rg -uuulF -j4 schemaVersion . | wc -l")
    assert_each_once(registry, COUNT)
    assert len(batches(registry)) <= COUNT // FULL + 5
