"""Opaque page tokens.

A token says behind which row the next page begins and for which request it was made. It
is signed, so that a made-up token is recognised: ECR answers InvalidParameterException.
"""

import base64
import binascii
import hashlib
import hmac
import json

from .errors import invalid_parameter

_KEY = b"local-ecr-page-token"
_MARK_BYTES = 12
DEFAULT_PAGE = 100


def _mark(payload):
    return hmac.new(_KEY, payload, hashlib.sha256).digest()[:_MARK_BYTES]


def make_token(question, position):
    payload = json.dumps([question, list(position)]).encode()
    return base64.b64encode(_mark(payload) + payload).decode()


def read_token(token, question):
    """The position in a token, which must come from the same question."""
    try:
        raw = base64.b64decode(token, validate=True)
    except (binascii.Error, ValueError):
        raise invalid_parameter("Invalid parameter at 'nextToken': invalid token") from None
    payload = raw[_MARK_BYTES:]
    if not hmac.compare_digest(raw[:_MARK_BYTES], _mark(payload)):
        raise invalid_parameter("Invalid parameter at 'nextToken': invalid token")
    asked, position = json.loads(payload)
    if asked != json.loads(json.dumps(question)):
        raise invalid_parameter("Invalid parameter at 'nextToken': token of another request")
    return tuple(position)


class Pager:
    """Cuts lists of rows into pages; row[0] is the row's position."""

    def __init__(self, settings):
        self._settings = settings
        self._pages = 0

    def page(self, rows, rows_after, params, question, default=DEFAULT_PAGE):
        """(rows of this page, nextToken or None)."""
        token = params.get("nextToken")
        position = read_token(token, question) if token else None
        start = rows_after(rows, position)
        size = params.get("maxResults", default)
        if self._settings.page_size:
            size = min(size, self._settings.page_size)
        if self._is_empty_page() and start < len(rows):
            # A page may be empty and still carry a nextToken; the position does not move,
            # yet the token differs from the one before, as ECR's do.
            return [], make_token(question, (position or (0, 0))[:2] + (self._pages,))
        page = rows[start:start + size]
        more = start + size < len(rows)
        return page, make_token(question, page[-1][0]) if more else None

    def _is_empty_page(self):
        every = self._settings.empty_page_every
        self._pages += 1
        return bool(every) and self._pages % every == 0
