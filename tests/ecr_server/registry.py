"""The data behind the API: registries, repositories, images and tags.

An image is its manifest's exact bytes; its digest is their SHA-256. Images of large seeds
keep a recipe instead of the bytes and are rendered again when they are read.
"""

import bisect
import hashlib

from .documents import describe_manifest
from .errors import repository_not_found

ANY_REGION = "*"


def sha256_digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Image:
    """One manifest in one repository, and the tags that point at it."""

    __slots__ = (
        "digest", "media_type", "artifact_type", "subject", "size", "manifest_size", "pushed_at",
        "pulled_at", "status", "archived_at", "activated_at", "sequence", "tags", "_manifest",
        "_recipe", "config_recipe",
    )

    def __init__(self, digest, media_type, size, pushed_at, manifest=None, recipe=None):
        self.digest = digest
        self.media_type = media_type
        self.size = size
        self.pushed_at = pushed_at
        self._manifest = manifest
        self._recipe = recipe
        self.config_recipe = None
        self.artifact_type = self.subject = None
        self.manifest_size = len(manifest) if manifest is not None else None
        self.pulled_at = self.archived_at = self.activated_at = None
        self.status = "ACTIVE"
        self.sequence = 0
        self.tags = {}

    @property
    def manifest(self):
        return self._manifest if self._manifest is not None else self._recipe()


class Repository:
    """Images by digest, tags by name, and the order in which they are listed.

    Every image and every tag has a sequence number, which is its place in listings and
    what a nextToken points behind; so pages stay right while images come and go.
    """

    def __init__(self, name, account, region, created_at):
        self.name = name
        self.account = account
        self.region = region
        self.created_at = created_at
        self.sequence = 0
        self.mutability = "MUTABLE"
        self.exclusion_filters = []
        self.policy_text = None
        self.lifecycle_text = None
        self.images = {}
        self.tags = {}
        self.blobs = {}
        self.scans = {}  # {digest: (findings or enhancedFindings, a list of them)}
        self._sequence = 0
        self._cache = {}

    def _next_sequence(self):
        self._sequence += 1
        return self._sequence

    def next_number(self):
        """A number that was never given out here, to invent something new with."""
        return 1_000_000 + self._next_sequence() * 1000

    def changed(self):
        """Forget derived listings; called by everything that changes images or tags."""
        self._cache.clear()

    def cached(self, key, build):
        if key not in self._cache:
            self._cache[key] = build()
        return self._cache[key]

    def add(self, image, tags=()):
        """Add an image (or find it, if its digest is here already) and tag it."""
        known = self.images.get(image.digest)
        if known is None:
            image.sequence = self._next_sequence()
            self.images[image.digest] = known = image
        for tag in tags:
            self.tag(tag, known)
        self.changed()
        return known

    def push(self, manifest, tags=(), media_type=None, pushed_at=0.0):
        """Store a manifest byte for byte, as PutImage does."""
        facts = describe_manifest(manifest, self._child_size)
        image = Image(
            sha256_digest(manifest), media_type or facts["media_type"], facts["size"], pushed_at,
            manifest=manifest,
        )
        image.artifact_type = facts["artifact_type"]
        image.subject = facts["subject"]
        return self.add(image, tags)

    def _child_size(self, digest):
        child = self.images.get(digest)
        return child.size if child else 0

    def tag(self, tag, image):
        """Point a tag at an image. imagePushedAt belongs to the digest and does not move."""
        previous = self.tags.get(tag)
        if previous is image:
            return
        if previous is not None:
            del previous.tags[tag]
        self.tags[tag] = image
        image.tags[tag] = self._next_sequence()
        self.changed()

    def untag(self, tag):
        image = self.tags.pop(tag)
        del image.tags[tag]
        self.changed()

    def delete(self, image):
        for tag in list(image.tags):
            self.untag(tag)
        del self.images[image.digest]
        self.changed()

    def find(self, image_id):
        """The image that an imageId {imageDigest?, imageTag?} means, or None."""
        digest, tag = image_id.get("imageDigest"), image_id.get("imageTag")
        if tag is None:
            return self.images.get(digest)
        image = self.tags.get(tag)
        if digest is not None and image is not None and image.digest != digest:
            return None
        return image

    def image_rows(self, tag_status, image_status):
        """[((sequence, 0), image)], one row per image, as DescribeImages lists them."""
        def build():
            return [
                ((image.sequence, 0), image)
                for image in sorted(self.images.values(), key=lambda image: image.sequence)
                if _wanted(image, tag_status, image_status)
            ]
        return self.cached(("images", tag_status, image_status), build)

    def id_rows(self, tag_status, image_status):
        """[((sequence, tag sequence), image, tag)], one row per digest and tag, as ListImages."""
        def build():
            rows = []
            for image in sorted(self.images.values(), key=lambda image: image.sequence):
                if not _wanted(image, tag_status, image_status):
                    continue
                if image.tags:
                    rows.extend(((image.sequence, at), image, tag) for tag, at in image.tags.items())
                else:
                    rows.append(((image.sequence, 0), image, None))
            rows.sort(key=lambda row: row[0])
            return rows
        return self.cached(("ids", tag_status, image_status), build)


def _wanted(image, tag_status, image_status):
    if image_status != "ANY" and image.status != image_status:
        return False
    if tag_status == "TAGGED":
        return bool(image.tags)
    if tag_status == "UNTAGGED":
        return not image.tags
    return True


def rows_after(rows, position):
    """Index of the first row behind a position (None: the beginning)."""
    if position is None:
        return 0
    return bisect.bisect_right(rows, tuple(position), key=lambda row: row[0])


class Registries:
    """All accounts. A data set belongs to one region, or to all (`*`)."""

    def __init__(self):
        self._repositories = {}
        self._sequence = 0
        self._rows = {}

    def rows(self, account, region=ANY_REGION):
        """[((sequence,), repository)] in listing order."""
        if (account, region) not in self._rows:
            found = sorted(self.repositories(account, region).values(), key=lambda it: it.sequence)
            self._rows[account, region] = [((it.sequence,), it) for it in found]
        return self._rows[account, region]

    def repositories(self, account, region=ANY_REGION):
        """{name: repository} of an account as seen from a region."""
        everywhere = self._repositories.get((account, ANY_REGION), {})
        here = self._repositories.get((account, region), {}) if region != ANY_REGION else {}
        return {**everywhere, **here} if here else everywhere

    def find(self, account, name, region=ANY_REGION):
        """A repository, or None."""
        here = self._repositories.get((account, region), {}).get(name)
        return here or self._repositories.get((account, ANY_REGION), {}).get(name)

    def get(self, account, name, region=ANY_REGION):
        repository = self.find(account, name, region)
        if repository is None:
            raise repository_not_found(name, account)
        return repository

    def create(self, account, name, created_at, region=ANY_REGION):
        """A repository, made if it is missing."""
        shelf = self._repositories.setdefault((account, region), {})
        if name not in shelf:
            self._sequence += 1
            self._rows.clear()
            shelf[name] = Repository(name, account, region, created_at)
            shelf[name].sequence = self._sequence
        return shelf[name]

    def delete(self, account, name, region=ANY_REGION):
        self.get(account, name, region)
        self._rows.clear()
        for key in ((account, region), (account, ANY_REGION)):
            if self._repositories.get(key, {}).pop(name, None):
                return

    def clear(self):
        self._repositories.clear()
        self._rows.clear()

    def everything(self):
        """All repositories as (account, region, repository)."""
        for (account, region), shelf in self._repositories.items():
            for repository in shelf.values():
                yield account, region, repository
