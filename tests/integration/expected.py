"""What the mount must show, computed from the server's data alone."""

import collections
import os

from ecr_server.client import ACCOUNT

Image = collections.namedtuple("Image", "repository tag digest")
FILES = frozenset({"manifest.json", "digest", "image.json"})  # of each image


def images(server, account=ACCOUNT):
    """Every tag of a registry."""
    return [Image(repository, tag, digest)
            for repository, tags in server.tree(account=account)[account].items()
            for tag, digest in tags.items()]


def readable_images(server):
    """Every tag whose image ECR hands out: the archived ones are listed only."""
    archived = {(image["repository"], image["digest"])
                for image in server.images(account=ACCOUNT) if image["status"] == "ARCHIVED"}
    return [image for image in images(server) if (image.repository, image.digest) not in archived]


def tree(server, account=ACCOUNT):
    """{directory: names in it}, relative to the registry, which is ''."""
    names = collections.defaultdict(set)

    def enter(path, name=None):
        names[path].update([name] if name else [])
        if path:
            parent, _, last = path.rpartition("/")
            enter(parent, last)
    for repository in server.tree(account=account)[account]:
        enter(repository)
    for image in images(server, account):
        for file in FILES:
            enter(f"{image.repository}/{image.tag}", file)
    return dict(names)


def tree_of(directory):
    """{directory: names in it} as a mounted directory shows it, its types taken from the listing."""
    names = {}

    def walk(path, relative):
        with os.scandir(path) as entries:
            entries = list(entries)
        assert len({entry.name for entry in entries}) == len(entries), f"a name twice in {relative}"
        names[relative] = {entry.name for entry in entries}
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                walk(entry.path, f"{relative}/{entry.name}".lstrip("/"))
            else:
                assert entry.is_file(follow_symlinks=False), entry.path
    walk(directory, "")
    return names


def write_copy(server, directory):
    """The same tree as plain files below `directory`, but for image.json, whose layout is the mount's own."""
    for path in tree(server):
        (directory / path).mkdir(parents=True, exist_ok=True)
    for image in images(server):
        manifest = server.manifest(image.repository, tag=image.tag)
        (directory / image.repository / image.tag / "manifest.json").write_bytes(manifest)
        (directory / image.repository / image.tag / "digest").write_text(image.digest + "\n")
    return directory
