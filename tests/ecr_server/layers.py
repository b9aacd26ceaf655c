"""Layer and config blobs: availability, and download URLs. The downloads are in blob_host.py.

Only config blobs of invented images, and what was pushed as a blob, have contents. Layers are
known by digest, size and type, and can be asked for; downloading one gives 404.
"""

import hashlib
import hmac
import time
import urllib.parse
import uuid

from .documents import parse_manifest
from .errors import ApiError
from .operations import IS_DIGEST
from .registry import sha256_digest

_KEY = b"local-presigned-urls"
PATH = "/prod-starport-layer-bucket/"


def layer_index(repository):
    """{digest: (size, media type, image)} of all blobs that manifests of a repository name."""
    def build():
        index = {}
        for image in repository.images.values():
            document = parse_manifest(image.manifest)
            for blob in [document.get("config"), *document.get("layers", [])]:
                if blob and "digest" in blob:
                    index[blob["digest"]] = (blob.get("size", 0), blob.get("mediaType", ""), image)
        for digest, (blob, media_type) in repository.blobs.items():
            index.setdefault(digest, (len(blob), media_type, None))
        return index
    return repository.cached("layers", build)


def blob_bytes(repository, digest):
    """The contents of a blob, or None if this server has none."""
    if digest in repository.blobs:
        return repository.blobs[digest][0]
    _size, _media_type, image = layer_index(repository).get(digest, (0, "", None))
    blob = image.config_recipe() if image and image.config_recipe else None
    return blob if blob is not None and sha256_digest(blob) == digest else None


def batch_check_layer_availability(call):
    index = layer_index(call.repository())
    layers, failures = [], []
    for digest in call.params["layerDigests"]:
        if not IS_DIGEST(digest):
            code, reason = "InvalidLayerDigest", "Invalid layer digest"
            failures.append({"layerDigest": digest, "failureCode": code, "failureReason": reason})
        elif digest in index:
            size, media_type, _image = index[digest]
            layers.append({"layerDigest": digest, "layerAvailability": "AVAILABLE", "layerSize": size,
                           "mediaType": media_type})
        else:
            layers.append({"layerDigest": digest, "layerAvailability": "UNAVAILABLE"})
    return {"layers": layers, "failures": failures}


def signature(path, date, lifetime):
    return hmac.new(_KEY, f"{path}|{date}|{lifetime}".encode(), hashlib.sha256).hexdigest()


def get_download_url_for_layer(call):
    """A URL that looks presigned and is good for `url_lifetime_s`."""
    repository, digest = call.repository(), call.params["layerDigest"]
    if digest not in layer_index(repository):
        raise ApiError(
            "LayersNotFoundException",
            f"The layer with digest '{digest}' does not exist in the repository with name "
            f"'{repository.name}' in the registry with id '{repository.account}'")
    name = urllib.parse.quote(repository.name, safe="")
    path = f"{PATH}{repository.account}/{call.region}/{name}/{digest.replace(':', '-')}/{uuid.uuid4()}"
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(call.settings.now()))
    lifetime = int(call.settings.url_lifetime_s)
    query = urllib.parse.urlencode({
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Date": date, "X-Amz-SignedHeaders": "host",
        "X-Amz-Expires": lifetime, "X-Amz-Signature": signature(path, date, lifetime),
    })
    return {"downloadUrl": f"{call.blob_origin}{path}?{query}", "layerDigest": digest}
