"""The table of faults: how each is made, and what must become of a read, a listing and a download that meet it.

A row has the errno of a `read`, which is a BatchGetImage, and of a `listing`, for each of the three calls that
list; OK where the right bytes come all the same, NOT where there is no such fault. The two halves of a download, of
a config.json, are the `address`, a call like those that list where nothing else is said, and the `blob`, at a host
that is not ECR. `attempts` is how often the call is sent, of the two that the mounts allow. `offline` tells whether
the endpoint counts as offline after three of them; None where it has answered, since then it does not. The blob host
never does.
"""

import collections

from .fault_stage import ADDRESS, BLOB, answers, block, certificate, pages_that_repeat, refuse, says, setting, tcp
from .raw_tcp import (
    close_in_mid_body, drip_from_the_start, drip_the_body, headers_without_end, in_chunks, reset_after_headers,
    reset_after_the_answer, reset_before_headers, reset_during_headers, silence, stall_during_headers,
    stall_in_mid_body, with_body, with_header, with_length)

READ = "BatchGetImage"
LISTINGS = ("DescribeImages", "ListImages", "DescribeRepositories")
OK, NOT, AS_LISTING = None, "not", "as a listing"

Row = collections.namedtuple(
    "Row", "make read listing attempts offline address blob", defaults=[None, AS_LISTING, NOT])


def errnos(row):
    """{operation: errno} of those that meet the fault."""
    address = row.listing if row.address is AS_LISTING else row.address
    found = {READ: row.read, **dict.fromkeys(LISTINGS, row.listing), ADDRESS: address, BLOB: row.blob}
    return {operation: errno for operation, errno in found.items() if errno is not NOT}


def api_error(code, **more):
    return answers("error", code=code, message=f"told {code}", **more)


def html(status):
    return answers("html", status=status)


def s3_error(code, status, **more):
    return api_error(code, status=status, **more)


def blob(make, errno, attempts):
    """What only a blob host does."""
    return Row(make, NOT, NOT, attempts, blob=errno)


CONNECTIONS = {
    # fault: made by; a read; a listing; attempts; offline; a blob
    "nobody listens": Row(refuse, "ECONNREFUSED", "ECONNREFUSED", 2, True, blob="ECONNREFUSED"),
    "nobody accepts": Row(block, "ETIMEDOUT", "ETIMEDOUT", 2, True, blob="ETIMEDOUT"),
    "silent port": Row(tcp(silence), "ETIMEDOUT", "ETIMEDOUT", 2, True, blob="ETIMEDOUT"),
    "1 byte a second": Row(tcp(drip_from_the_start), "ETIMEDOUT", "ETIMEDOUT", 2, True, blob="ETIMEDOUT"),
    "1 byte a second of the body": Row(tcp(drip_the_body), "ETIMEDOUT", "ETIMEDOUT", 2, False, blob="ETIMEDOUT"),
    "stall in the headers": Row(tcp(stall_during_headers), "ETIMEDOUT", "ETIMEDOUT", 2, False, blob="ETIMEDOUT"),
    "stall in mid body": Row(tcp(stall_in_mid_body), "ETIMEDOUT", "ETIMEDOUT", 2, False, blob="ETIMEDOUT"),
    "reset before headers": Row(tcp(reset_before_headers), "EIO", "EIO", 2, False, blob="EIO"),
    "reset during headers": Row(tcp(reset_during_headers), "EIO", "EIO", 2, False, blob="EIO"),
    "reset after headers": Row(tcp(reset_after_headers), "EIO", "EIO", 2, False, blob="EIO"),
    "reset after the answer": Row(tcp(reset_after_the_answer), OK, OK, 1, blob=OK),
    "closed before headers": Row(answers("close"), "EIO", "EIO", 2, False, blob="EIO"),
    "closed after headers": Row(answers("close", when="after_headers"), "EPROTO", "EPROTO", 2, False, blob="EPROTO"),
    "closed in mid body": Row(tcp(close_in_mid_body), "EPROTO", "EPROTO", 2, False, blob="EPROTO"),
    "closed once": Row(answers("close", times=1), OK, OK, 2, blob=OK),
    "closed after the answer": Row(answers("close", when="after"), OK, OK, 1, blob=OK),
}

