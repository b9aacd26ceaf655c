"""/.ecrfs: what the mount says about itself, in files that are new each time."""

import os
import re

import pytest

from .checks import calls, errno_of, read, run
from .expected import readable_images, tree_of

SAMPLE = re.compile(r'(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>[^}]*)\})? (?P<value>[-+0-9.eE]+|NaN|[-+]Inf)$')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')


@pytest.fixture
def fs(mount):
    return mount(ttl="1h")


def metrics(fs):
    """{(name, frozenset of labels): value}, every line checked to be Prometheus' text format."""
    found, typed, helped = {}, set(), set()
    text = read(fs.point / ".ecrfs/metrics").decode()
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# "):
            _, kind, name, rest = line.split(" ", 3)
            assert kind in ("HELP", "TYPE") and rest
            (helped if kind == "HELP" else typed).add(name)
            continue
        sample = SAMPLE.match(line)
        assert sample, line
        family = re.sub(r"_(bucket|sum|count)$", "", sample["name"])
        assert {sample["name"], family} & typed & helped, line
        labels = LABEL.findall(sample["labels"] or "")
        assert ",".join(f'{name}="{value}"' for name, value in labels) == (sample["labels"] or "")
        key = sample["name"], frozenset(labels)
        assert key not in found, line
        found[key] = float(sample["value"])
    return found


def total(found, name, **labels):
    """Sum of the samples whose name has `name` in it and that have these labels."""
    values = [value for (sample, its_labels), value in found.items()
              if name in sample and labels.items() <= set(its_labels)]
    assert values, f"no sample {name} {labels}"
    return sum(values)


def test_own_directory_is_not_listed_but_can_be_entered(server, fs):
    assert ".ecrfs" not in os.listdir(fs.point)
    assert set(os.listdir(fs.point / ".ecrfs")) >= {"status", "metrics"}
    assert errno_of(os.stat, fs.point / ".ecrfs/nothing") == "ENOENT"
    assert errno_of(os.stat, fs.root / ".ecrfs") == "ENOENT"
    assert server.calls() == 0


@pytest.mark.parametrize("name", ["status", "metrics"])
def test_two_cats_in_a_row_differ_and_are_complete(server, fs, name):
    path = fs.point / ".ecrfs" / name
    texts = []
    for _ in range(3):
        descriptor = os.open(path, os.O_RDONLY)
        size = os.fstat(descriptor).st_size
        texts.append(os.read(descriptor, 1 << 20))
        assert os.read(descriptor, 10) == b""
        os.close(descriptor)
        assert size == len(texts[-1]) > 0
    texts += [run("cat", path), run("cat", path)]
    assert len(set(texts)) == len(texts)
    assert all(text.endswith(b"\n") for text in texts)
    assert server.calls() == 0


@pytest.mark.parametrize("name", ["status", "metrics"])
def test_held_text_does_not_change(fs, name):
    with open(fs.point / ".ecrfs" / name, "rb", buffering=0) as held:
        first = os.pread(held.fileno(), 1 << 20, 0)
        assert read(fs.point / ".ecrfs" / name) != first
        assert os.pread(held.fileno(), 1 << 20, 0) == first
        assert os.fstat(held.fileno()).st_size == len(first)


def test_metrics_count_what_the_server_counted(server, fs):
    tree_of(fs.root)
    for image in readable_images(server)[:10]:
        fs.read(image.repository, image.tag)
    errno_of(fs.read, "cold/storage", "frozen")
    calls(server)
    stats, found = server.stats(), metrics(fs)
    assert total(found, "pulls_total") == sum(stats["manifests_served"].values())
    assert total(found, "ids_fetched_total") == stats["ids"]["BatchGetImage"]


def test_metrics_count_api_calls_by_operation_and_outcome(server, fs):
    server.config(deny=[{"action": "ecr:BatchGetImage", "repository": "team"}])
    tree_of(fs.root)
    fs.read("team/app", "v1")
    assert errno_of(fs.read, "team", "v1") == "EACCES"
    calls(server)
    found = metrics(fs)
    for operation, number in server.stats()["calls"].items():
        assert total(found, "calls_total", operation=operation) == number
    families = {name for name, labels in found if ("operation", "BatchGetImage") in labels}
    outcomes = {dict(labels).get("outcome") for name, labels in found
                if name in families and ("operation", "BatchGetImage") in labels}
    assert len(outcomes) >= 2, "a success and a denial"


def test_metrics_count_fuse_requests_and_cache_hits(fs):
    before = metrics(fs)
    fs.read("team", "v1")
    fs.read("team", "v1")
    after = metrics(fs)

    def grown(name, **labels):
        return total(after, name, **labels) - total(before, name, **labels)
    operations = {dict(labels).get("operation", "").lower() for name, labels in after if "fuse_requests" in name}
    assert operations >= {"lookup", "getattr", "read", "readdir"}
    assert grown("fuse_requests_total") >= 4
    layers = {dict(labels)["layer"] for name, labels in after if any(label == "layer" for label, _ in labels)}
    assert len(layers) >= 2
    assert grown("cache") >= 1


def test_status_names_version_registries_and_options_without_secrets(fs):
    fs.read("team", "v1")
    text = read(fs.point / ".ecrfs/status").decode()
    assert fs.root.name in text and str(fs.point) in text
    for secret in ("wJalrXUtnFEMI", "AWS4-HMAC", "Signature="):
        assert secret not in text
