"""What a fresh server contains: the published sample, the `mixed` preset, seeds of any size.

Everything is deterministic: the same seed gives the same bytes, digests, times and order.
"""

import functools
import json
import pathlib
import random

from . import documents as doc
from .registry import ANY_REGION, Image, sha256_digest

SAMPLE = pathlib.Path(__file__).resolve().parents[1] / "data" / "batch-get-image-response.json"
EPOCH = 1565128275.0
DEFAULT_ACCOUNT = "012345678910"
OTHER_ACCOUNT = "123456789012"


def add_sample(registries):
    """The image of the published CLI example: 1,159 bytes, no final newline.

    Its config blob is not published, so it can be described but not downloaded.
    """
    image = json.loads(SAMPLE.read_text())["images"][0]
    repository = registries.create(image["registryId"], image["repositoryName"], EPOCH)
    pushed = repository.push(image["imageManifest"].encode(), [image["imageId"]["imageTag"]], pushed_at=EPOCH)
    assert pushed.digest == image["imageId"]["imageDigest"]


class Builder:
    """Pushes invented images into one repository, time moving on with each."""

    def __init__(self, registries, account, name, region=ANY_REGION, count=0, pushed_at=None):
        self._key = f"{account}/{name}"
        self._count = count
        self._pushed_at = pushed_at
        self.repository = registries.create(account, name, EPOCH + 60 * len(name), region)

    def _invent(self, what):
        self._count += 1
        return sha256_digest(f"{self._key}/{what}/{self._count}".encode())

    def config(self, media_type, architecture="amd64"):
        """A config blob that exists, so that its digest can be verified."""
        blob = config_blob(self._invent("config"), architecture)
        self.repository.blobs[sha256_digest(blob)] = (blob, media_type)
        return doc.descriptor(media_type, sha256_digest(blob), len(blob))

    def layers(self, media_type, count):
        return [doc.descriptor(media_type, self._invent("layer"), 100000 + 977 * n) for n in range(count)]

    def push(self, document, tags=(), indent=None, escape=False, media_type=None):
        manifest = document if isinstance(document, bytes) else doc.render(document, indent, escape)
        self._count += 1
        pushed_at = self._pushed_at
        if pushed_at is None:
            pushed_at = EPOCH + 3600 * self._count + 0.25 * (self._count % 4)
        return self.repository.push(manifest, tags, media_type, pushed_at)

    def docker(self, tags=(), layers=4, indent=3):
        document = doc.image_manifest(
            doc.DOCKER_MANIFEST, self.config(doc.DOCKER_CONFIG), self.layers(doc.DOCKER_LAYER, layers))
        return self.push(document, tags, indent)

    def oci(self, tags=(), layers=3, indent=None, escape=False, media_type=doc.OCI_MANIFEST,
            architecture="amd64", **more):
        document = doc.image_manifest(
            media_type, self.config(doc.OCI_CONFIG, architecture), self.layers(doc.OCI_LAYER, layers), **more)
        return self.push(document, tags, indent, escape)

    def helm(self, tags=(), escape=False, **annotations):
        document = doc.image_manifest(
            None, self.config(doc.HELM_CONFIG), self.layers(doc.HELM_LAYER, 1), annotations=annotations)
        return self.push(document, tags, escape=escape)

    def multi_arch(self, tags=(), docker=False, attestation=True):
        """An index, its untagged children, and a BuildKit attestation (platform unknown)."""
        children = [
            (self.oci(architecture=arch), {"architecture": arch, "os": "linux", **variant})
            for arch, variant in (("amd64", {}), ("arm64", {"variant": "v8"}), ("arm", {"variant": "v7"}))
        ]
        entries = [self._entry(image, platform=platform) for image, platform in children]
        if attestation:
            proof = self.push(doc.image_manifest(
                doc.OCI_MANIFEST, self.config(doc.OCI_CONFIG, "unknown"), self.layers(doc.IN_TOTO, 1)))
            entries.append(self._entry(
                proof, platform={"architecture": "unknown", "os": "unknown"},
                annotations={
                    "vnd.docker.reference.digest": entries[0]["digest"],
                    "vnd.docker.reference.type": "attestation-manifest",
                }))
        return self.push(doc.index_manifest(doc.DOCKER_LIST if docker else doc.OCI_INDEX, entries), tags, 2)

    def _entry(self, image, **more):
        return doc.descriptor(image.media_type, image.digest, len(image.manifest), **more)

    def referrer(self, subject, tags=()):
        """A cosign-like artefact with a subject, for ListImageReferrers."""
        return self.oci(
            tags, layers=1, artifactType=doc.SIGNATURE_ARTIFACT,
            subject=doc.descriptor(subject.media_type, subject.digest, len(subject.manifest)),
            annotations={"org.opencontainers.image.created": "2026-01-02T03:04:05Z"})