CERTIFICATES = {
    "self-signed": Row(certificate("unknown"), "EPROTO", "EPROTO", 1, False, blob="EPROTO"),
    "of another host": Row(certificate("elsewhere"), "EPROTO", "EPROTO", 1, False, blob="EPROTO"),
    "expired": Row(certificate("expired"), "EPROTO", "EPROTO", 1, False, blob="EPROTO"),
    "no TLS at all": Row(certificate(None), "EPROTO", "EPROTO", 2, False, blob="EPROTO"),
}

BODIES = {
    "empty 200": Row(answers("empty"), "EPROTO", "EPROTO", 1, blob="EBADMSG"),
    "garbage": Row(answers("garbage"), "EPROTO", "EPROTO", 1, blob="EBADMSG"),
    "not even HTTP": Row(says("\x00\xff\r\n\r\n"), "EPROTO", "EPROTO", 1, blob="EPROTO"),
    "100 MB": Row(answers("oversize", mb=100), "EPROTO", "EPROTO", 1, blob="EBADMSG"),
    # libcurl has no word of its own for the first, and takes the second for a lack of memory.
    "headers without end": Row(tcp(headers_without_end), "EIO", "EIO", 2, blob="EIO"),
    "a header of 200 KB": Row(tcp(with_header(b"X-Long: " + b"x" * 200_000)), "ENOMEM", "ENOMEM", 1, blob="ENOMEM"),
    "truncated": Row(answers("truncate"), "EPROTO", "EPROTO", 2, blob="EPROTO"),
    "truncated once": Row(answers("truncate", times=1), OK, OK, 2, blob=OK),
    "Content-Length too large": Row(answers("content_length", add=10), "EPROTO", "EPROTO", 2, blob="EPROTO"),
    "Content-Length too small": Row(answers("content_length", add=-10), "EPROTO", "EPROTO", 1, blob="EBADMSG"),
    "Content-Length is no number": Row(tcp(with_length(b"Content-Length: many")), "EPROTO", "EPROTO", 1, blob="EPROTO"),
    "Content-Length is negative": Row(tcp(with_length(b"Content-Length: -5")), "EPROTO", "EPROTO", 1, blob="EPROTO"),
    "chunked": Row(answers("chunked"), OK, OK, 1, blob=OK),
    "chunks without the last": Row(tcp(in_chunks(lambda chunks: chunks[:-1])), "EPROTO", "EPROTO", 2, blob="EPROTO"),
    "chunk cut": Row(tcp(in_chunks(lambda chunks: [chunks[0][:20]])), "EPROTO", "EPROTO", 2, blob="EPROTO"),
    # To libcurl that is a connection that cannot be received from.
    "chunk size is no number": Row(tcp(in_chunks(lambda chunks: [b"zz\r\n", *chunks])), "EIO", "EIO", 2, blob="EIO"),
    "chunk longer than its size": Row(tcp(in_chunks(lambda chunks: [b"5\r\n", *chunks])), "EIO", "EIO", 2, blob="EIO"),
    "gzip": Row(answers("gzip"), OK, OK, 1, blob=OK),
    "gzip cut": Row(answers("gzip", damage="cut"), "EPROTO", "EPROTO", 1, blob="EBADMSG"),
    "gzip corrupt": Row(answers("gzip", damage="corrupt"), "EPROTO", "EPROTO", 1, blob="EPROTO"),
    "gzip that is none": Row(tcp(with_header(b"Content-Encoding: gzip")), "EPROTO", "EPROTO", 1, blob="EPROTO"),
    "unknown encoding": Row(tcp(with_header(b"Content-Encoding: rot13")), "EPROTO", "EPROTO", 1, blob="EPROTO"),
    "delayed": Row(answers("delay", ms=50), OK, OK, 1, blob=OK),
    "slow, but in time": Row(answers("trickle", bytes_per_s=20000), OK, OK, 1, blob=OK),
}

