"""Times, sizes, link counts and extended attributes of images answer real questions."""

import datetime
import errno
import io
import json
import os
import tarfile

import pytest

from ecr_server.client import ACCOUNT

from .checks import calls, errno_of, forget_calls, pulls, read, run, until

GIB = 1 << 30
FILES_OF_TIME = ("", "manifest.json", "digest", "image.json")


@pytest.fixture
def fs(mount):
    return mount(ttl="1h")


def push_sized(server, repository, tag, size, pushed_at):
    """An image whose imageSizeInBytes is `size`."""
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha256:" + "0" * 64, "size": size}
    manifest = json.dumps({"schemaVersion": 2, "layers": [layer], "annotations": {"tag": tag}, "config": {}})
    return server.push(repository, tag=tag, manifest=manifest, pushed_at=pushed_at)


@pytest.fixture
def sizes(server):
    """{tag: (size, pushed at)} of the repository `sized`, neither in the order of the names nor of each other."""
    wanted = {"small": (10, 1_700_000_000), "medium": (500 << 20, 1_600_000_000), "huge": (9 * GIB, 1_650_000_000),
              "large": (2 * GIB, 1_750_000_000), "none": (0, 1_500_000_000)}
    for tag, (size, pushed_at) in wanted.items():
        push_sized(server, "sized", tag, size, pushed_at)
    return wanted


@pytest.mark.parametrize("listed_first", [True, False])
def test_times_and_size_are_those_of_the_image(server, fs, listed_first):
    server.seed(repository="big/one", tags=20, digests=10)  # every third was pulled once
    if listed_first:
        os.listdir(fs.root / "big/one")
    for image in server.images(account=ACCOUNT):
        if image["repository"] not in ("big/one", "odd/formats"):
            continue
        directory = fs.tag(image["repository"], image["tags"][0])
        accessed = image["pulled_at"] or image["pushed_at"]
        for name in FILES_OF_TIME:
            found = os.stat(directory / name)
            assert abs(found.st_mtime - image["pushed_at"]) < 1e-3
            assert abs(found.st_atime - accessed) < 1e-3 or name == "manifest.json"  # whose stat pulls
        assert os.stat(directory).st_size == image["size"]
        assert os.stat(directory).st_nlink == 1


def test_other_directories_have_the_time_of_their_names(server, mount):
    fs = mount(ttl="300ms")
    paths = [fs.root, fs.root / "team", fs.root / "tools", fs.root / "team/app"]
    for path in paths:
        os.listdir(path)
    before = {path: os.stat(path).st_mtime_ns for path in paths}
    started = min(before.values())
    assert all(abs(time / 1e9 - datetime.datetime.now().timestamp()) < 600 for time in before.values())
    server.push("team", tag="another")
    server.push("another", tag="v1")
    for path in (fs.root, fs.root / "team"):
        until(lambda: "another" in os.listdir(path), "the new name")
        assert os.stat(path).st_mtime_ns > before[path] >= started
    os.listdir(fs.root / "tools")
    assert os.stat(fs.root / "tools").st_mtime_ns == before[fs.root / "tools"]


def test_ls_sorts_by_push_time_and_by_size(fs, sizes):
    def listed(option):
        return run("ls", "-1", option, fs.root / "sized").decode().split()
    assert listed("-t") == sorted(sizes, key=lambda tag: -sizes[tag][1])
    assert listed("-tr") == sorted(sizes, key=lambda tag: sizes[tag][1])
    assert listed("-S") == sorted(sizes, key=lambda tag: -sizes[tag][0])
    line = run("ls", "-ldn", "--time-style=+%s", fs.root / "sized/huge").decode().split()
    assert (line[1], line[4], line[5]) == ("1", str(9 * GIB), "1650000000")


def found_tags(fs, repository, *conditions):
    depth = ("-mindepth", "1", "-maxdepth", "1")
    out = run("find", fs.root / repository, *depth, "-type", "d", *conditions, "-printf", "%f\n")
    return set(out.decode().split())


