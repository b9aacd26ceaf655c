"""Fault rules of phase "response": functions (rule, response) that change a finished response."""

import gzip


def truncate(rule, response):
    """Send `at` bytes of the body under the full Content-Length, then close."""
    response.cut_at = rule.get("at", len(response.body) // 2)


def content_length(rule, response):
    """Declare `length`, or the true one plus `add`; then close."""
    response.declared_length = rule.get("length", len(response.body) + rule.get("add", 10))


def close_late(rule, response):
    if rule.get("when") == "after_headers":
        response.drop = "after_headers"
    elif rule.get("when") == "after":
        response.close = True


def trickle(rule, response):
    response.bytes_per_s = rule.get("bytes_per_s", 100)


def oversize(rule, response):
    """`mb` megabytes of blanks behind the answer, which stays valid JSON."""
    response.padding = int(rule.get("mb", 64) * 1024 * 1024)


def chunked(rule, response):
    response.chunked = True


def gzipped(rule, response):
    """Compress, with `mb` megabytes of blanks behind the answer; `damage`: cut (the second half is missing)
    | corrupt (the checksum is wrong)."""
    data = gzip.compress(response.body + b" " * int(rule.get("mb", 0) * 1024 * 1024), 1)
    if rule.get("damage") == "cut":
        data = data[:len(data) // 2]
    elif rule.get("damage") == "corrupt":
        data = data[:-8] + bytes(byte ^ 0xff for byte in data[-8:-4]) + data[-4:]
    response.body = data
    response.headers.append(("Content-Encoding", "gzip"))


# Name: (function, its arguments).
ACTIONS = {
    "truncate": (truncate, {"at"}),
    "content_length": (content_length, {"length", "add"}),
    "trickle": (trickle, {"bytes_per_s"}),
    "oversize": (oversize, {"mb"}),
    "chunked": (chunked, set()),
    "gzip": (gzipped, {"mb", "damage"}),
}
