"""Where the faults of fault_matrix.py happen: the server, a TCP port before it and one before its blob host, a mount
for each call that meets them.

A fault is begun by `make(stage, operations)`; the functions below return such functions, or are some.
"""

import collections
import hashlib
import os
import re
import ssl
import time

from ecr_server import blob_host
from ecr_server.settings import DEFAULTS

from .checks import errno_of, metrics, read
from .configured import config_of, push
from .tls import make_certificate

ADDRESS, BLOB = "GetDownloadUrlForLayer", blob_host.OPERATION
OTHER = "123456789012"
TIMEOUT_S = 10
OPTIONS = {
    "ttl": "1h", "negative_ttl": "100ms", "timeout": f"{TIMEOUT_S}s", "max_attempts": 2, "readahead": "off"}
IMPATIENT = {"connect_timeout": "200ms", "read_timeout": "300ms"}  # where an attempt ends only by that


def answers(*actions, **arguments):
    """Fault rules of the server. Each download meets those of its own half alone."""
    def make(stage, operations):
        for operation in operations:
            where = {"repository": repository_of(operation)} if operation in (ADDRESS, BLOB) else {}
            for action in actions:
                stage.server.fault(action, operation=operation, **where, **arguments)
    return make


def says(text):
    """The server answers exactly this."""
    return answers("raw", bytes=text)


def setting(**settings):
    return lambda stage, _operations: stage.server.config(**settings)


def pages_that_repeat(stage, operations):
    """The second page hands out the token again that led there: slowly, so that whoever was shown the first one waits
    for it. Who asks for more when it has failed asks anew."""
    stage.server.config(page_size=1, latency_ms=100)
    answers("same_token")(stage, operations)


def tcp(misbehaviour):
    def make(stage, operations):
        for operation in operations:
            stage.port_of(operation).misbehave[operation] = misbehaviour
    return make


def refuse(stage, _operations):
    for port in stage.ports:
        port.stop()


def block(stage, _operations):
    for port in stage.ports:
        port.block()


def certificate(kind):
    """The port shows another certificate: unknown, elsewhere, expired; None: it speaks no TLS."""
    def make(stage, _operations):
        for port in stage.ports:
            port.tls = stage.certificates.contexts[kind]
    return make


class Certificates:
    """What a TLS port may show. `bundle` has all of them but the unknown one."""

    def __init__(self, directory):
        made = {
            "good": make_certificate(directory),
            "unknown": make_certificate(directory, "unknown"),
            "elsewhere": make_certificate(directory, "elsewhere", address="127.0.0.2"),
            "expired": make_certificate(directory, "expired", days=-1),
        }
        self.files = {kind: cert for kind, (cert, _key) in made.items()}
        self.contexts = {kind: self._context(*files) for kind, files in made.items()} | {None: NoTls()}
        self.bundle = directory / "bundle.pem"
        self.bundle.write_text("".join(cert.read_text() for kind, cert in self.files.items() if kind != "unknown"))

    @staticmethod
    def _context(cert, key):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        return context


class NoTls:
    """In the place of an SSLContext: what a web server says to a TLS client on its plain port."""

    def wrap_socket(self, client, server_side):
        client.recv(1 << 16)
        client.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        raise ConnectionAbortedError


class Stage:
    """Server, ports and mounts of one row."""

    def __init__(self, server, ports, mount, certificates):
        self.server, self.ports, self.certificates = server, ports, certificates
        self._mount = mount
        server.config(blob_origin=ports[1].endpoint)

    def port_of(self, operation):
        """Where it meets its fault."""
        return self.ports[operation == BLOB]

    def mount(self, operation, **options):
        """Who asks the blob host has no trouble with the server."""
        if self.port_of(operation).tls:
            options["ca_bundle"] = self.certificates.bundle
        endpoint = self.server.endpoint if operation == BLOB else self.port_of(operation).endpoint
        return self._mount(endpoint_url=endpoint, **{**OPTIONS, **options})

    def clear(self):
        """No fault any more."""
        self.server.clear_faults()
        self.server.config(clock_offset_s=0, page_size=None, latency_ms=0, url_lifetime_s=DEFAULTS["url_lifetime_s"])
        for port in self.ports:
            port.misbehave.clear()
            if port.tls:
                port.tls = self.certificates.contexts["good"]
            port.listen()


