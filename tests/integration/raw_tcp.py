"""A TCP port in front of the local ECR server, or of its blob host, that misbehaves below HTTP, where they cannot.

Each connection carries one request, which always reaches the server, so that the server counts the
attempts; what comes back is the server's answer as long as the request's operation is not in
`misbehave`. Else a misbehaviour, `function(client, answer)`, has the socket of the client and the
bytes of the whole answer. It may wait for the client to give up, and must not close the socket.
"""

import contextlib
import re
import select
import socket
import ssl
import struct
import threading

from ecr_server import blob_host

END_OF_HEAD = b"\r\n\r\n"
CLIENT_LEFT = (ConnectionError, TimeoutError, ssl.SSLError)
WAIT_S = 30  # for a client to say something


# Misbehaviours.

def silence(client, _answer):
    client.recv(1)


def reset(client, data):
    """Send this, then RST: what was sent over the loopback has arrived."""
    client.sendall(data)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reset_before_headers(client, _answer):
    reset(client, b"")


def reset_during_headers(client, answer):
    reset(client, answer[:head_size(answer) // 2])


def reset_after_headers(client, answer):
    reset(client, answer[:head_size(answer)])


def reset_after_the_answer(client, answer):
    reset(client, answer)


def stall_during_headers(client, answer):
    client.sendall(answer[:head_size(answer) // 2])
    silence(client, answer)


def stall_in_mid_body(client, answer):
    client.sendall(answer[:half_of_body(answer)])
    silence(client, answer)


def close_in_mid_body(client, answer):
    client.sendall(answer[:half_of_body(answer)])


def drip(client, data):
    """One byte a second, until the client has enough of it."""
    for byte in data:
        client.sendall(bytes([byte]))
        if select.select([client], [], [], 1)[0]:
            return


def drip_from_the_start(client, answer):
    drip(client, answer)


def drip_the_body(client, answer):
    client.sendall(answer[:head_size(answer)])
    drip(client, answer[head_size(answer):])


def headers_without_end(client, answer):
    client.sendall(answer[:head_size(answer) - 2])
    while True:
        client.sendall(b"".join(b"X-%d: x\r\n" % number for number in range(1000)))


def with_length(headers):
    """Other headers in the place of Content-Length."""
    def misbehave(client, answer):
        client.sendall(re.sub(rb"Content-Length: \d+", headers, answer, count=1))
    return misbehave


def with_body(change):
    """Another body, and its length."""
    def misbehave(client, answer):
        body = change(answer[head_size(answer):])
        with_length(b"Content-Length: %d" % len(body))(client, answer[:head_size(answer)] + body)
    return misbehave


def with_header(header):
    def misbehave(client, answer):
        client.sendall(answer.replace(END_OF_HEAD, b"\r\n" + header + END_OF_HEAD, 1))
    return misbehave


def in_chunks(spoil):
    """The answer in chunks of 64 bytes. `spoil` is handed what goes over the wire for each."""
    def misbehave(client, answer):
        size = head_size(answer)
        head = re.sub(rb"Content-Length: \d+", b"Transfer-Encoding: chunked", answer[:size])
        body = answer[size:]
        parts = [body[start:start + 64] for start in range(0, len(body), 64)]
        chunks = [b"%x\r\n%b\r\n" % (len(part), part) for part in parts] + [b"0\r\n\r\n"]
        client.sendall(head + b"".join(spoil(chunks)))
    return misbehave


def head_size(answer):
    return answer.index(END_OF_HEAD) + len(END_OF_HEAD)


def half_of_body(answer):
    return (head_size(answer) + len(answer)) // 2


# The port.

class RawTcp:
    """Listens at 127.0.0.1, with a thread for each connection. A context manager."""

    def __init__(self, backend_port, tls=None):
        self.misbehave = {}
        self.tls = tls  # an ssl.SSLContext; may be replaced at any time
        self._backend_port = backend_port
        self._listener = self._acceptor = None
        self._threads, self._clients = [], set()
        self._queue = contextlib.ExitStack()
        self.port = None

    def __enter__(self):
        self.listen()
        return self

    def __exit__(self, *_exception):
        self.stop()

    @property
    def endpoint(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def listen(self):
        """Take connections. After `stop` or `block`: again, at the same port."""
        self.stop()
        self._listener = socket.create_server(("127.0.0.1", self.port or 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        self._acceptor.start()

    def stop(self):
        """Refuse connections, and end those that are there."""
        self._queue.close()
        if self._listener:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._acceptor.join()
        for client in list(self._clients):
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._threads, self._listener = [], None

    def block(self):
        """Leave those who connect without an answer: Linux drops what does not fit into a listener's queue."""
        self.stop()
        self._queue.enter_context(socket.create_server(("127.0.0.1", self.port), backlog=0))
        self._queue.enter_context(socket.create_connection(("127.0.0.1", self.port)))

    def _accept(self, listener):
        with listener:
            while True:
                try:
                    client, _address = listener.accept()
                except OSError:  # `stop`
                    return
                thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
                self._threads = [other for other in self._threads if other.is_alive()] + [thread]
                thread.start()

    def _serve(self, client):
        client.settimeout(WAIT_S)
        with client, contextlib.suppress(*CLIENT_LEFT):
            if not self.tls:
                self._answer(client)
                return
            with self.tls.wrap_socket(client, server_side=True) as wrapped:
                self._answer(wrapped)

    def _answer(self, client):
        self._clients.add(client)
        try:
            request = read_request(client)
            if request:
                self._pass_on(client, request)
        finally:
            self._clients.discard(client)

    def _pass_on(self, client, request):
        with socket.create_connection(("127.0.0.1", self._backend_port)) as backend:
            backend.sendall(request.replace(END_OF_HEAD, b"\r\nConnection: close" + END_OF_HEAD, 1))
            answer = iter(lambda: backend.recv(1 << 16), b"")
            misbehave = self.misbehave.get(operation_of(request))
            if misbehave:
                misbehave(client, b"".join(answer))
            else:
                for data in answer:
                    client.sendall(data)


def read_request(client):
    """Head and body; nothing if the client leaves before."""
    request = b""
    while END_OF_HEAD not in request or len(request) < head_size(request) + body_size(request):
        data = client.recv(1 << 16)
        if not data:
            return b""
        request += data
    return request


def body_size(request):
    found = re.search(rb"\r\ncontent-length: (\d+)", request[:head_size(request)], re.I)
    return int(found[1]) if found else 0


def operation_of(request):
    found = re.search(rb"\r\nx-amz-target: \w+\.(\w+)", request, re.I)
    if found:
        return found[1].decode()
    return blob_host.OPERATION if request.startswith(f"GET {blob_host.PATH}".encode()) else "(none)"
