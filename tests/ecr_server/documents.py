"""Manifest documents: their types, how they are told apart, converted and built."""

import json

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_V1 = "application/vnd.docker.distribution.manifest.v1+json"
DOCKER_V1_SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
HELM_CONFIG = "application/vnd.cncf.helm.config.v1+json"
HELM_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
IN_TOTO = "application/vnd.in-toto+json"
SIGNATURE_ARTIFACT = "application/vnd.dev.cosign.artifact.sig.v1+json"
OPAQUE = "application/octet-stream"


def parse_manifest(manifest):
    """The document as a dictionary; {} for bytes that are no JSON object, or one nested too deep."""
    try:
        document = json.loads(manifest)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def media_type_of(document):
    """The type by the rule of ECR's own resolver: mediaType, else by the members."""
    if document.get("schemaVersion") == 1:
        return DOCKER_V1_SIGNED if "signatures" in document else DOCKER_V1
    if isinstance(document.get("mediaType"), str):
        return document["mediaType"]
    if "manifests" in document:
        return OCI_INDEX
    return OCI_MANIFEST if "config" in document else OPAQUE


def describe_manifest(manifest, child_size):
    """What DescribeImages tells about a manifest.

    imageSizeInBytes is the compressed size of the image; for an index the largest child's.
    """
    document = parse_manifest(manifest)
    config = document.get("config") or {}
    if "manifests" in document:
        children = [child.get("digest") for child in document["manifests"] if isinstance(child, dict)]
        size = max(map(child_size, children), default=0)
    else:
        size = config.get("size", 0) + sum(layer.get("size", 0) for layer in document.get("layers", []))
    return {
        "media_type": media_type_of(document),
        "artifact_type": document.get("artifactType") or config.get("mediaType"),
        "subject": (document.get("subject") or {}).get("digest"),
        "size": size,
    }


def convert(image, accepted):
    """(manifest bytes, media type) for a read by tag, or None if nothing accepted fits.

    ECR, "image manifest formats": the stored format if it is accepted; else stored schema 2
    becomes schema 1, or OCI if only OCI is accepted; stored OCI becomes schema 2 or
    schema 1. Schema 1 is never upgraded; indexes are not converted.
    """
    if not accepted or image.media_type in accepted:
        return image.manifest, image.media_type
    if image.media_type == OCI_MANIFEST and DOCKER_MANIFEST in accepted:
        return _as_type(image.manifest, DOCKER_MANIFEST, DOCKER_CONFIG, DOCKER_LAYER), DOCKER_MANIFEST
    if image.media_type in (OCI_MANIFEST, DOCKER_MANIFEST):
        for old_type in (DOCKER_V1_SIGNED, DOCKER_V1):
            if old_type in accepted:
                return _as_schema1(image.manifest, old_type == DOCKER_V1_SIGNED), old_type
    if image.media_type == DOCKER_MANIFEST and OCI_MANIFEST in accepted:
        return _as_type(image.manifest, OCI_MANIFEST, OCI_CONFIG, OCI_LAYER), OCI_MANIFEST
    return None


def _as_type(manifest, media_type, config_type, layer_type):
    document = parse_manifest(manifest)
    document["mediaType"] = media_type
    document["config"]["mediaType"] = config_type
    for layer in document["layers"]:
        layer["mediaType"] = layer_type
    return render(document, indent=3)


def _as_schema1(manifest, signed):
    layers = [layer["digest"] for layer in parse_manifest(manifest).get("layers", [])]
    document = {
        "schemaVersion": 1,
        "name": "converted",
        "tag": "converted",
        "architecture": "amd64",
        "fsLayers": [{"blobSum": digest} for digest in reversed(layers)],
        "history": [{"v1Compatibility": "{}"} for _ in layers],
    }
    if signed:
        document["signatures"] = [{"header": {"alg": "ES256"}, "signature": "c2ln", "protected": "e30"}]
    return render(document, indent=3)


def render(document, indent=None, escape=False):
    """A document as bytes without a final newline; `escape` writes non-ASCII as \\u."""
    separators = (",", ":") if indent is None else None
    return json.dumps(document, indent=indent, separators=separators, ensure_ascii=escape).encode()


def descriptor(media_type, digest, size, **more):
    return {"mediaType": media_type, "digest": digest, "size": size, **more}


def image_manifest(media_type, config, layers, **more):
    """An image manifest; without media_type the member is left out, as Helm does."""
    head = {"schemaVersion": 2}
    if media_type:
        head["mediaType"] = media_type
    return {**head, "config": config, "layers": layers, **more}


def index_manifest(media_type, children, **more):
    return {"schemaVersion": 2, "mediaType": media_type, "manifests": children, **more}
