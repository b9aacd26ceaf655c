"""Below the prefix of a pull-through cache rule a read by tag imports: nothing but such a read may do that."""

import os

import pytest

from ecr_server.client import ACCOUNT
from ecr_server.referee import post

from .checks import errno_of, forget_calls, pulls, read, run, wait_quiet
from .expected import FILES, tree, tree_of
from .test_permissions import asked_by_tag
from .test_references import FORMS, place

PREFIX = "ecr-public"
NGINX = "ecr-public/nginx/nginx"
IMPORTED = f"{ACCOUNT}/{NGINX}:1.27"
LISTING = {
    "ls": "ls -la {path}", "ls -lR": "ls -lR {path}", "find": "find {path} -ls", "du": "du -a {path}",
    "tar": "tar -cf - {path} | wc -c", "getfattr": "getfattr -dR {path}", "cp": "cp -r {path} {copies}",
}


@pytest.fixture
def upstream(server):
    """{tag: digest} of a repository that was never imported."""
    server.config(pull_through_rules={PREFIX: "public.ecr.aws"})
    for tag in ("1.26", "1.27"):
        server.push(NGINX, tag=tag, upstream=True)
    server.push(NGINX, tag="index", kind="multi_arch", upstream=True)
    return server.tree(upstream=True)[ACCOUNT][NGINX]


@pytest.fixture
def fs(upstream, mount):
    return mount(ttl="1h", negative_ttl="0", max_attempts=1)


def imports(server):
    """{account/repository:tag: number} of what was imported, when all that is under way has been answered."""
    wait_quiet(server)
    return server.stats()["imports"]


def import_by_another_client(server, tag):
    """What `docker pull` does, signed by botocore; then count from zero."""
    answer = post(server, "BatchGetImage", {"repositoryName": NGINX, "imageIds": [{"imageTag": tag}]})
    assert answer.status == 200 and imports(server) == {f"{ACCOUNT}/{NGINX}:{tag}": 1}
    forget_calls(server)


def paths_to(upstream, tag):
    """Every path to an image and to its repository, from the prefix on."""
    image = [form.format(repository=NGINX, tag=tag, digest=upstream[tag]) for form in FORMS.values()]
    return [PREFIX, f"{PREFIX}/nginx", NGINX, f"{NGINX}/.digests", f"{NGINX}/.untagged", *image]


def assert_absent(server, fs, upstream, paths):
    """None of these exists, nor a file of an image in it, and asking imports nothing and pulls nothing by tag."""
    for path in paths:
        for name in (path, *(f"{path}/{file}" for file in (*FILES, "platforms"))):
            assert errno_of(os.stat, fs.root / name) == "ENOENT", name
        assert errno_of(os.listdir, fs.root / path) == "ENOENT", path
        assert errno_of(read, fs.root / path / "manifest.json") == "ENOENT", path
        run("cat", fs.root / path / "manifest.json", code=1)
    assert imports(server) == {}
    assert asked_by_tag(server) == []


@pytest.mark.parametrize("listed_first", [True, False])
@pytest.mark.parametrize("tag", ["1.27", "index"])
def test_what_is_not_imported_is_absent(server, fs, upstream, tag, listed_first):
    if listed_first:
        assert PREFIX not in run("ls", fs.root).decode().split()
    assert_absent(server, fs, upstream, paths_to(upstream, tag))
    assert pulls(server) == 0
    assert tree_of(fs.root) == tree(server)
    assert imports(server) == {}


def test_looking_over_the_whole_registry_imports_nothing(server, fs, upstream):
    import_by_another_client(server, "1.26")
    run("bash", "-c", f"find {fs.root} -name x; ls -lR {fs.root}; cat {fs.root}/*/*/*/*/manifest.json")
    assert imports(server) == {}
    assert asked_by_tag(server) == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("tag", ["1.27", "index"])
def test_what_another_client_imported_is_read_by_digest(server, fs, upstream, form, tag):
    directory = place(fs, form, NGINX, tag, upstream[tag])
    assert errno_of(read, directory / "manifest.json") == "ENOENT"
    import_by_another_client(server, tag)
    assert read(directory / "manifest.json") == server.manifest(NGINX, tag=tag, upstream=True)
    assert read(directory / "digest").decode() == f"{upstream[tag]}\n"
    assert set(os.listdir(directory)) >= FILES
    assert imports(server) == {}
    bodies = [call["body"] for call in server.log("BatchGetImage")]
    assert [body["imageIds"] for body in bodies] == [[{"imageDigest": upstream[tag]}]]


def test_children_of_an_imported_index_are_read_by_digest(server, fs, upstream):
    import_by_another_client(server, "index")
    platforms = fs.tag(NGINX, "index") / "platforms"
    assert set(os.listdir(platforms)) == {"linux-amd64", "linux-arm64-v8", "linux-arm-v7"}
    for name in os.listdir(platforms):
        child = read(platforms / name / "digest").decode().strip()
        assert read(platforms / name / "manifest.json") == server.manifest(NGINX, digest=child)
    assert imports(server) == {}
    assert asked_by_tag(server) == []


