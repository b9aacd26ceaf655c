"""A registry of constant size in which tags come, move and go; it remembers all that a name has ever meant."""

import collections
import hashlib
import json
import random
import time

from ecr_server.client import ACCOUNT

PREFIX = "soak"
REPOSITORIES = 8
TAGS = 300  # in each: one page of a listing, since a tag that moves between two pages may be in neither
NEW_S = 10  # more than `ttl` and `negative_ttl`
FLOATING = ("latest", "stable")  # tags that other images have, too


def manifest(number):
    """The text of an image that no other number has."""
    def blob(name, size):
        digest = hashlib.sha256(f"{number} {name}".encode()).hexdigest()
        return {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "size": size, "digest": f"sha256:{digest}"}
    return json.dumps({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {**blob("config", 1000), "mediaType": "application/vnd.oci.image.config.v1+json"},
        "layers": [blob(layer, layer) for layer in range(1, random.Random(number).randrange(5, 25))]})


class Registry:
    """Changed by one thread. What is about to be true is remembered before it is."""

    def __init__(self, server):
        self._server = server
        self._random = random.Random(1)
        self._pushed = 0
        server.seed(clear=True, repositories=REPOSITORIES, prefix=PREFIX, tags=TAGS)
        self._tags = server.tree(account=ACCOUNT)[ACCOUNT]
        self.meant = collections.defaultdict(set)  # {(repository, tag): digests}
        self.removed = set()                       # (repository, tag) that may be absent
        self.replaced = set()                      # those that had an image which has been deleted
        self._born = {}
        for repository, tags in self._tags.items():
            for tag, digest in tags.items():
                self.meant[repository, tag].add(digest)
        self.first = {repository: frozenset(tags) for repository, tags in self._tags.items()}

    def repositories(self):
        return sorted(self._tags)

    def some_tags(self, repository, count, chance):
        return chance.sample(sorted(list(self._tags[repository])), count)

    def lasting(self, repository):
        """The tags that must be in every listing."""
        return {tag for tag in self.first[repository] if (repository, tag) not in self.removed}

    def may_be_absent(self, repository, tag):
        """Whether its name, or the image that it was looked up with, is not there. A name that is new may have been
        missing in a listing that came shortly before it."""
        place = repository, tag
        return (place in self.removed or place in self.replaced
                or time.monotonic() - self._born.get(place, -NEW_S) < NEW_S)

    def change(self):
        """One push or two."""
        repository = self._random.choice(self.repositories())
        tags = self._tags[repository]
        self._random.choice((self._move, self._renew, self._float))(repository, tags)

    def _move(self, repository, tags):
        """A new image gets an old tag."""
        tag = self._random.choice([tag for tag in sorted(tags) if tag not in FLOATING])
        self._push(repository, tag)

    def _renew(self, repository, tags):
        """A new tag comes, and another one goes."""
        self._push(repository, f"n{self._pushed:06}")
        gone = self._random.choice([tag for tag in sorted(tags) if tag not in FLOATING])
        self.removed.add((repository, gone))
        self._server.delete_tag(repository, gone)
        self._drop(repository, tags.pop(gone))

    def _float(self, repository, tags):
        """A tag moves to an image that is there."""
        tag, digest = self._random.choice(FLOATING), tags[self._random.choice(sorted(tags))]
        self._announce(repository, tag, digest)
        self._server.retag(repository, tag, digest)
        self._set(repository, tag, digest)

    def _push(self, repository, tag):
        self._pushed += 1
        text = manifest(self._pushed)
        digest = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
        self._announce(repository, tag, digest)
        assert self._server.push(repository, tag=tag, manifest=text) == digest
        self._set(repository, tag, digest)

    def _announce(self, repository, tag, digest):
        if (repository, tag) not in self.meant:
            self._born[repository, tag] = time.monotonic()
        self.meant[repository, tag].add(digest)

    def _set(self, repository, tag, digest):
        before = self._tags[repository].get(tag)
        self._tags[repository][tag] = digest
        if before not in (None, digest):
            self._drop(repository, before)

    def _drop(self, repository, digest):
        """Delete an image without tags."""
        if digest in self._tags[repository].values():
            return
        self.replaced.update(name for name, digests in list(self.meant.items())
                             if name[0] == repository and digest in digests)
        self._server.delete_image(repository, digest=digest)