def add_mixed(registries, account=DEFAULT_ACCOUNT):
    """Small repositories with every kind of image, and names that invite mistakes."""
    def build(name):
        return Builder(registries, account, name)

    _add_tools(build("tools/multiarch"))
    _add_team(build("team"))
    _add_app(build("team/app"))
    build("team/app/deep/nested/name").docker(["only"])
    _add_charts(build("charts/web"))
    names = build("names/awkward")
    for tag in ("manifest.json", "digest", "image.json", "_under", "UPPER", "x" * 128, "0", "a..b", "v1.-_"):
        names.docker([tag], layers=2)
    _add_odd_formats(build("odd/formats"))
    _add_releases(build("release/immutable"), build("release/mostly-immutable"))
    scratch = build("scratch/untagged")
    for _ in range(3):
        scratch.docker()
    build("empty/repo")
    cold = build("cold/storage")
    cold.docker(["warm"])
    archived = cold.docker(["frozen"])
    archived.status, archived.archived_at = "ARCHIVED", EPOCH + 90000
    # The same repository and tag exist in another account, with another image.
    Builder(registries, OTHER_ACCOUNT, "team/app").docker(["v1", "theirs"])


def _add_tools(tools):
    index = tools.multi_arch(["1.0", "1", "latest"])
    tools.multi_arch(["2.0-docker"], docker=True, attestation=False)
    tools.referrer(index, [index.digest.replace(":", "-") + ".sig"])


