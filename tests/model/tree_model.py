"""The tree that a mount must show of registries.

    Tree({"012345678910": registry}).find("012345678910/team/app/v1/manifest.json").data

Every node is computed from the registries when it is asked for, so what a node says is true at that
moment and depends on nothing that was asked before. The rules:

  * A path is at once a *namespace* (a repository lies below it), a *repository*, and a *tag* of the
    repository that is its parent: one directory that shows the names of all its roles.
  * A directory that is an image has files of ours; they win over a tag or component of that name.
  * Names with ':' or '@', and those that start with a dot, are ours: no tag or component has them.
    They are entered, not listed, and what they lead to has one role only:
        <repository>/sha256:…  <repository>:<tag>  <repository>@sha256:…
        <repository>/.digests  <repository>/.untagged
  * An index has platforms/<os>-<arch>[-<variant>], which is entered, not listed, either.
  * The host name of a registry leads to the directory of its account id.
"""

import json
import os

from .registry import children_of

OUR_FILES = frozenset({"manifest.json", "digest", "image.json"})
NAME_MAX = 255
HOST_SUFFIX = ".dkr.ecr.us-east-1.amazonaws.com"


class Absent:
    kind = "absent"

    def __init__(self, errno):
        self.errno = errno


class File:
    """A file with exactly these bytes, or one whose text `agrees` says whether it is right."""
    kind = "file"

    def __init__(self, data=None, agrees=None, one_inode_for=None):
        self.data = data
        self.agrees = agrees or (lambda text: text == data)
        self.one_inode_for = one_inode_for


class Link:
    """A symlink; following its text from where it stands leads to `leads_to(node)`."""
    kind = "symlink"

    def __init__(self, leads_to):
        self.leads_to = leads_to


class Directory:
    """`names()` are listed; `child(name)` is a node, or None when there is no such name."""
    kind = "directory"

    def names(self):
        return set()

    def child(self, name):
        raise NotImplementedError


class Root(Directory):
    """The registries that were named at mount time."""

    def __init__(self, registries):
        self.registries = registries

    def names(self):
        return set(self.registries)

    def child(self, name):
        if name in self.registries:
            return Place(self.registries[name], "")
        account = name.removesuffix(HOST_SUFFIX)
        if account != name and account in self.registries:
            return Link(lambda node: isinstance(node, Place) and node.registry is self.registries[account])
        return None


class Image(Directory):
    """An image by its digest, and nothing else."""

    def __init__(self, registry, repository, digest):
        self.registry, self.repository, self.digest = registry, repository, digest

    def exists(self):
        return self.digest in getattr(self.registry.repositories.get(self.repository), "images", {})

    def names(self):
        return OUR_FILES

    def child(self, name):
        held = self.registry.repositories[self.repository]
        data = held.images[self.digest]
        if name == "platforms" and children_of(data):
            return Platforms(self.repository, data)
        if name not in OUR_FILES:
            return None
        if name == "manifest.json":
            return File(data, one_inode_for=(self.repository, self.digest, name))
        if name == "digest":
            return File(self.digest.encode() + b"\n", one_inode_for=(self.repository, self.digest, name))
        return File(agrees=lambda text: record_agrees(text, self.digest, held.tags_of(self.digest)))


def record_agrees(text, digest, tags):
    """Whether image.json is the record of this image. Its other fields are not modelled."""
    try:
        record = json.loads(text)
        return record["imageDigest"] == digest and sorted(record.get("imageTags", [])) == sorted(tags)
    except (ValueError, KeyError, TypeError):
        return False


class Platforms(Directory):
    """The children of an index, but for attestations."""

    def __init__(self, repository, index):
        self.repository = repository
        self.links = {platform.replace("/", "-"): digest for platform, digest in children_of(index).items()
                      if platform != "unknown/unknown"}

    def names(self):
        return set(self.links)

    def child(self, name):
        if name not in self.links:
            return None
        wanted = (self.repository, self.links[name])
        return Link(lambda node: isinstance(node, Image) and (node.repository, node.digest) == wanted)


class Digests(Directory):
    """.digests or .untagged: images by digest."""

    def __init__(self, images):
        self.images = images  # digest: Image

    def names(self):
        return set(self.images)

    def child(self, name):
        return self.images.get(name)


class Place(Directory):
    """A path below a registry, with all its roles. The registry itself is the path ''."""

    def __init__(self, registry, path):
        self.registry, self.path = registry, path
        parent, _, last = path.rpartition("/")
        self.components = {name.removeprefix(self.below()).partition("/")[0]
                           for name in registry.repositories if name.startswith(self.below())}
        self.repository = registry.repositories.get(path)
        self.image = None
        if parent in registry.repositories and last in registry.repositories[parent].tags:
            self.image = self._image(parent, registry.repositories[parent].tags[last])

    def below(self, name=""):
        return f"{self.path}/{name}" if self.path else name

    def roles(self):
        """The registry itself is a namespace, also while it is empty."""
        roles = {"namespace": self.components or not self.path, "repository": self.repository, "image": self.image}
        return {role for role, there in roles.items() if there}

    def names(self):
        files = self.image.names() if self.image else set()
        tags = set(self.repository.tags) if self.repository else set()
        return files | self.components | tags

    def child(self, name):
        if self.image and self.image.child(name):
            return self.image.child(name)
        if name.startswith("."):
            return self._hidden(name)
        if ":" in name or "@" in name:
            return self._reference(name)
        place = Place(self.registry, self.below(name))
        return place if place.roles() else None

    def _image(self, repository, digest):
        return Image(self.registry, repository, digest)

    def _hidden(self, name):
        if not self.repository:
            return None
        shown = {".digests": self.repository.images, ".untagged": self.repository.untagged()}
        return Digests({digest: self._image(self.path, digest) for digest in shown[name]}) if name in shown else None

    def _reference(self, name):
        """sha256:<hex> of this repository; or <repository>@sha256:<hex>, <repository>:<tag> of one in this directory."""
        if self.repository and name in self.repository.images:
            return self._image(self.path, name)
        last, _, reference = name.partition("@" if "@" in name else ":")
        held = self.registry.repositories.get(self.below(last))
        if not held:
            return None
        digest = reference if "@" in name else held.tags.get(reference)
        return self._image(self.below(last), digest) if digest in held.images else None


class Tree:
    """What a mount of these registries, {account: Registry}, must show."""

    def __init__(self, registries):
        self.root = Root(registries)

    def child(self, node, name):
        """What the kernel gets for one name in a node."""
        if isinstance(node, Absent):
            return node
        if not isinstance(node, Directory):
            return Absent("ENOTDIR")
        if len(os.fsencode(name)) > NAME_MAX:
            return Absent("ENAMETOOLONG")
        return node.child(name) or Absent("ENOENT")

    def find(self, path):
        """The node at a path from the root of the mount; '' is the root."""
        node = self.root
        for name in filter(None, path.split("/")):
            node = self.child(node, name)
        return node

    def directories(self, path):
        """The paths of all directories that listings lead to from this one, itself included."""
        found, paths = [], [path]
        while paths:
            path = paths.pop()
            node = self.find(path)
            if isinstance(node, Directory):
                found.append(path)
                paths += [f"{path}/{name}" for name in sorted(node.names(), reverse=True)]
        return found
