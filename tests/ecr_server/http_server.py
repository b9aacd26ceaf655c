"""HTTP/1.1 with persistent connections on asyncio, and answers that may be damaged on purpose.

A handler is `async handler(request) -> Response`. It is cancelled when its client goes away,
so that a request which nobody waits for is no longer in flight.
"""

import asyncio
import dataclasses
import email.utils
import gzip
import time
import traceback

MAX_HEAD_BYTES = 256 * 1024
CHUNK_BYTES = 64 * 1024
REASONS = {
    200: "OK", 206: "Partial Content", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
    408: "Request Timeout", 413: "Content Too Large", 429: "Too Many Requests",
    500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Gateway Timeout",
}


class Request:
    """One request; header names are lower-case."""

    __slots__ = ("method", "target", "headers", "body", "connection", "scheme")

    def __init__(self, method, target, headers):
        self.method = method
        self.target = target
        self.headers = headers
        self.body = b""
        self.connection = None
        self.scheme = "http"

    def header(self, name):
        """The first value of a header, or None."""
        values = self.headers.get(name)
        return values[0] if values else None

    def all_headers(self, name):
        return self.headers.get(name, [])


@dataclasses.dataclass
class Response:
    """An answer, and how to spoil it on its way out (see faults.py)."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/x-amz-json-1.1"
    headers: list = dataclasses.field(default_factory=list)
    declared_length: int | None = None  # another Content-Length than the body has
    cut_at: int | None = None           # send so many bytes of the body, then close
    padding: int = 0                    # blanks after the body
    bytes_per_s: float | None = None    # trickle
    raw: bytes | None = None            # send exactly this and close
    close: bool = False                 # close after the answer
    drop: str | None = None             # "before": send nothing; "after_headers": only the head
    chunked: bool = False
    clock: float | None = None          # for the Date header

    def compress(self):
        self.body = gzip.compress(self.body, 1)
        self.headers.append(("Content-Encoding", "gzip"))

    def head(self, http_close=False):
        length = len(self.body) + self.padding if self.declared_length is None else self.declared_length
        lines = [
            f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Unknown')}",
            f"Date: {email.utils.formatdate(self.clock or time.time(), usegmt=True)}",
        ]
        if self.body or self.content_type:
            lines.append(f"Content-Type: {self.content_type}")
        lines.append("Transfer-Encoding: chunked" if self.chunked else f"Content-Length: {length}")
        if self.close or http_close:
            lines.append("Connection: close")
        lines.extend(f"{name}: {value}" for name, value in self.headers)
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class _Protocol(asyncio.StreamReaderProtocol):
    """A stream protocol that tells its connection when the peer is gone."""

    def __init__(self, server):
        self._connection = Connection(server)
        super().__init__(asyncio.StreamReader(limit=MAX_HEAD_BYTES), self._connection.serve)

    def eof_received(self):
        self._connection.peer_gone()
        return super().eof_received()

    def connection_lost(self, error):
        self._connection.peer_gone()
        super().connection_lost(error)


class Connection:
    """One client connection: reads requests one after the other and answers them."""

    def __init__(self, server):
        self._server = server
        self._handling = None
        self.number = 0

    def peer_gone(self):
        if self._handling is not None:
            self._handling.cancel()

    async def serve(self, reader, writer):
        self.number = self._server.watch.connection_opened(writer.get_extra_info("ssl_object"))
        self._server.writers.add(writer)
        try:
            while await self._serve_one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass  # the peer left, or does not speak HTTP
        finally:
            self._server.writers.discard(writer)
            self._server.watch.connection_closed()
            writer.close()

    async def _serve_one(self, reader, writer):
        request = await read_request(reader, writer)
        if request is None:
            return False
        request.connection = self.number
        request.scheme = self._server.scheme
        self._server.watch.request_begins()
        try:
            response = await self._handle(request)
            if response is None:
                return False
            return await write_response(writer, response, request)
        except ConnectionError:
            self._server.watch.answer_unread()
            raise
        finally:
            self._server.watch.request_ends()

    async def _handle(self, request):
        """The handler's response; None if the peer left before it was ready."""
        self._handling = asyncio.ensure_future(self._server.handler(request))
        try:
            return await asyncio.shield(self._handling)
        except asyncio.CancelledError:
            self._handling.cancel()
            return None
        except Exception:
            # A mistake of this server: say so loudly, and keep serving the others.
            traceback.print_exc()
            return Response(500, b'{"__type":"InternalFailure","message":"bug in the test server"}', close=True)
        finally:
            self._handling = None