def _add_team(team):
    team.docker(["v1"])
    team.docker(["v2", "latest"])
    team.oci(["app"])  # tag `app` of `team` beside the repository `team/app`
    team.repository.policy_text = json.dumps({"Version": "2012-10-17", "Statement": []})
    team.repository.lifecycle_text = json.dumps({"rules": [{
        "rulePriority": 1, "action": {"type": "expire"}, "selection": {
            "tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 9}}]})


def _add_app(app):
    for number in range(1, 9):
        app.oci([f"v{number}"] + (["stable"] if number == 6 else []), layers=number)
    app.docker()  # pushed over: untagged


def _add_charts(charts):
    """Helm: no mediaType member, and annotations that JSON encoders write differently."""
    charts.helm(["1.0.0"], description="Web – Größe ≥ 1, naïve façade 日本語 🚀")
    charts.helm(["1.0.0-escaped"], escape=True, description="Web – Größe 日本語 🚀 \u2028 </script>")
    charts.helm(["1.1.0"], text='quote " backslash \\ slash / tab \t newline \n bell \u0007 del \u007f')


def _add_odd_formats(odd):
    odd.docker(["compact"], indent=None)
    odd.oci(["pretty-without-mediatype"], indent=2, media_type=None)
    odd.push(doc.render({"schemaVersion": 1, "name": "old", "tag": "v1", "fsLayers": [], "history": []}), ["schema1"])
    pretty = doc.render(doc.image_manifest(
        doc.DOCKER_MANIFEST, odd.config(doc.DOCKER_CONFIG), odd.layers(doc.DOCKER_LAYER, 1)), 3)
    odd.push(pretty.replace(b"\n", b"\r\n"), ["crlf"])
    odd.push(pretty + b"\n", ["final-newline"])
    odd.oci(["forty-layers"], layers=40)


def _add_releases(immutable, mostly):
    immutable.repository.mutability = "IMMUTABLE"
    for number in range(3):
        immutable.docker([f"2026.{number}"])
    mostly.repository.mutability = "IMMUTABLE_WITH_EXCLUSION"
    mostly.repository.exclusion_filters = [{"filterType": "WILDCARD", "filter": "latest*"}]
    mostly.docker(["1.0", "latest"])


def config_blob(identity, architecture="amd64"):
    return doc.render({
        "architecture": architecture,
        "os": "linux" if architecture != "unknown" else "unknown",
        "config": {"Env": ["PATH=/usr/bin:/bin"], "Labels": {"identity": identity}},
        "rootfs": {"type": "layers", "diff_ids": []},
    })


def add_bulk(registries, account=DEFAULT_ACCOUNT, repositories=1, tags=100, digests=None, seed=1,
             prefix="bulk", repository=None, manifest_size=3000, untagged=0, pretty=False,
             region=ANY_REGION):
    """N repositories of M tags each on `digests` images (default: one per tag).

    Names are <prefix>/r0000 (or exactly `repository`, when one is wanted), tags t000000.
    Manifests differ by their config; bytes are rendered when read, so 100,000 images are
    quick to seed and small in memory.
    """
    names = [repository] if repository else [f"{prefix}/r{n:04d}" for n in range(repositories)]
    count = digests or tags
    template = _bulk_template(manifest_size, seed, pretty)
    for name in names:
        target = registries.create(account, name, EPOCH, region)
        images = [_bulk_image(template, f"{seed}/{name}/{n}", n) for n in range(count + untagged)]
        # ECR promises no order; this one is neither alphabetical nor by time.
        order = list(range(len(images)))
        random.Random(f"{seed}/{name}").shuffle(order)
        for n in order:
            target.add(images[n])
        for n in range(tags):
            target.tag(f"t{n:06d}", images[n % count])
    return {"repositories": len(names), "images": len(names) * (count + untagged), "tags": len(names) * tags}


def _bulk_template(manifest_size, seed, pretty):
    """(text with two %s for the config's size and digest, sum of layer sizes)."""
    indent = 3 if pretty else None
    layers = []
    while True:
        document = doc.image_manifest(
            doc.DOCKER_MANIFEST, {"mediaType": doc.DOCKER_CONFIG, "size": "%s", "digest": "%s"}, layers)
        text = doc.render(document, indent).decode().replace('"%s"', "%s", 1)
        if len(text) + 70 >= manifest_size:
            return text, sum(layer["size"] for layer in layers)
        digest = sha256_digest(f"{seed}/layer/{len(layers)}".encode())
        layers.append(doc.descriptor(doc.DOCKER_LAYER, digest, 500000 + len(layers)))


def _bulk_manifest(template_text, config_recipe):
    blob = config_recipe()
    return (template_text % (len(blob), sha256_digest(blob))).encode()


_BULK_CONFIG = config_blob("%s").decode()


def _bulk_config(identity):
    return (_BULK_CONFIG % identity).encode()


def _bulk_image(template, identity, number):
    text, layers_size = template
    config_recipe = functools.partial(_bulk_config, identity)
    recipe = functools.partial(_bulk_manifest, text, config_recipe)
    manifest = recipe()
    image = Image(
        sha256_digest(manifest), doc.DOCKER_MANIFEST, layers_size + len(config_recipe()),
        EPOCH + 61.5 * number, recipe=recipe)
    image.manifest_size = len(manifest)
    image.artifact_type = doc.DOCKER_CONFIG
    image.config_recipe = config_recipe
    if number % 3 == 0:
        image.pulled_at = image.pushed_at + 86400
    return image


def fill(registries, preset):
    """Put the contents of a preset into empty registries."""
    if preset not in PRESETS:
        raise ValueError(f"unknown preset {preset}; known: {', '.join(PRESETS)}")
    add_sample(registries)
    PRESETS[preset](registries)


PRESETS = {
    "sample": lambda registries: None,
    "mixed": add_mixed,
    "bench": lambda registries: add_bulk(registries, repositories=10, tags=1000),
}