def test_find_by_push_time_and_size(server, fs, sizes):
    assert found_tags(fs, "sized", "-newermt", "2022-06-01") == {"small", "large"}
    assert found_tags(fs, "sized", "!", "-newermt", "2020-01-01") == {"none"}
    assert found_tags(fs, "sized", "-size", "+1G") == {"huge", "large"}
    assert found_tags(fs, "sized", "-size", "-1000000c") == {"small", "none"}
    found = run("find", fs.root, "-type", "d", "-size", "+1G", "-printf", "%P\n").decode().split()
    assert set(found) == {"sized/huge", "sized/large"}
    assert pulls(server) == 0


def test_find_by_pull_time(server, mount):
    """Stale images: those that nobody pulled for 90 days. Pulling is what moves the time, looking is not."""
    server.seed(repository="big/one", tags=9)
    first = mount()
    for tag in ("t000000", "t000004"):
        first.read("big/one", tag)
    fs = mount()
    stale = {f"t{n:06d}" for n in range(9)} - {"t000000", "t000004"}
    assert found_tags(fs, "big/one", "-atime", "+90") == stale
    assert found_tags(fs, "big/one", "-atime", "-2") == {"t000000", "t000004"}
    assert found_tags(fs, "big/one", "-atime", "+90") == stale
    assert pulls(server) == 2


@pytest.fixture
def twins(server, fs):
    """A repository with one image under five tags, and another under one."""
    digest = server.push("shared", tags=["a", "b", "c", "d", "e"])
    server.push("shared", tag="lonely")
    return digest


@pytest.mark.parametrize("listed_first", [True, False])
def test_tags_of_one_image_are_links(fs, twins, listed_first):
    if listed_first:
        os.listdir(fs.root / "shared")
    links = run("stat", "-c", "%h", fs.manifest("shared", "c"), fs.manifest("shared", "lonely")).decode().split()
    assert links == ["5", "1"]
    same = run("find", fs.root / "shared", "-samefile", fs.manifest("shared", "c"), "-printf", "%P\n").decode().split()
    assert sorted(same) == [f"{tag}/manifest.json" for tag in "abcde"]
    assert run("stat", "-c", "%h", fs.root, fs.root / "shared", fs.tag("shared", "c")).split() == [b"1"] * 3


def test_links_of_an_untagged_image_and_of_another_repository(server, fs, twins):
    server.push("other/shared", tag="a", manifest=server.manifest("shared", tag="a").decode())
    assert os.stat(fs.manifest("other/shared", "a")).st_nlink == 1
    assert os.stat(fs.manifest("other/shared", "a")).st_ino != os.stat(fs.manifest("shared", "a")).st_ino
    image, *_ = server.images(account=ACCOUNT, repository="scratch/untagged")
    assert os.stat(fs.root / "scratch/untagged" / image["digest"] / "manifest.json").st_nlink == 1


def test_du_counts_an_image_once(server, fs, twins):
    lines = run("du", "-a", "--apparent-size", "-B1", fs.root / "shared").decode().splitlines()
    counted = [line.split("\t")[0] for line in lines if line.endswith("/manifest.json")]
    sizes = {len(server.manifest("shared", tag=tag)) for tag in ("a", "lonely")}
    assert len(counted) == 2 and set(map(int, counted)) == sizes
    assert pulls(server) == 2


def test_tar_stores_hard_links(server, fs, twins):
    archive = run("tar", "-C", fs.root, "-cf", "-", "shared")
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        members = [member for member in opened if member.name.endswith("/manifest.json")]
        links = [member for member in members if member.islnk()]
        assert len(members) == 6 and len(links) == 4
        for member in members:
            tag = member.name.split("/")[1]
            assert opened.extractfile(member).read() == server.manifest("shared", tag=tag)
    assert pulls(server) == 2


def xattrs(path):
    return {name.removeprefix("user.ecr."): os.getxattr(path, name).decode() for name in os.listxattr(path)}


