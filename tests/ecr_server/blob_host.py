"""The host of blobs, in the manner of S3: another address than the API's, to which URLs lead that it gives out.

Fault rules and latency apply to it under the name of an operation, GetBlob; the id is the blob's digest.
"""

import asyncio
import calendar
import re
import time
import urllib.parse

from .errors import ApiError
from .http_server import Response
from .layers import PATH, blob_bytes, signature

OPERATION = "GetBlob"
# What any client sends; whatever else comes was meant for the API, or is a secret.
COMMON_HEADERS = {"host", "user-agent", "accept", "accept-encoding", "connection", "range"}


class Download:
    """One download, as fault rules see calls."""

    caller = None
    fault = None
    operation = OPERATION

    def __init__(self, host, request):
        self.counters = host.service.counters
        self.registries = host.service.registries
        path, _, query = request.target.partition("?")
        self.path = path
        self.query = dict(urllib.parse.parse_qsl(query))
        self.account, self.region, name, hex_digest, _unique = path.removeprefix(PATH).split("/")
        self.digest = hex_digest.replace("-", ":", 1)
        self.params = {"repositoryName": urllib.parse.unquote(name)}

    def repository_names(self):
        return [self.params["repositoryName"]]

    def image_ids(self):
        return [{"imageDigest": self.digest}]


class BlobHost:
    """Answers at the second address."""

    def __init__(self, service):
        self.service = service

    async def handle(self, request):
        counters = self.service.counters
        counters.blob_headers.update(set(request.headers) - COMMON_HEADERS)
        if request.method != "GET" or not re.fullmatch(re.escape(PATH) + r"[^/]+(/[^/]+){4}", request.target):
            return s3_error(404, "NoSuchKey", "The specified key does not exist.")
        download = Download(self, request)
        counters.blob_begins(download.digest)
        try:
            return await self._answer(request, download)
        finally:
            counters.blob_ends()

    async def _answer(self, request, download):
        await asyncio.sleep(self.service.settings.latency_s(OPERATION))
        rules = self.service.faults.matching(download)
        try:
            response = await self.service.faults.before(rules, download)
        except ApiError as error:
            response = s3_error(error.status, error.code, error.message)
        if response is None:
            response = self._serve(request, download)
        self.service.faults.change_response(rules, download, response)
        return response

    def _serve(self, request, download):
        settings = self.service.settings
        # S3 refuses two ways of authentication at once.
        if request.header("authorization") or request.header("x-amz-security-token"):
            return s3_error(400, "InvalidArgument", "Only one auth mechanism allowed; only the "
                            "X-Amz-Algorithm query parameter, Signature query string parameter or the "
                            "Authorization header should be specified")
        date, lifetime = download.query.get("X-Amz-Date", ""), download.query.get("X-Amz-Expires", "0")
        if download.query.get("X-Amz-Signature") != signature(download.path, date, lifetime):
            return s3_error(403, "SignatureDoesNotMatch", "The request signature does not match.")
        signed_at = calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))
        if settings.now() > signed_at + int(lifetime):
            return s3_error(403, "AccessDenied", "Request has expired")
        repository = download.registries.find(download.account, download.params["repositoryName"], download.region)
        blob = blob_bytes(repository, download.digest) if repository else None
        if blob is None:
            return s3_error(404, "NoSuchKey", "The specified key does not exist.")
        return _ranged(blob, request.header("range"))


def s3_error(status, code, message):
    body = (f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
            f"<Message>{message}</Message></Error>")
    return Response(status, body.encode(), "application/xml")


def _ranged(blob, wanted):
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted or "")
    if not match:
        return Response(200, blob, "application/octet-stream")
    first, last = int(match[1]), min(int(match[2] or len(blob) - 1), len(blob) - 1)
    response = Response(206, blob[first:last + 1], "application/octet-stream")
    response.headers.append(("Content-Range", f"bytes {first}-{last}/{len(blob)}"))
    return response
