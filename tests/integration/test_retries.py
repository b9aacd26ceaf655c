"""Attempts: which failures are tried again, how often, with what signature, and a clock that is wrong."""

import os
import re

import pytest

from ecr_server.client import ACCESS_KEY, ACCOUNT, SECRET_KEY

from .checks import api_error, calls, errno_of, forget_calls, metrics, until, wait_quiet
from .mount import KEYS

STATIC = {"ttl": "1h", "readahead": "off"}  # one call for each manifest, none for anything else
HOUR_S = 3600
THROTTLED = 40  # calls


PASSING = {
    "throttled": api_error("ThrottlingException"),
    "throttled by number": {"action": "html", "status": 429},
    "server error": api_error("ServerException"),
    "HTTP 502": {"action": "html", "status": 502},
    "HTTP 503": {"action": "html", "status": 503},
    "closed after the head": {"action": "close", "when": "after_headers"},
    "cut": {"action": "truncate"},
}


def throttled_for(ms):
    """An answer that asks for a wait."""
    body = '{"__type":"ThrottlingException","message":"Rate exceeded"}'
    return ("HTTP/1.1 400 Bad Request\r\nContent-Type: application/x-amz-json-1.1\r\n"
            f"x-amz-retry-after: {ms}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}")


def metric(fs, name, operation):
    """A counter of /.ecrfs/metrics."""
    return metrics(fs)[f'ecrfs_api_{name}_total{{operation="{operation}"}}']


def warm(server, fs, *repositories):
    """All is known but the bytes."""
    for repository in repositories or ["team"]:
        os.listdir(fs.root / repository)
    forget_calls(server)


@pytest.mark.parametrize("kind", PASSING)
def test_what_passes_is_tried_three_times(server, mount, kind):
    fs = mount(**STATIC)
    warm(server, fs)
    server.fault(operation="BatchGetImage", times=2, **PASSING[kind])
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    assert calls(server) == {"BatchGetImage": 3}
    assert metric(fs, "retries", "BatchGetImage") == 2
    assert metric(fs, "throttled", "BatchGetImage") == (2 if "throttled" in kind else 0)
    assert not fs.log_lines("failed")


def test_what_lasts_longer_fails(server, mount):
    fs = mount(**STATIC)
    warm(server, fs)
    server.fault(operation="BatchGetImage", times=3, **PASSING["throttled"])
    assert errno_of(fs.read, "team", "v1") == "EBUSY"
    assert fs.log_lines("BatchGetImage", "after 3 attempts")
    assert calls(server) == {"BatchGetImage": 3}


def test_connections_that_are_reset_are_tried_again(server, mount):
    fs = mount(**STATIC)
    warm(server, fs)
    server.fault("hold", operation="BatchGetImage", times=2)
    reader = fs.start("cat", fs.manifest("team", "v1"))
    for attempt in (1, 2):
        server.wait(held=1, calls={"BatchGetImage": attempt})
        server.close_connections()
    assert reader.communicate(timeout=30)[0] == server.manifest("team", tag="v1")
    assert calls(server) == {"BatchGetImage": 3}


@pytest.mark.parametrize("option, variable, profile, expected", [
    (None, None, None, 3), (None, None, "2", 2), (None, "1", "2", 1), ("2", "1", "3", 2),
], ids=["default", "profile", "environment over profile", "option over environment"])
def test_who_says_how_many_attempts(server, mount, tmp_path, option, variable, profile, expected):
    config = tmp_path / "config"
    config.write_text("[default]\n" + (f"max_attempts = {profile}\n" if profile else ""))
    environment = {**KEYS, "AWS_CONFIG_FILE": str(config), **({"AWS_MAX_ATTEMPTS": variable} if variable else {})}
    fs = mount(environment=environment, max_attempts=option, **STATIC)
    warm(server, fs)
    server.fault(operation="BatchGetImage", **PASSING["server error"])
    assert errno_of(fs.read, "team", "v1") == "EIO"
    assert calls(server) == {"BatchGetImage": expected}


def test_wrong_settings(server, mount, tmp_path):
    """An option or variable is refused; a profile is not, since the mount is there."""
    for options, variables, word in (
            ("retry_mode=fast", {}, "retry_mode=fast"), ("ttl=1s", {"AWS_RETRY_MODE": "fast"}, "AWS_RETRY_MODE=fast"),
            ("ttl=1s", {"AWS_MAX_ATTEMPTS": "0"}, "AWS_MAX_ATTEMPTS=0")):
        refused = mount.run("-o", options, ACCOUNT, mount.new_point(), environment={**KEYS, **variables})
        assert refused.returncode == 1 and word in refused.stderr
    config = tmp_path / "config"
    config.write_text("[default]\nretry_mode = fast\nmax_attempts = none\n")
    fs = mount(environment={**KEYS, "AWS_CONFIG_FILE": str(config)}, **STATIC)
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    assert len(fs.log_lines("retry_mode = fast")) == len(fs.log_lines("max_attempts = none")) == 1