def assert_agree(found, image):
    found = dict(found)
    assert found.pop("digest") == image["digest"]
    assert found.pop("media_type") == image["media_type"]
    assert found.pop("artifact_type", None) == image["artifact_type"]
    assert sorted(filter(None, found.pop("tags", "").split(","))) == sorted(image["tags"])
    assert int(found.pop("size", "0")) == image["size"]
    assert found.pop("status") == image["status"]
    for name in ("pushed_at", "pulled_at"):
        text = found.pop(name, None)
        assert (text is None) == (image[name] is None), name
        assert text is None or abs(datetime.datetime.fromisoformat(text).timestamp() - image[name]) < 1
    assert found == {}


@pytest.mark.parametrize("listed_first", [True, False])
def test_extended_attributes_agree_with_the_server(server, fs, listed_first):
    server.seed(repository="big/one", tags=12, digests=4)
    for image in server.images(account=ACCOUNT):
        if listed_first:
            os.listdir(fs.root / image["repository"] / ".digests")
        directory = fs.root / image["repository"] / ".digests" / image["digest"]
        for name in ("", "digest", "image.json"):
            assert_agree(xattrs(directory / name), image)
    assert pulls(server) == 0


def test_extended_attributes_of_a_manifest(server, fs):
    fs.read("team", "v2")
    image, = [image for image in server.images(account=ACCOUNT, repository="team") if "v2" in image["tags"]]
    found = xattrs(fs.manifest("team", "v2"))
    found.pop("pulled_at", None)  # not yet known when it was looked up
    assert_agree(found, {**image, "pulled_at": None})


def test_getfattr_shows_them(server, fs):
    out = run("getfattr", "--absolute-names", "-d", fs.tag("team", "v2")).decode().splitlines()
    assert f'user.ecr.digest="{server.tree()[ACCOUNT]["team"]["v2"]}"' in out
    assert {'user.ecr.tags="v2,latest"', 'user.ecr.tags="latest,v2"'} & set(out)
    assert [line for line in out if line.startswith("#")] == [f"# file: {fs.tag('team', 'v2')}"]


def test_what_is_no_image_has_none(fs):
    for path in (fs.point, fs.point / ".ecrfs/status", fs.root,
                 fs.root / "team", fs.root / "tools", fs.root / "team/.digests"):
        assert os.listxattr(path) == []
        assert errno_of(os.getxattr, path, "user.ecr.digest") == "ENODATA"


def test_other_attributes_and_namespaces(server, fs):
    calls(server)
    for path in (fs.point, fs.root / "team", fs.tag("team", "v1"), fs.tag("team", "v1") / "digest"):
        for name in ("user.ecr.nothing", "user.other", "user.ecr", "user.mime_type"):
            assert errno_of(os.getxattr, path, name) == "ENODATA", name
        for name in ("security.capability", "security.selinux", "trusted.overlay.opaque", "system.posix_acl_access"):
            assert errno_of(os.getxattr, path, name) in ("EOPNOTSUPP", "ENOTSUP"), name
    assert errno.EOPNOTSUPP == errno.ENOTSUP


def test_a_small_buffer_is_refused(fs):
    out = run("python3", "-c", f"""if True:
        import ctypes, errno
        libc = ctypes.CDLL(None, use_errno=True)
        path = {os.fsencode(fs.tag("team", "v1"))!r}
        buffer = ctypes.create_string_buffer(3)
        size = libc.getxattr(path, b"user.ecr.digest", None, 0)
        small = libc.getxattr(path, b"user.ecr.digest", buffer, 3)
        print(size, small, errno.errorcode[ctypes.get_errno()], libc.listxattr(path, buffer, 3))
    """)
    assert out == b"71 -1 ERANGE -1\n"


def test_attributes_of_a_held_image_ask_nobody(server, fs):
    with open(fs.tag("team", "v1") / "digest", "rb") as held:
        forget_calls(server)
        for _ in range(3):
            os.fstat(held.fileno())
            os.listxattr(held.fileno())
        assert server.calls() == 0
        assert read(fs.tag("team", "v1") / "digest") == held.read()
