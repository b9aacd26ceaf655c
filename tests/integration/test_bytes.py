"""Byte-exact: what is read is what ECR has, whichever way it is read."""

import hashlib
import json
import os
import subprocess
import sys

import pytest

from ecr_server.client import ACCOUNT

from .checks import errno_of, pulls, read, run
from .expected import images, readable_images
from .kernel import drop_caches

SAMPLE_SHA256 = "4a1c6567c38904384ebc64e35b7eeddd8451110c299e3368d2210066487d97e5"


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


@pytest.fixture
def fs(mount):
    return mount()


def test_published_sample(fs):
    sample = fs.manifest("cluster-autoscaler", "v1.13.6")
    assert run("sha256sum", sample).split()[0].decode() == SAMPLE_SHA256
    assert os.stat(sample).st_size == 1159


def test_every_manifest_is_exact(server, fs):
    for image in readable_images(server):
        data = read(fs.manifest(image.repository, image.tag))
        assert data == server.manifest(image.repository, tag=image.tag), image
        assert sha256(data) == image.digest
        assert os.stat(fs.manifest(image.repository, image.tag)).st_size == len(data)
    assert pulls(server) == len({(image.repository, image.digest) for image in readable_images(server)})


@pytest.mark.parametrize("settings", [
    {"gzip": True}, {"chunked": True}, {"omit_media_type": True}, {"digest_answers_carry_tag": True},
    {"answer_order": "request"}, {"timestamp_style": "plain"}, {"timestamp_style": "exponent"},
    {"model_version": "2022"},
], ids=str)
def test_every_manifest_is_exact_however_the_server_answers(server, fs, settings):
    server.config(**settings)
    for image in readable_images(server):
        assert sha256(read(fs.manifest(image.repository, image.tag))) == image.digest, image


def test_archived_image_is_listed_but_has_no_data(server, fs):
    assert set(os.listdir(fs.root / "cold/storage")) == {"frozen", "warm"}
    assert errno_of(read, fs.manifest("cold/storage", "frozen")) == "ENODATA"
    assert fs.read("cold/storage", "warm") == server.manifest("cold/storage", tag="warm")
    server.archive("cold/storage", tag="frozen", restore=True)
    assert len(readable_images(server)) == len(images(server))


AWKWARD = {
    "control characters": "".join(map(chr, range(1, 32))) + "\x7f\x80\x9f",
    "quotes and slashes": r'\ \\ \" " / \/ \u0041 \n',
    "planes": "é ß 日本語 🚀 \U0010ffff \ufffe \uffff \ufeff \u2028\u2029",
    "script end": "</script><!-- & < > '",
    "blanks": " \t\r\n",
}


@pytest.mark.parametrize("text", AWKWARD.values(), ids=AWKWARD)
def test_text_that_needs_escapes(server, fs, text):
    for tag, manifest in (("json", json.dumps({"text": text}, ensure_ascii=False)), ("raw", text)):
        digest = server.push("odd/text", tag=tag, manifest=manifest)
        data = read(fs.manifest("odd/text", tag))
        assert data == manifest.encode()
        assert sha256(data) == digest


BIG = [200_000, 1 << 20, (4 << 20) - 1]


def big_manifest(size):
    """`size` bytes; three bytes of each nine are one character, so page borders cut characters."""
    start, unit = '{"text": "', "日\\n0123"
    room = size - len(start) - 2
    units, rest = divmod(room, len(unit.encode()))
    return start + unit * units + "x" * rest + '"}'


@pytest.mark.parametrize("size", BIG)
def test_big_manifest(server, fs, size):
    manifest = big_manifest(size).encode()
    assert len(manifest) == size
    server.push("odd/big", tag="big", manifest=manifest.decode())
    path = fs.manifest("odd/big", "big")
    assert read(path) == manifest
    assert os.stat(path).st_size == size
    assert pulls(server) == 1


# Each way of reading opens a manifest that nobody has asked for before, and never calls stat.