def test_each_attempt_is_signed_anew(server, mount):
    fs = mount(**STATIC)
    warm(server, fs)
    server.fault("raw", operation="BatchGetImage", times=1, bytes=throttled_for(1200))
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    first, second = server.log("BatchGetImage")
    assert first["headers"]["x-amz-date"] < second["headers"]["x-amz-date"]
    assert first["signature_ok"] and second["signature_ok"]


@pytest.mark.parametrize("offset_s, words", [(HOUR_S, "s behind that of"), (-HOUR_S, "s ahead of that of")],
                         ids=["behind", "ahead"])
def test_a_wrong_clock_costs_one_call(server, mount, offset_s, words):
    server.config(clock_offset_s=offset_s)
    fs = mount(max_attempts=1, **STATIC)
    assert os.listdir(fs.root)
    assert server.stats()["outcomes"]["DescribeRepositories"] == {"InvalidSignatureException": 1, "ok": 1}
    for tag in ("v1", "v2"):
        assert fs.read("team", tag) == server.manifest("team", tag=tag)
    wait_quiet(server)
    refused = [call for call in server.log() if call["outcome"] != "ok"]
    assert len(refused) == 1
    line, = fs.log_lines("the clock")
    assert words in line and re.search(r" (359\d|360\d) s ", line)
    assert metric(fs, "clock_corrections", "DescribeRepositories") == 1
    assert metric(fs, "retries", "DescribeRepositories") == 0


def test_a_clock_that_changes_is_followed(server, mount):
    fs = mount(ttl="0", negative_ttl="0", max_attempts=1)
    for number, offset_s in enumerate((0, HOUR_S, -2 * HOUR_S, 0)):
        server.config(clock_offset_s=offset_s)
        server.reset()
        assert os.listdir(fs.root)
        wait_quiet(server)
        outcomes = server.stats()["outcomes"]["DescribeRepositories"]
        assert outcomes.pop("InvalidSignatureException", 0) == (1 if number else 0)
        assert set(outcomes) == {"ok"}
    assert len(fs.log_lines("the clock is")) == 2
    assert len(fs.log_lines("the clock agrees")) == 1


def test_a_wrong_key_is_not_the_clocks_fault(server, mount):
    fs = mount(environment={"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": "wrong"}, max_attempts=1)
    assert errno_of(os.listdir, fs.root) == "EKEYREJECTED"
    assert not fs.log_lines("the clock")
    server.config(clock_offset_s=HOUR_S)
    other = mount(environment={"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY + "x"})
    assert errno_of(os.listdir, other.root) == "EKEYREJECTED"
    assert len(other.log_lines("the clock")) == 1


def test_adaptive_mode_slows_the_throttled_operation_only(server, mount):
    """40 calls are throttled at once: their next attempts wait for turns, while listings go on as before."""
    server.seed(repositories=THROTTLED, tags=1)
    names = [f"bulk/r{number:04}" for number in range(THROTTLED)]
    fs = mount(retry_mode="adaptive", max_attempts=100, timeout="1h", max_connections=THROTTLED, **STATIC)
    warm(server, fs, *names)
    server.fault("hold", operation="BatchGetImage", times=THROTTLED)
    server.fault(operation="BatchGetImage", **PASSING["throttled"])
    readers = [fs.start("cat", fs.manifest(name, "t000000")) for name in names]
    server.wait(held=THROTTLED)
    server.release()
    until(lambda: metric(fs, "delayed", "BatchGetImage") >= THROTTLED - 2, "the others wait for their turns")
    for repository in ("team", "team/app", "tools/multiarch", "charts/web", "release/immutable"):
        assert os.listdir(fs.root / repository)
    assert server.calls("BatchGetImage") < THROTTLED + 10
    assert metric(fs, "throttled", "BatchGetImage") >= THROTTLED
    assert metric(fs, "delayed", "DescribeImages") == metric(fs, "throttled", "DescribeImages") == 0
    assert server.stats()["outcomes"]["DescribeImages"] == {"ok": server.calls("DescribeImages")}
    assert all(reader.poll() is None for reader in readers)


def test_adaptive_mode_reads_all_in_the_end(server, mount):
    fs = mount(environment={**KEYS, "AWS_RETRY_MODE": "adaptive"}, timeout="1m", **STATIC)
    warm(server, fs)
    server.fault(operation="BatchGetImage", times=1, **PASSING["throttled"])
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    assert calls(server) == {"BatchGetImage": 2}
    assert metric(fs, "delayed", "BatchGetImage") <= 1


def test_standard_mode_has_no_rates(server, mount):
    fs = mount(**STATIC)
    warm(server, fs)
    server.fault(operation="BatchGetImage", times=2, **PASSING["throttled"])
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    assert metric(fs, "delayed", "BatchGetImage") == 0


def test_an_absurd_wait_is_not_heeded(server, mount):
    fs = mount(**STATIC)
    warm(server, fs)
    server.fault("raw", operation="BatchGetImage", times=1, bytes=throttled_for(999999999))
    assert fs.read("team", "v1") == server.manifest("team", tag="v1")
    assert calls(server) == {"BatchGetImage": 2}
