"""TLS and HTTP/2 before the local ECR server: certificates, and nghttpx (Debian: nghttp2-proxy) as a proxy."""

import contextlib
import os
import signal
import socket
import subprocess

from .checks import free_port, run, until

NGHTTPX = "/usr/sbin/nghttpx"


def make_certificate(directory, name="cert", address="127.0.0.1", days=2):
    """(certificate, key): self-signed, for an address; clients need it as their ca_bundle. -1 days: it has expired."""
    cert, key, request = (directory / f"{name}{suffix}.pem" for suffix in ("", "-key", "-request"))
    run("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-subj", f"/CN={address}", "-addext", f"subjectAltName=IP:{address}", "-keyout", key, "-out", request)
    run("openssl", "x509", "-req", "-in", request, "-signkey", key, "-copy_extensions", "copy", "-days", days,
        "-out", cert)
    return cert, key


class Http2Proxy:
    """nghttpx: TLS with HTTP/2 or HTTP/1.1 in front of a plain HTTP/1.1 server. A context manager.

    Its access log has a line per answered request. The request's Host is handed on, or no
    signature would verify.
    """

    def __init__(self, directory, certificate, backend_port, *options):
        self.port = free_port()
        self._log = directory / "nghttpx-access.log"
        self._messages = directory / "nghttpx.log"
        cert, key = certificate
        self._command = [
            "setpriv", "--pdeathsig", "KILL", NGHTTPX, "--conf=/dev/null", f"--frontend=127.0.0.1,{self.port}",
            f"--backend=127.0.0.1,{backend_port}", "--workers=1", "--no-ocsp", f"--accesslog-file={self._log}",
            "--accesslog-format=$alpn $status $remote_port", f"--errorlog-file={self._messages}", *options, str(key), str(cert)]
        self._process = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_exception):
        self.kill()

    @property
    def endpoint(self):
        return f"https://127.0.0.1:{self.port}"

    def _listens(self):
        assert self._process.poll() is None, f"nghttpx ended: {self._messages.read_text(errors='replace')}"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            return True
        return False

    def start(self):
        """Start it, or start it again at the same port."""
        with self._messages.open("ab") as messages:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=messages, stderr=messages)
        until(self._listens, "nghttpx listens")

    def workers(self):
        """Pids of the processes that serve: the newest one takes new connections."""
        children = f"/proc/{self._process.pid}/task/{self._process.pid}/children"
        with open(children) as file:
            return [int(pid) for pid in file.read().split()]

    def kill(self):
        """End it at once: all connections are reset."""
        if self._process.poll() is None:
            for pid in (*self.workers(), self._process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def reload(self):
        """A new process takes the new connections; the old one says GOAWAY on its own and ends with their calls."""
        before = self.workers()
        self._process.send_signal(signal.SIGHUP)
        until(lambda: set(self.workers()) - set(before), "the new process is there")

    def requests(self):
        """Of each answered request: (protocol, status, port of the client's connection)."""
        return [tuple(line.split()) for line in self._log.read_text().splitlines()]