def repository_of(operation):
    return f"matrix/{operation.lower()}"


Outcome = collections.namedtuple("Outcome", "errno data seconds")


class Meeting:
    """A mount that knows all it needs but what one operation asks: `go` makes that one and no other call."""

    def __init__(self, stage, operation, options):
        self._server = stage.server
        self.operation = operation
        self.repository = repository_of(operation)
        self.fs = stage.mount(operation, **options)
        self._ask, self.expected = getattr(self, f"_prepare_{operation}")()
        self._log_before = self.fs.log
        self._sent_before = self._sent()
        self.descriptors_before = self.descriptors()

    def _seed(self):
        self._server.seed(repository=self.repository, tags=4)

    def _listing(self, path):
        return lambda: set(os.listdir(path))

    def _prepare_BatchGetImage(self):
        self._seed()
        os.listdir(self.fs.root / self.repository)
        manifest = self.fs.manifest(self.repository, "t000000")
        return lambda: read(manifest), self._server.manifest(self.repository, tag="t000000")

    def _prepare_DescribeImages(self):
        self._seed()
        os.listdir(self.fs.root)
        return self._listing(self.fs.root / self.repository), {f"t{number:06}" for number in range(4)}

    def _prepare_ListImages(self):
        self._seed()
        self._server.config(deny=[{"action": "ecr:DescribeImages", "repository": self.repository}])
        os.listdir(self.fs.root / self.repository / ".digests")  # it is denied, which is remembered
        return self._listing(self.fs.root / self.repository), {f"t{number:06}" for number in range(4)}

    def _prepare_DescribeRepositories(self):
        """Of a registry that the mount has not asked about."""
        self._server.seed(account=OTHER, repositories=4, tags=1)
        names = self._server.tree(account=OTHER)[OTHER]
        return self._listing(self.fs.point / OTHER), {name.partition("/")[0] for name in names}

    def _prepare_GetDownloadUrlForLayer(self):
        """Of a config.json whose size is known."""
        text = f"the configuration of {self.repository}, " * 100
        push(self._server, self.repository, "v1", text)
        path = config_of(self.fs, self.repository, "v1")
        os.stat(path)
        return lambda: read(path), text.encode()

    _prepare_GetBlob = _prepare_GetDownloadUrlForLayer

    def go(self):
        """Ask; its errno, what came, and how long that took."""
        found = []
        started = time.monotonic()
        errno = errno_of(lambda: found.append(self._ask()))
        return Outcome(errno, found[0] if found else None, time.monotonic() - started)

    def calls(self):
        """How often the operation was asked for, as the server counted."""
        if self.operation == BLOB:
            digest = hashlib.sha256(self.expected).hexdigest()
            return self._server.stats()["blob_downloads"].get(f"sha256:{digest}", 0)
        names = [(call["body"] or {}).get("repositoryName", self.repository)
                 for call in self._server.log(self.operation)]
        return names.count(self.repository)

    def sent(self):
        """The same since it is prepared, as the mount counted: of a blob, the addresses that it was given."""
        return self._sent() - self._sent_before

    def _sent(self):
        found = metrics(self.fs)
        operation = ADDRESS if self.operation == BLOB else self.operation
        calls, retries, not_sent = (
            sum(value for key, value in found.items()
                if key.startswith(f'ecrfs_api_{name}_total{{operation="{operation}"'))
            for name in ("calls", "retries", "not_sent"))
        return calls + retries - not_sent

    def new_lines(self):
        """What was logged since about calls and blobs."""
        return re.findall(r"^ecrfs: (?:\w+|blob \S+) of \d{12}.*", self.fs.log.removeprefix(self._log_before), re.M)

    def descriptors(self):
        """All but the certificates, which are kept as a file in memory once they were needed."""
        folder = f"/proc/{self.fs.pid}/fd"
        opened = [target for descriptor in os.listdir(folder)
                  if not errno_of(os.readlink, f"{folder}/{descriptor}")
                  for target in [os.readlink(f"{folder}/{descriptor}")]]
        return len([target for target in opened if "ecrfs-ca-bundle" not in target])
