"""/.ecrfs/metrics for Prometheus: valid, documented, shown in the dashboard, and brought to node_exporter."""

import concurrent.futures
import json
import os
import re
import subprocess

import pytest

from ecr_server.client import EcrServer

from .checks import calls, errno_of, forget_calls, metrics, read, run, until
from .expected import tree_of
from .mount import ROOT, is_sanitized

PROMTOOL = ROOT / "build/prometheus/usr/bin/promtool"
SCRIPT = ROOT / "prometheus/ecrfs-textfile"
# What the dashboard has no panel for: that would say nothing.
NOT_SHOWN = set()


def families(text):
    return set(re.findall(r"^# TYPE (\S+) ", text, re.M))


def text_of(fs):
    return read(fs.point / ".ecrfs/metrics").decode()


def total(fs, name, **labels):
    return sum(value for key, value in metrics(fs).items() if key.partition("{")[0] == name
               and all(f'{label}="{text}"' in key for label, text in labels.items()))


@pytest.fixture
def promtool():
    if not PROMTOOL.exists():
        pytest.skip(f"promtool is not unpacked in {PROMTOOL}; scripts/test does that")

    def check(text):
        done = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return check


@pytest.fixture
def used(server, mount):
    """A mount that has done a bit of everything."""
    fs = mount(ttl="1h")
    server.fault("error", operation="DescribeImages", code="ThrottlingException", times=1)
    tree_of(fs.root)
    fs.read("team", "v1")
    errno_of(fs.read, "team", "none")
    return fs


@pytest.fixture
def own():
    """A server of one test."""
    with EcrServer() as running:
        yield running


def test_promtool_has_no_complaint(mount, used, promtool):
    promtool(text_of(mount()))
    promtool(text_of(used))


def test_each_metric_is_documented_and_nothing_else(used):
    documented = set(re.findall(r"^\| `(ecrfs_\w+)` \|", (ROOT / "docs/metrics.md").read_text(), re.M))
    assert documented == families(text_of(used))


def test_labels_and_types_are_those_documented(used):
    text = text_of(used)
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    for name, kind, labels in re.findall(r"^\| `(ecrfs_\w+)` \| (\w+) \|([^|]*)\|", (ROOT / "docs/metrics.md").read_text(),
                                         re.M):
        assert types[name] == kind
        shown = set()
        for sample in re.findall(rf"^{name}(?:_bucket|_sum|_count)?(?:\{{(.*)\}})? ", text, re.M):
            shown |= set(re.findall(r'(\w+)="', sample)) - {"le"}
        assert not shown or shown == set(re.findall(r"`(\w+)`", labels)), name


