"""A home directory that hangs: who needs nothing of it goes on, who does waits for it, and all is well when it answers."""

import concurrent.futures
import os

import pytest

from ecr_server.client import ACCESS_KEY, SECRET_KEY

from .checked import NETWORK
from .checks import errno_of, until
from .mount import KEYS
from .stalling import StallingDirectory

REPOSITORY = "cluster-autoscaler"
CREDENTIALS = f"[default]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n"


@pytest.fixture
def home(mount, tmp_path):
    """It is there before the mount, which waits for it when it ends: so it ends last."""
    with StallingDirectory(tmp_path) as home:
        home.write(".aws/config", "[default]\n")
        home.write(".aws/credentials", CREDENTIALS)
        yield home
        home.go_on()
        for mounted in mount.all:
            mounted.stop()


def at(home, **more):
    return {"HOME": str(home.point), **more}


def test_who_has_keys_and_region_goes_on(server, mount, home):
    home.stall()
    fs = mount(environment=at(home, **KEYS), ttl="0")
    for _ in range(20):
        assert REPOSITORY in os.listdir(fs.root)
    assert len(fs.log_lines("is not read after 1 s", str(home.point))) == 1
    assert home.opened() == ["/.aws/credentials"]  # one of the disk pool's threads


def test_many_who_need_it_cost_one_thread_and_are_answered_when_it_answers(server, mount, home):
    home.stall()
    fs = mount(environment=at(home), timeout="60s")
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(os.listdir, fs.root) for _ in range(20)]
        until(lambda: fs.log_lines("is not read after 1 s"), "the home directory is slow")
        assert home.opened() == ["/.aws/credentials"]
        assert server.calls() == 0
        home.go_on()
        assert all(future.result() for future in waiting)


def test_who_needs_it_is_told_and_recovers_by_itself(server, mount, home):
    home.stall()
    fs = mount(environment=at(home), timeout="500ms")
    assert errno_of(os.listdir, fs.root) == "ETIMEDOUT"
    assert errno_of(os.listdir, fs.root) == "ETIMEDOUT"
    assert home.opened() == ["/.aws/credentials"]
    home.go_on()
    until(lambda: errno_of(os.listdir, fs.root) is None, "the home directory counts again")
    assert REPOSITORY in os.listdir(fs.root)


def test_it_may_hang_later(server, mount, home):
    """What was read once is known."""
    fs = mount(environment=at(home), ttl="0")
    assert REPOSITORY in os.listdir(fs.root)
    read = len(home.opened())
    home.stall()
    assert fs.read(REPOSITORY, "v1.13.6")
    assert len(home.opened()) == read


def test_settings_of_the_profile_count_as_soon_as_they_can_be_read(server, mount, home):
    """The endpoint is the profile's alone; without it AWS's own would be asked, which nobody can reach from here."""
    home.write(".aws/config", f"[default]\nendpoint_url = {server.endpoint}\n")
    home.stall()
    fs = mount(environment=at(home, **KEYS, https_proxy="http://127.0.0.1:1"), endpoint_url=None, max_attempts=1,
               negative_ttl="0")
    assert errno_of(os.listdir, fs.root) == "ECONNREFUSED"
    home.go_on()
    until(lambda: errno_of(os.listdir, fs.root) is None, "the endpoint of the profile is asked")
    assert server.calls()


def test_a_check_says_that_it_hangs(check, tmp_path):
    """A FIFO that nobody writes to: a process whose file system hangs could not end."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    found = check(environment={"AWS_SHARED_CREDENTIALS_FILE": str(fifo)}, timeout="1500ms")
    assert (found.code, found.failures()) == (NETWORK, ["credentials"])
    assert "fifo is not read after 1 s" in found.of("credentials")["why"]
    assert "file system" in found.of("credentials")["remedy"]
    assert found.of("endpoint")["result"] == "ok"