def by_pread(path, size):
    descriptor = os.open(path, os.O_RDONLY)
    tail = os.pread(descriptor, size, size // 2)
    head = os.pread(descriptor, size // 2, 0)
    beyond = os.pread(descriptor, 10, size)
    os.close(descriptor)
    assert beyond == b""
    return head + tail


def by_end_of_file(path, _size):
    descriptor = os.open(path, os.O_RDONLY)
    end = os.lseek(descriptor, 0, os.SEEK_END)
    os.lseek(descriptor, 0, os.SEEK_SET)
    data = os.read(descriptor, end)
    os.close(descriptor)
    return data


def through_pipe(copy):
    def way(path, size):
        source = os.open(path, os.O_RDONLY)
        outlet, inlet = os.pipe()
        copied, data = copy(source, inlet, size + 100), b""
        os.close(inlet)
        while part := os.read(outlet, 1 << 16):
            data += part
        os.close(outlet)
        os.close(source)
        assert copied == len(data)
        return data
    return way


def by_mmap(path, size):
    """In another process: a file that looks empty would end it with SIGBUS."""
    code = """if True:
        import ctypes, os, sys
        libc = ctypes.CDLL(None, use_errno=True)
        libc.mmap.restype = ctypes.c_void_p
        descriptor, size = os.open(sys.argv[1], os.O_RDONLY), int(sys.argv[2])
        address = libc.mmap(None, ctypes.c_size_t(size), 1, 2, descriptor, ctypes.c_long(0))
        os.write(1, ctypes.string_at(address, size))
    """
    done = subprocess.run([sys.executable, "-c", code, path, str(size)], capture_output=True, timeout=60)
    assert done.returncode == 0, done
    return done.stdout


WAYS = {
    "read": lambda path, _size: read(path),
    "pread at an offset first": by_pread,
    "seek to the end": by_end_of_file,
    "sendfile": through_pipe(lambda source, pipe, size: os.sendfile(pipe, source, 0, size)),
    "splice": through_pipe(lambda source, pipe, size: os.splice(source, pipe, size)),
    "mmap": by_mmap,
    "small reads": lambda path, _size: run("dd", "status=none", "bs=7", f"if={path}"),
    "direct": lambda path, size: run("dd", "status=none", "iflag=direct", "bs=4096", f"if={path}"),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("listed_first", [True, False])
def test_every_way_of_reading_without_stat(server, fs, way, listed_first):
    if listed_first:
        os.listdir(fs.tag("team/app", "v8"))
    expected = server.manifest("team/app", tag="v8")
    assert way(os.fspath(fs.manifest("team/app", "v8")), len(expected)) == expected
    digest = server.tree()[ACCOUNT]["team/app"]["v8"]
    assert server.stats()["per_id"]["BatchGetImage"] == {f"{ACCOUNT}/team/app@{digest}": 1}


def test_size_once_told_stays_when_the_bytes_are_evicted(server, mount):
    """A mapping of the file would end in SIGBUS, a read in the middle of nothing."""
    digest = server.push("twin/tags", tag="a")
    server.retag("twin/tags", "b", digest)
    fs = mount(ttl="1h", cache_size=1)
    size = os.stat(fs.manifest("twin/tags", "a")).st_size
    drop_caches()
    descriptor = os.open(fs.manifest("twin/tags", "a"), os.O_RDONLY)
    try:
        for repository, tag in (("team", "v1"), ("team", "v2"), ("charts/web", "1.0.0")):
            errno_of(fs.read, repository, tag)
            os.listdir(fs.root / "team")
        os.listdir(fs.tag("twin/tags", "b"))
        cached = run("stat", "-c", "%s", "--cached=always", fs.manifest("twin/tags", "b"))
        assert int(cached) == size == os.fstat(descriptor).st_size
        assert os.pread(descriptor, 2 * size, 0) == server.manifest("twin/tags", tag="a")
    finally:
        os.close(descriptor)