def test_dashboard_shows_all_there_is_and_nothing_else(used):
    dashboard = json.loads((ROOT / "docs/grafana-dashboard.json").read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    assert all(panel["type"] == "row" or panel["targets"] for panel in dashboard["panels"])
    text = text_of(used)
    named = {name for query in queries for name in re.findall(r"\becrfs_\w+", query)}
    samples = set(re.findall(r"^(ecrfs_\w+)[ {]", text, re.M)) | families(text)
    assert named <= samples
    assert {re.sub(r"_bucket$", "", name) for name in named} == families(text) - NOT_SHOWN
    labels = {label for query in queries for label in re.findall(r'(\w+)=~?"', query)}
    labels |= {label.strip() for query in queries for by in re.findall(r"by \(([^)]*)\)", query) for label in by.split(",")}
    assert labels <= {"mount"} | set(re.findall(r'(\w+)="', text))


def test_each_request_and_each_call_is_timed_once(server, used):
    calls(server)
    found = metrics(used)
    for operation in ("READ", "GETATTR", "READDIRPLUS"):
        begun = found[f'ecrfs_fuse_requests_total{{operation="{operation}"}}']
        assert found[f'ecrfs_fuse_request_duration_seconds_count{{operation="{operation}"}}'] == begun > 0
        assert found[f'ecrfs_fuse_requests_in_flight{{operation="{operation}"}}'] == 0
    for operation, number in server.stats()["calls"].items():
        retries = found[f'ecrfs_api_retries_total{{operation="{operation}"}}']
        assert found[f'ecrfs_api_call_duration_seconds_count{{operation="{operation}"}}'] == number - retries > 0
        assert found[f'ecrfs_api_received_bytes_total{{operation="{operation}"}}'] > 100 * number
        assert found[f'ecrfs_api_sent_bytes_total{{operation="{operation}"}}'] > 10 * number


def test_answers_are_counted_by_layer(server, mount):
    fs = mount(ttl="1h", readahead="off")
    fs.read("team", "v1")
    cold = metrics(fs)
    assert cold['ecrfs_cache_answers_total{layer="ecr"}'] == sum(calls(server).values())
    assert cold['ecrfs_cache_answers_total{layer="stale"}'] == 0
    os.stat(fs.root / "team/v1/digest")
    warm = metrics(fs)
    assert warm['ecrfs_cache_answers_total{layer="ecr"}'] == cold['ecrfs_cache_answers_total{layer="ecr"}']
    os.listdir(fs.root)
    fs.start("find", fs.root / "team", "-maxdepth", "1").wait()
    assert total(fs, "ecrfs_cache_answers_total", layer="memory") > cold['ecrfs_cache_answers_total{layer="memory"}']


def test_answers_of_the_disk_are_counted(server, mount, tmp_path):
    options = {"cache_dir": tmp_path / "cache", "ttl": "1h", "readahead": "off"}
    with mount(**options) as fs:
        os.listdir(fs.root / "team")
        fs.read("team", "v1")
        assert total(fs, "ecrfs_cache_answers_total", layer="disk") == 0
        assert total(fs, "ecrfs_cache_answers_total", layer="ecr") == sum(calls(server).values())
        until(lambda: total(fs, "ecrfs_store_written_total") == 1, "it is written")
        until(lambda: total(fs, "ecrfs_store_listings_written_total") >= 2, "what was listed is written")
    forget_calls(server)
    fs = mount(**options)
    fs.read("team", "v1")
    assert total(fs, "ecrfs_cache_answers_total", layer="ecr") == sum(calls(server).values()) == 0
    assert total(fs, "ecrfs_cache_answers_total", layer="disk") == 3  # the registry, the repository, the manifest


def test_stale_answers_are_counted(server, mount):
    fs = mount(ttl="1ms", stale_after="1ms", stale_ttl="1h", readahead="off")
    path = fs.root / "team/v1/digest"
    content = read(path)
    server.fault("error", code="ThrottlingException")
    until(lambda: read(path) == content and total(fs, "ecrfs_cache_answers_total", layer="stale"), "it is too old")


def test_who_joins_a_question_is_counted(server, mount):
    fs = mount(ttl="1h", readahead="off")
    os.stat(fs.tag("team", "v1"))
    server.fault("hold", operation="BatchGetImage")
    before = total(fs, "ecrfs_cache_joins_total")
    readers = [fs.start("cat", fs.manifest("team", "v1")) for _ in range(4)]
    server.wait(held=1)
    until(lambda: total(fs, "ecrfs_fuse_requests_in_flight", operation="GETATTR") == 4, "all of them wait")
    server.release()
    assert [reader.wait(20) for reader in readers] == [0] * 4
    assert total(fs, "ecrfs_cache_joins_total") - before == 3


def test_reading_ahead_is_counted(server, mount):
    server.seed(repository="many/images", tags=300)
    fs = mount(ttl="1h")
    run("grep", "-r", "nothing like it", fs.root / "many/images", code=1)
    fetched, used = total(fs, "ecrfs_readahead_fetched_total"), total(fs, "ecrfs_readahead_used_total")
    assert fetched >= used > 200
    assert total(fs, "ecrfs_image_ids_fetched_total") > fetched


def test_textfile_of_two_mounts_is_valid(mount, tmp_path, promtool):
    one, two = mount(), mount()
    one.read("team", "v1")
    directory = tmp_path / "node exporter"
    directory.mkdir()
    (directory / "ecrfs-gone.prom").write_text("old")
    (directory / "other.prom").write_text("")
    run(SCRIPT, directory)
    written = {path.name: path.read_text() for path in directory.iterdir()}
    assert "ecrfs-gone.prom" not in written and "other.prom" in written
    of_mounts = {fs: next(text for text in written.values() if f'mount="{fs.point}"' in text) for fs in (one, two)}
    for fs, text in of_mounts.items():
        promtool(text)
        samples = [line for line in text.splitlines() if not line.startswith("#")]
        assert len(samples) > 100
        assert all(f'{{mount="{fs.point}"' in line for line in samples)


def test_nothing_waits_while_512_requests_hang_and_when_the_server_is_gone(mount, own):
    """GETATTRs, and READs, which the kernel sends as background requests, of which it lets out some at a time."""
    own.seed(repository="many/images", tags=512)
    limit = "200s" if is_sanitized() else "40s"
    fs = mount(endpoint_url=own.endpoint, ttl="1h", digest_ttl="0", timeout=limit, read_timeout=limit, readahead="off",
               stale_ttl="0", max_attempts=1)
    directory = fs.root / "many/images"
    names = [directory / tag / "manifest.json" for tag in os.listdir(directory)]
    assert len({read(name.with_name("digest")) for name in names}) == 512
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        list(pool.map(os.stat, names[:256]))  # their sizes are known then, so that READs go out
    own.fault("hold", operation="BatchGetImage")
    readers = [fs.start("cat", name) for name in names]

    def waiting(*operations):
        return sum(total(fs, "ecrfs_fuse_requests_in_flight", operation=operation) for operation in operations)

    def check_files():
        for name in sorted(os.listdir(fs.point / ".ecrfs")):
            assert run("timeout", "10", "cat", fs.point / ".ecrfs" / name)
    until(lambda: waiting("READ", "GETATTR") >= 512, "all of them wait", 60)
    assert waiting("READ") >= 256
    check_files()
    assert waiting("READ", "GETATTR") >= 512
    own.stop()
    check_files()
    for reader in readers:
        reader.kill()
