"""A small HTTP server in this process, with a thread for each connection: what credential servers are made of."""

import contextlib
import dataclasses
import http.server
import threading

SOCKET_LIMIT_S = 60


@dataclasses.dataclass
class Request:
    method: str
    path: str
    headers: dict  # lower-case names
    body: bytes


class LocalHttp:
    """Listens at 127.0.0.1. A context manager. Subclasses answer: `answer(request) -> (status, headers, body)`."""

    def __init__(self):
        self.requests = []
        self.waiting = 0  # requests that were held back and are not answered yet
        self._lock = threading.Lock()
        self._open = threading.Event()
        self._open.set()
        local = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = SOCKET_LIMIT_S

            def handle_one_request(self):
                with contextlib.suppress(ConnectionError):
                    super().handle_one_request()

            def do_GET(self):
                local._serve(self)

            do_PUT = do_POST = do_CONNECT = do_GET

            def log_message(self, *_arguments):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception):
        self._open.set()
        self._server.shutdown()
        self._server.server_close()

    def hold(self):
        """From now on requests get no answer until `release`."""
        self._open.clear()

    def release(self):
        self._open.set()

    def count(self, method):
        return sum(request.method == method for request in self.requests)

    def _serve(self, handler):
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(handler.command, handler.path, headers, body)
        with self._lock:
            self.requests.append(request)
            self.waiting += 1
        self._open.wait()
        with self._lock:
            self.waiting -= 1
            status, headers, body = self.answer(request)
        handler.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