async def read_request(reader, writer):
    """The next request of a connection; None at its end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    lines = head.decode("latin-1").split("\r\n")
    try:
        method, target, _version = lines[0].split(" ")
    except ValueError:
        return None
    headers = {}
    for line in lines[1:-2]:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    request = Request(method, target, headers)
    if (request.header("expect") or "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if "chunked" in (request.header("transfer-encoding") or "").lower():
        request.body = await _read_chunked(reader)
    else:
        request.body = await reader.readexactly(int(request.header("content-length") or 0))
    return request


async def _read_chunked(reader):
    parts = []
    while True:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        if size == 0:
            while await reader.readuntil(b"\r\n") != b"\r\n":
                pass
            return b"".join(parts)
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)


async def write_response(writer, response, request):
    """Send an answer; True if the connection can be used again."""
    if response.drop == "before":
        return False
    if response.raw is not None:
        writer.write(response.raw)
        await writer.drain()
        return False
    wants_close = (request.header("connection") or "").lower() == "close"
    head = response.head(wants_close)
    body = b"" if request.method == "HEAD" or response.drop == "after_headers" else response.body
    if response.cut_at is not None:
        body = body[:response.cut_at]
    if response.bytes_per_s:
        writer.write(head)
        await _trickle(writer, body, response.bytes_per_s)
    elif response.chunked:
        writer.write(head + _as_chunks(body))
    else:
        writer.write(head + body if len(body) < CHUNK_BYTES else head)
        if len(body) >= CHUNK_BYTES:
            writer.write(body)
    await _pad(writer, response.padding if not response.drop and response.cut_at is None else 0)
    await writer.drain()
    damaged = response.drop or response.cut_at is not None or response.declared_length is not None
    return not (damaged or response.close or wants_close)


def _as_chunks(body):
    parts = []
    for start in range(0, len(body), CHUNK_BYTES):
        part = body[start:start + CHUNK_BYTES]
        parts.append(b"%x\r\n%b\r\n" % (len(part), part))
    return b"".join(parts) + b"0\r\n\r\n"


async def _trickle(writer, body, bytes_per_s):
    """Send at a steady rate, in steps of at least one byte and about 20 ms."""
    step = max(1, int(bytes_per_s * 0.02))
    for start in range(0, len(body), step):
        writer.write(body[start:start + step])
        await writer.drain()
        await asyncio.sleep(step / bytes_per_s)


async def _pad(writer, count):
    blanks = b" " * CHUNK_BYTES
    while count > 0:
        writer.write(blanks[:count])
        await writer.drain()
        count -= CHUNK_BYTES


class NoWatch:
    """Connection and request events that nobody counts."""

    def connection_opened(self, tls=None):
        return 0

    def connection_closed(self):
        pass

    def answer_unread(self):
        pass

    def request_begins(self):
        pass

    def request_ends(self):
        pass


class HttpServer:
    """A listening socket on 127.0.0.1. TCP_NODELAY is asyncio's default for TCP."""

    def __init__(self, handler, watch=None, tls=None):
        self.handler = handler
        self.watch = watch or NoWatch()
        self.writers = set()
        self.scheme = "https" if tls else "http"
        self._tls = tls
        self._server = None
        self.port = None

    async def listen(self, port):
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Protocol(self), "127.0.0.1", port, backlog=2048, ssl=self._tls,
            # Servers do not wait for the farewell of a client that may be idle.
            ssl_shutdown_timeout=0.05 if self._tls else None)
        self.port = self._server.sockets[0].getsockname()[1]

    def close_connections(self, politely=False):
        """Close every open connection, as a server or load balancer that restarts; `politely` as one
        for which it was idle too long, over TLS with a word of farewell."""
        for writer in list(self.writers):
            writer.close() if politely else writer.transport.abort()

    def close(self):
        self._server.close()
        self.close_connections()