def test_what_is_not_imported_is_absent_beside_what_is(server, fs, upstream):
    import_by_another_client(server, "1.26")
    assert set(os.listdir(fs.root / NGINX)) == {"1.26"}
    absent = [form.format(repository=NGINX, tag="1.27", digest=upstream["1.27"]) for form in FORMS.values()]
    assert_absent(server, fs, upstream, [*absent, f"{PREFIX}/nginx/other", f"{PREFIX}/other"])
    assert tree_of(fs.root) == tree(server)
    assert fs.read(NGINX, "1.26") == server.manifest(NGINX, tag="1.26")
    assert imports(server) == {}


@pytest.mark.parametrize("denied", [
    ["DescribeRepositories"], ["ListImages"], ["DescribeRepositories", "ListImages"], ["GetAuthorizationToken"]],
    ids=" ".join)
def test_who_may_describe_images_imports_nothing(server, fs, upstream, denied):
    server.config(deny=[{"action": f"ecr:{action}"} for action in denied])
    for path in paths_to(upstream, "1.27"):
        errno_of(os.stat, fs.root / path)
        errno_of(os.listdir, fs.root / path)
    for form in FORMS:
        directory = place(fs, form, NGINX, "1.27", upstream["1.27"])
        assert errno_of(read, directory / "manifest.json") == "ENOENT", form
    assert imports(server) == {}
    assert asked_by_tag(server) == []


@pytest.mark.parametrize("imported", [True, False])
@pytest.mark.parametrize("script", LISTING.values(), ids=LISTING)
def test_pull_only_imports_nothing_by_listing(server, upstream, pull_only, loose, script, imported):
    """Directories that cannot be told from absent ones are entered, listed and examined."""
    if imported:
        import_by_another_client(server, "1.26")
    for path in paths_to(upstream, "1.27"):
        assert errno_of(os.listdir, pull_only.root / path) == "EACCES", path
        os.stat(pull_only.root / path)
        run("bash", "-c", f"{script.format(path=pull_only.root / path, copies=loose)} || true")
    assert imports(server) == {}
    assert server.calls("BatchGetImage") == 0


@pytest.mark.parametrize("name", ["digest", "image.json", "platforms", "platforms/linux-amd64"])
@pytest.mark.parametrize("form", ["repository/tag", "repository:tag"])
def test_pull_only_imports_nothing_by_other_files(server, upstream, pull_only, form, name):
    directory = place(pull_only, form, NGINX, "index", upstream["index"])
    assert errno_of(os.stat, directory / name) == "EACCES"
    assert errno_of(read, directory / name) == "EACCES"
    assert imports(server) == {}
    assert server.calls("BatchGetImage") == 0


@pytest.mark.parametrize("look", [os.stat, read], ids=["stat", "read"])
@pytest.mark.parametrize("form", ["repository/tag", "repository:tag"])
def test_pull_only_imports_the_manifest_that_is_looked_up(server, upstream, pull_only, form, look):
    """Nothing else is allowed to this caller; see Permissions in docs/SEMANTICS.md."""
    manifest = place(pull_only, form, NGINX, "1.27", upstream["1.27"]) / "manifest.json"
    look(manifest)
    assert imports(server) == {IMPORTED: 1}
    assert asked_by_tag(server) == ["1.27"]
    for _ in range(2):
        assert read(manifest) == server.manifest(NGINX, tag="1.27", upstream=True)
        assert os.stat(manifest).st_size == len(server.manifest(NGINX, tag="1.27", upstream=True))
    assert imports(server) == {IMPORTED: 1} and list(server.tree()[ACCOUNT][NGINX]) == ["1.27"]
    assert asked_by_tag(server) == ["1.27"] and pulls(server) == 1


def test_pull_only_imports_nothing_by_digest(server, upstream, pull_only):
    for form in ("repository@digest", "repository/digest", ".digests"):
        directory = place(pull_only, form, NGINX, "1.27", upstream["1.27"])
        assert errno_of(read, directory / "manifest.json") == "ENOENT", form
    assert imports(server) == {}
    assert asked_by_tag(server) == []


def test_pull_only_tells_what_the_upstream_has_not(server, upstream, pull_only):
    assert errno_of(read, pull_only.manifest(NGINX, "none")) == "ENOENT"
    assert errno_of(read, pull_only.manifest(f"{PREFIX}/none", "1.27")) == "ENOENT"
    assert imports(server) == {}


def test_a_denied_import_is_permission_denied(server, upstream, pull_only):
    server.config(deny=[{"action": "ecr:BatchImportUpstreamImage"}])
    assert errno_of(read, pull_only.manifest(NGINX, "1.27")) == "EACCES"
    assert imports(server) == {}
