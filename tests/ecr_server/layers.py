"""Layer and config blobs: availability, download URLs, and the downloads themselves.

Only config blobs of invented images have contents. Layers are known by digest, size and
type, and can be asked for; downloading one gives 404.
"""

import calendar
import hashlib
import hmac
import re
import time
import urllib.parse
import uuid

from .documents import parse_manifest
from .errors import ApiError
from .http_server import Response
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


def _signature(path, date, lifetime):
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
        "X-Amz-Expires": lifetime, "X-Amz-Signature": _signature(path, date, lifetime),
    })
    origin = f"{call.request.scheme}://{call.request.header('host')}"
    return {"downloadUrl": f"{origin}{path}?{query}", "layerDigest": digest}


def _s3_error(status, code, message):
    body = (f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
            f"<Message>{message}</Message></Error>")
    return Response(status, body.encode(), "application/xml")


def serve_blob(request, registries, settings, counters):
    """GET of a presigned URL, in the manner of S3 (ranges included)."""
    path, _, query_text = request.target.partition("?")
    query = dict(urllib.parse.parse_qsl(query_text))
    # S3 refuses two ways of authentication at once.
    if request.header("authorization") or request.header("x-amz-security-token"):
        return _s3_error(400, "InvalidArgument", "Only one auth mechanism allowed; only the "
                         "X-Amz-Algorithm query parameter, Signature query string parameter or the "
                         "Authorization header should be specified")
    date, lifetime = query.get("X-Amz-Date", ""), query.get("X-Amz-Expires", "0")
    if query.get("X-Amz-Signature") != _signature(path, date, lifetime):
        return _s3_error(403, "SignatureDoesNotMatch", "The request signature does not match.")
    signed_at = calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))
    if settings.now() > signed_at + int(lifetime):
        return _s3_error(403, "AccessDenied", "Request has expired")
    account, region, name, hex_digest, _unique = path.removeprefix(PATH).split("/")
    repository = registries.find(account, urllib.parse.unquote(name), region)
    digest = hex_digest.replace("-", ":", 1)
    blob = blob_bytes(repository, digest) if repository else None
    counters.blob_downloads[digest] += 1
    if blob is None:
        return _s3_error(404, "NoSuchKey", "The specified key does not exist.")
    return _ranged(blob, request.header("range"))


def _ranged(blob, wanted):
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted or "")
    if not match:
        return Response(200, blob, "application/octet-stream")
    first, last = int(match[1]), min(int(match[2] or len(blob) - 1), len(blob) - 1)
    response = Response(206, blob[first:last + 1], "application/octet-stream")
    response.headers.append(("Content-Range", f"bytes {first}-{last}/{len(blob)}"))
    return response