STATUSES = {
    "HTTP 200 html": Row(html(200), "EPROTO", "EPROTO", 1, blob="EBADMSG"),
    "HTTP 302": Row(says("HTTP/1.1 302 Found\r\nLocation: ?again\r\nContent-Length: 0\r\n\r\n"),
                    "EIO", "EIO", 1, blob="EIO"),
    "HTTP 307": Row(says("HTTP/1.1 307 Temporary Redirect\r\nLocation: ?again\r\nContent-Length: 0\r\n\r\n"),
                    "EIO", "EIO", 1, blob="EIO"),
    "HTTP 400 html": Row(html(400), "EIO", "EIO", 1, blob="EIO"),
    "HTTP 403 html": Row(html(403), "EACCES", "EACCES", 1),
    "HTTP 403 XML": Row(answers("html", status=403, body="<Error><Code>AccessDenied</Code></Error>"),
                        "EACCES", "EACCES", 1),
    "HTTP 404 html": Row(html(404), "EIO", "EIO", 1, blob="EIO"),
    "HTTP 429 html": Row(html(429), "EBUSY", "EBUSY", 2, blob="EBUSY"),
    "HTTP 500 html": Row(html(500), "EIO", "EIO", 2, blob="EIO"),
    "HTTP 502 html": Row(html(502), "EIO", "EIO", 2, blob="EIO"),
    "HTTP 503 html": Row(html(503), "EIO", "EIO", 2, blob="EBUSY"),
    "HTTP 503 once": Row(answers("html", times=1), OK, OK, 2, blob=OK),
    "HTTP 504 html": Row(html(504), "EIO", "EIO", 2, blob="EIO"),
}

CODES = {
    "ServerException": Row(api_error("ServerException"), "EIO", "EIO", 2),
    "InternalFailure": Row(api_error("InternalFailure"), "EIO", "EIO", 2),
    "ThrottlingException": Row(api_error("ThrottlingException"), "EBUSY", "EBUSY", 2),
    "ThrottlingException once": Row(api_error("ThrottlingException", times=1), OK, OK, 2),
    "TooManyRequestsException": Row(api_error("TooManyRequestsException"), "EBUSY", "EBUSY", 2),
    "LimitExceededException": Row(api_error("LimitExceededException"), "EBUSY", "EBUSY", 2),
    "InvalidParameterException": Row(api_error("InvalidParameterException"), "EIO", "EIO", 1),
    "StrangeException": Row(api_error("StrangeException"), "EIO", "EIO", 1),
    "AccessDeniedException": Row(api_error("AccessDeniedException"), "EACCES", "EACCES", 1),
    "RepositoryNotFoundException": Row(api_error("RepositoryNotFoundException"), "ENOENT", NOT, 1),
    "UnrecognizedClientException": Row(api_error("UnrecognizedClientException"), "EKEYREJECTED", "EKEYREJECTED", 2),
    "InvalidSignatureException": Row(api_error("InvalidSignatureException"), "EKEYREJECTED", "EKEYREJECTED", 2),
    "ExpiredTokenException": Row(api_error("ExpiredTokenException"), "EKEYEXPIRED", "EKEYEXPIRED", 2),
    "ExpiredTokenException once": Row(api_error("ExpiredTokenException", times=1), OK, OK, 2),
    "skewed Date": Row(setting(clock_offset_s=3600), OK, OK, 2),
}

