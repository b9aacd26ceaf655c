"""The services that ecrfs asks for credentials, at one address. botocore's requests to them do not leave its process."""

import http.server
import json
import threading

from . import portal, sts


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, text, error=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        if error:
            self.send_header("x-amzn-ErrorType", error)
        self.end_headers()
        self.wfile.write(text.encode())

    def do_GET(self):
        self.answer_as_portal(b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/":
            self.answer(*sts.answer(body.decode(), self.headers))
        else:
            self.answer_as_portal(body)

    def answer_as_portal(self, body):
        status, document, error = portal.answer(self.path, self.headers, body)
        self.answer(status, json.dumps(document), error)

    def log_message(self, *_):
        pass


class Services:
    def __init__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
