"""Fixtures: the local ECR server in its first state, and mounts of it that are always ended."""

import os
import pathlib
import subprocess

import pytest

from ecr_server.client import ACCOUNT, EcrServer
from ecr_server.settings import DEFAULTS

from . import kernel
from .checked import Checked
from .mount import ECRFS, KEYS, Mounts
from .namespace import Namespace
from .tls import make_certificate


def pytest_sessionstart(session):
    if not os.access(ECRFS, os.X_OK):
        pytest.exit(f"there is no program {ECRFS}; build it, or set ECRFS", returncode=1)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Show with a failed test what its daemons logged."""
    report = (yield).get_result()
    mounts = getattr(item, "funcargs", {}).get("mount")
    if report.failed and mounts:
        for mounted in mounts.all:
            log = "\n".join(mounted.log.splitlines()[-200:])
            report.sections.append((f"log of ecrfs at {mounted.point.name}", log))


@pytest.fixture(scope="session")
def process():
    """One server process for all tests of a file; `server` puts it back to its first state each time."""
    with EcrServer(preset="sample") as running:
        yield running


@pytest.fixture
def server(process):
    process.config(**DEFAULTS)
    process.clear_faults()
    process.seed(clear=True, preset="mixed")
    process.reset()
    return process


@pytest.fixture
def mount(server, tmp_path):
    """A function that mounts the server's registry: mount(ttl="1h"). See Mounts."""
    mounts = Mounts(tmp_path, server.endpoint)
    yield mounts
    mounts.close()


@pytest.fixture
def patient_mount(server, tmp_path):
    """As `mount`, for tests that take minutes."""
    directory = tmp_path / "patient"
    directory.mkdir()
    mounts = Mounts(directory, server.endpoint, limit_s=1200)
    yield mounts
    mounts.close()


@pytest.fixture(scope="module")
def namespace(tmp_path_factory):
    """A Namespace for all tests of a file; `inside` cleans it after each."""
    with Namespace(tmp_path_factory.mktemp("namespace")) as made:
        yield made


@pytest.fixture
def inside(namespace):
    yield namespace
    namespace.clean()


@pytest.fixture
def pull_only(server, mount):
    """A mount under AWS's managed policy PullOnly: it may pull, and import by that; neither List nor Describe."""
    server.config(policy="PullOnly")
    return mount(ttl="1h", negative_ttl="1h", max_attempts=1)


@pytest.fixture
def check(server, mount):
    """A function that runs --check. Whatever it finds, it pulls nothing, mounts nothing and tells no secret."""
    done = []

    def run(*arguments, environment=KEYS, prefix=(), **options):
        done.append(Checked(mount, arguments or (ACCOUNT,), options,
                            {"AWS_ENDPOINT_URL_STS": server.endpoint, **environment}, prefix))
        for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            secret = environment.get(name)
            assert not secret or (secret not in done[-1].text and secret not in done[-1].json)
        return done[-1]
    yield run
    assert done
    assert server.stats()["manifests_served"] == {}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """(certificate, key) of a server at 127.0.0.1."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def fuse_requests(mount, tmp_path):
    """A function that counts the FUSE requests of a mount from now on."""
    tracefs, counting = pathlib.Path("/sys/kernel/tracing"), []
    own = not os.path.exists(tracefs / "events")
    if own:
        tracefs = tmp_path / "tracefs"
        tracefs.mkdir()
        if subprocess.run(["mount", "-t", "tracefs", "nodev", tracefs], capture_output=True).returncode:
            pytest.skip("tracefs cannot be mounted here, so FUSE requests cannot be counted")

    def start(mounted):
        counting.append(kernel.FuseRequests(tracefs, mounted))
        return counting[-1]
    try:
        yield start
    finally:
        for requests in counting:
            requests.close()
        if own:
            subprocess.run(["umount", tracefs], check=True)


@pytest.fixture
def loose(tmp_path):
    """A directory for copies of the mount; read-only directories in it are made removable at the end."""
    directory = tmp_path / "copies"
    directory.mkdir()
    yield directory
    subprocess.run(["chmod", "-R", "u+w", "--", directory], check=True)