IMAGES = {
    "InvalidImageDigest": Row(answers("failure", code="InvalidImageDigest"), "ENOENT", NOT, 1),
    "InvalidImageTag": Row(answers("failure", code="InvalidImageTag"), "ENOENT", NOT, 1),
    "ImageTagDoesNotMatchDigest": Row(answers("failure", code="ImageTagDoesNotMatchDigest"), "ENOENT", NOT, 1),
    "ImageNotFound": Row(answers("failure", code="ImageNotFound"), "ENOENT", NOT, 1),
    "MissingDigestAndTag": Row(answers("failure", code="MissingDigestAndTag"), "EIO", NOT, 1),
    "ImageReferencedByManifestList": Row(answers("failure", code="ImageReferencedByManifestList"), "EIO", NOT, 1),
    "KmsError": Row(answers("failure", code="KmsError"), "EACCES", NOT, 1),
    "UpstreamAccessDenied": Row(answers("failure", code="UpstreamAccessDenied"), "EACCES", NOT, 1),
    "UpstreamTooManyRequests": Row(answers("failure", code="UpstreamTooManyRequests"), "EBUSY", NOT, 1),
    "UpstreamUnavailable": Row(answers("failure", code="UpstreamUnavailable"), "EIO", NOT, 1),
    "ImageInaccessible": Row(answers("failure", code="ImageInaccessible"), "ENODATA", NOT, 1),
    "unknown failure": Row(answers("failure", code="Strange"), "EIO", NOT, 1),
    "id left out": Row(answers("drop_id"), "EPROTO", NOT, 1),
    "an image nobody asked for": Row(answers("extra_id"), OK, NOT, 1),
    "manifests swapped": Row(answers("extra_id", "swap"), OK, NOT, 1),
    "wrong digest": Row(answers("wrong_digest"), "EBADMSG", NOT, 1),
    "other bytes": Row(answers("wrong_digest", manifest="{}"), "EBADMSG", NOT, 1),
    "no bytes": Row(answers("wrong_digest", manifest=""), "EBADMSG", NOT, 1),
    "converted": Row(answers("convert"), "EBADMSG", NOT, 1),
    "images is null": Row(answers("merge", members={"images": None}), "EPROTO", NOT, 1),
    "images is a number": Row(answers("merge", members={"images": 7}), "EPROTO", NOT, 1),
    "image without a manifest": Row(answers("merge", members={"images": [{"imageId": {}}]}), "EPROTO", NOT, 1),
}

ADDRESSES = {
    "LayersNotFoundException": Row(api_error("LayersNotFoundException"), NOT, NOT, 1, address="ENOENT"),
    "LayerInaccessibleException": Row(api_error("LayerInaccessibleException"), NOT, NOT, 1, address="EACCES"),
    "no address": Row(answers("merge", members={"downloadUrl": None}), NOT, NOT, 1, address="EPROTO"),
    "address is a number": Row(answers("merge", members={"downloadUrl": 7}), NOT, NOT, 1, address="EPROTO"),
}

BLOBS = {
    "another byte": blob(tcp(with_body(lambda body: body[:-1] + b"?")), "EBADMSG", 1),
    "one byte more than the manifest says": blob(tcp(with_body(lambda body: body + b"?")), "EBADMSG", 1),
    "one byte less": blob(tcp(with_body(lambda body: body[:-1])), "EBADMSG", 1),
    # Another address is asked for, once.
    "address has expired": blob(setting(url_lifetime_s=-10), "EACCES", 2),
    "address has expired once": blob(s3_error("AccessDenied", 403, times=1), OK, 2),
    "refused": blob(s3_error("AccessDenied", 403), "EACCES", 2),
    "refused, in html": blob(html(403), "EACCES", 2),
    "gone": blob(s3_error("NoSuchKey", 404), "EIO", 1),
    "failing": blob(s3_error("InternalError", 500), "EIO", 2),
    "too busy": blob(s3_error("SlowDown", 503), "EBUSY", 2),
    "too busy once": blob(s3_error("SlowDown", 503, times=1), OK, 2),
}

PAGES = {
    "page token that repeats": Row(pages_that_repeat, NOT, "EPROTO", 2, address=NOT),
}

MATRIX = {**CONNECTIONS, **CERTIFICATES, **BODIES, **STATUSES, **CODES, **IMAGES, **ADDRESSES, **BLOBS, **PAGES}
# Of these the server never hears.
UNREACHED = {"nobody listens", "nobody accepts", *CERTIFICATES}
