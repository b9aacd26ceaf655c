"""The tools that people use work on the mount as on a local disk."""

import json
import os
import shutil

import pytest

from .checks import pulls, run
from .expected import FILES, images, write_copy


@pytest.fixture
def copy(server, loose):
    """The same tree as plain files; without the one image that nobody can read, and the tag that diff leaves out."""
    server.delete_image("cold/storage", tag="frozen")
    server.delete_image("names/awkward", tag="image.json")
    return write_copy(server, loose / "expected")


@pytest.fixture
def fs(copy, mount):
    return mount()


def files(server, names=("manifest.json",)):
    return sorted(f"{image.repository}/{image.tag}/{name}" for image in images(server) for name in names)


def assert_same(server, directory, copy):
    """A copy of the mount, or the mount, agrees with what the server has."""
    assert run("diff", "-r", "-x", "image.json", directory, copy) == b""
    for image in images(server):
        record = json.loads((directory / image.repository / image.tag / "image.json").read_bytes())
        assert record["imageDigest"] == image.digest


def test_cat(server, fs):
    for image in images(server):
        assert run("cat", fs.manifest(image.repository, image.tag)) == server.manifest(image.repository, tag=image.tag)


def test_head_tail_cmp_wc(server, fs, copy):
    manifest, expected = fs.manifest("team", "v1"), server.manifest("team", tag="v1")
    assert run("head", "-c", "100", manifest) == expected[:100]
    assert run("tail", "-c", "100", fs.manifest("team", "v1")) == expected[-100:]
    assert int(run("wc", "-c", manifest).split()[0]) == len(expected)
    assert run("cmp", manifest, copy / "team/v1/manifest.json") == b""


def test_sha256sum_is_the_digest(server, fs):
    lines = run("sha256sum", *files(server), cwd=fs.root).decode().splitlines()
    found = {line.split(maxsplit=1)[1]: "sha256:" + line.split()[0] for line in lines}
    assert found == {f"{image.repository}/{image.tag}/manifest.json": image.digest for image in images(server)}


@pytest.mark.parametrize("command", [
    ["grep", "-rlF", "-e"], ["grep", "-RlF", "-e"], ["rg", "-uuulF", "-e"], ["rg", "-uuulF", "-j1", "-e"],
], ids=" ".join)
def test_search_finds_exactly_the_files_that_have_it(server, fs, command):
    layer = json.loads(server.manifest("team/app", tag="v5"))["layers"][2]["digest"]
    everywhere = "schemaVersion"
    for wanted in (layer, everywhere):
        expected = [f"{image.repository}/{image.tag}/manifest.json" for image in images(server)
                    if wanted.encode() in server.manifest(image.repository, tag=image.tag)]
        assert expected
        found = run(*command, wanted, ".", cwd=fs.root).decode().splitlines()
        assert sorted(line.removeprefix("./") for line in found) == sorted(expected)


def test_search_without_a_match(server, fs):
    run("grep", "-r", "no manifest says this", fs.root, code=1)
    run("rg", "-uuu", "no manifest says this", fs.root, code=1)
    assert pulls(server) == len({image.digest for image in images(server)})


def test_find_by_name_type_and_size(server, fs):
    def find(*conditions):
        return run("find", "-type", "f", *conditions, cwd=fs.root).decode().splitlines()
    assert sorted(find("-printf", "%P\n")) == files(server, FILES)
    sizes = {f"{image.repository}/{image.tag}/manifest.json": len(server.manifest(image.repository, tag=image.tag))
             for image in images(server)}
    found = find("-name", "manifest.json", "-printf", "%P %s\n")
    assert sorted(found) == sorted(f"{path} {size}" for path, size in sizes.items())
    big = find("-name", "manifest.json", "-size", "+1999c", "-printf", "%P\n")
    assert sorted(big) == sorted(path for path, size in sizes.items() if size > 1999)


def test_find_exec_and_xargs(server, fs):
    total = sum(len(server.manifest(image.repository, tag=image.tag)) for image in images(server))
    assert len(run("find", fs.root, "-name", "manifest.json", "-type", "f", "-exec", "cat", "{}", "+")) == total
    script = f"find {fs.root} -name manifest.json -print0 | xargs -0 -P 8 -n 3 cat | wc -c"
    assert int(run("bash", "-c", script)) == total


def test_ls_shows_sizes(server, fs):
    line = run("ls", "-l", fs.manifest("odd/formats", "crlf")).split()
    assert int(line[4]) == len(server.manifest("odd/formats", tag="crlf"))


def test_jq(fs):
    manifest = fs.manifest("tools/multiarch", "latest")
    assert run("jq", "-r", ".mediaType", manifest) == b"application/vnd.oci.image.index.v1+json\n"
    platforms = run("jq", "-r", ".manifests[].platform.architecture", manifest).split()
    assert platforms == [b"amd64", b"arm64", b"arm", b"unknown"]
    script = f"jq -s length {fs.root}/team/app/v?/manifest.json"
    assert run("bash", "-c", script) == b"8\n"


def test_diff(server, fs, copy):
    assert_same(server, fs.root, copy)
    difference = run("diff", fs.manifest("team", "v1"), fs.manifest("team", "v2"), code=1)
    assert b"digest" in difference
    run("diff", "-q", fs.manifest("team", "v2"), fs.manifest("team", "latest"))


@pytest.mark.parametrize("command", [
    ["cp", "-r"], ["cp", "-a"], ["rsync", "-r"], ["rsync", "-a"], ["rsync", "-aH", "--checksum"]], ids=" ".join)
def test_copies(server, fs, copy, loose, command):
    out = loose / "out"
    run(*command, f"{fs.root}/." if command[0] == "cp" else f"{fs.root}/", out)
    assert_same(server, out, copy)


def test_rsync_again_has_nothing_to_do(fs, loose):
    out = loose / "out"
    run("rsync", "-a", f"{fs.root}/", out)
    again = run("rsync", "-a", "--itemize-changes", "--dry-run", f"{fs.root}/", out).decode()
    assert [line for line in again.splitlines() if line.startswith(">f")] == []


def test_tar_through_a_pipe(server, fs, copy, loose):
    out = loose / "out"
    out.mkdir()
    run("bash", "-o", "pipefail", "-c", f"tar -C {fs.root} -cf - . | tar -C {out} -xf -")
    assert_same(server, out, copy)
    listed = run("bash", "-o", "pipefail", "-c", f"tar -C {fs.root} -cf - . | tar -tf -").decode().splitlines()
    assert sorted(name.removeprefix("./") for name in listed if not name.endswith("/")) == files(server, FILES)


def test_python_shutil_and_walk(server, fs, copy, loose):
    shutil.copytree(fs.root, loose / "out")
    assert_same(server, loose / "out", copy)
    walked = [os.path.relpath(os.path.join(top, name), fs.root) for top, _, names in os.walk(fs.root) for name in names]
    assert sorted(walked) == files(server, FILES)
