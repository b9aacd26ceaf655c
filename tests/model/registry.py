"""What ECR holds, as dictionaries, and the changes that stories make to it.

A change is a tuple, so that a story is printed as it can be written:

    ("create", repository)
    ("push", repository, tag or None, number of the image)
    ("retag", repository, tag, number)
    ("delete_tag", repository, tag)
    ("delete_image", repository, number)
    ("delete_repository", repository)
"""

import hashlib
import json

OCI = "application/vnd.oci.image"


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _image(number):
    layer = {"mediaType": f"{OCI}.layer.v1.tar+gzip", "digest": "sha256:" + f"{number:064x}", "size": 1000 + number}
    config = {"mediaType": f"{OCI}.config.v1+json", "digest": "sha256:" + "c" * 64, "size": 100}
    document = {"schemaVersion": 2, "mediaType": f"{OCI}.manifest.v1+json", "config": config, "layers": [layer] * number}
    return json.dumps(document, indent=number).encode()


def _index(children):
    """An index of images by platform, with an attestation as docker pushes it."""
    manifests = [
        {"mediaType": f"{OCI}.manifest.v1+json", "digest": digest_of(data), "size": len(data),
         "platform": dict(zip(("os", "architecture", "variant"), platform.split("/")))}
        for platform, data in children.items()]
    return json.dumps({"schemaVersion": 2, "mediaType": f"{OCI}.index.v1+json", "manifests": manifests}).encode()


SINGLE = [_image(number) for number in range(4)]
INDEX = {"linux/amd64": SINGLE[0], "linux/arm/v7": SINGLE[1], "unknown/unknown": SINGLE[2]}
# The images of all stories, by number: the same bytes turn up in many repositories.
IMAGES = [*SINGLE, _index(INDEX)]
DIGESTS = [digest_of(data) for data in IMAGES]


def children_of(manifest):
    """{platform: digest} of an index, {} of anything else."""
    return {"/".join(child["platform"].values()): child["digest"]
            for child in json.loads(manifest).get("manifests", [])}


class Repository:
    def __init__(self):
        self.images = {}  # digest: bytes
        self.tags = {}    # tag: digest

    def tags_of(self, digest):
        return {tag for tag, tagged in self.tags.items() if tagged == digest}

    def untagged(self):
        return set(self.images) - set(self.tags.values())

    def is_child(self, digest):
        """Whether an index needs the image: ECR does not delete such a one."""
        return any(digest in children_of(data).values() for data in self.images.values())


class Registry:
    def __init__(self):
        self.repositories = {}  # name: Repository

    def __str__(self):
        lines = []
        for name, repository in self.repositories.items():
            shown = [f"{tag}={DIGESTS.index(digest)}" for tag, digest in repository.tags.items()]
            shown += [f"untagged={DIGESTS.index(digest)}" for digest in sorted(repository.untagged())]
            lines.append(f"    {name}: {' '.join(shown)}")
        return "\n".join(lines) or "    (empty)"

    def change(self, kind, repository, *arguments):
        getattr(self, kind)(repository, *arguments)

    def create(self, repository):
        self.repositories.setdefault(repository, Repository())

    def push(self, repository, tag, number):
        """As a client pushes: the children of an index first."""
        self.create(repository)
        held = self.repositories[repository]
        for digest in (*children_of(IMAGES[number]).values(), DIGESTS[number]):
            held.images[digest] = IMAGES[DIGESTS.index(digest)]
        if tag is not None:
            held.tags[tag] = DIGESTS[number]

    def retag(self, repository, tag, number):
        self.repositories[repository].tags[tag] = DIGESTS[number]

    def delete_tag(self, repository, tag):
        del self.repositories[repository].tags[tag]

    def delete_image(self, repository, number):
        held = self.repositories[repository]
        for tag in held.tags_of(DIGESTS[number]):
            del held.tags[tag]
        del held.images[DIGESTS[number]]

    def delete_repository(self, repository):
        del self.repositories[repository]


class ServerRegistry:
    """The same changes, made to one registry of the local ECR server."""

    def __init__(self, server, account):
        self._server, self._account = server, account

    def change(self, kind, repository, *arguments):
        getattr(self, kind)(repository, *arguments)

    def create(self, repository):
        self._server.create_repository(repository, account=self._account)

    def push(self, repository, tag, number):
        for digest in children_of(IMAGES[number]).values():
            self._server.push(repository, manifest=IMAGES[DIGESTS.index(digest)].decode(), account=self._account)
        self._server.push(repository, manifest=IMAGES[number].decode(), tags=[] if tag is None else [tag],
                          account=self._account)

    def retag(self, repository, tag, number):
        self._server.retag(repository, tag, DIGESTS[number], account=self._account)

    def delete_tag(self, repository, tag):
        self._server.delete_tag(repository, tag, account=self._account)

    def delete_image(self, repository, number):
        self._server.delete_image(repository, digest=DIGESTS[number], account=self._account)

    def delete_repository(self, repository):
        self._server.delete_repository(repository, account=self._account)
