"""Start, steer and stop a local ECR server from a test.

    with EcrServer() as server:
        server.push("team/new", tag="v1")
        server.config(latency_ms=20)
        ...
        assert server.stats()["calls"]["BatchGetImage"] == 1
"""

import json
import os
import pathlib
import select
import subprocess
import urllib.error
import urllib.parse
import urllib.request

PACKAGE_PARENT = pathlib.Path(__file__).resolve().parents[1]
ACCESS_KEY = "AKIDEXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
ACCOUNT = "012345678910"


class ControlFailed(Exception):
    """The control address refused a request; the text says why."""


class EcrServer:
    """One server process. A context manager; `start` and `stop` can also be called."""

    def __init__(self, preset="mixed", config=None, seeds=(), verify=True, port=0, tls_cert=None, tls_key=None,
                 tls_version=None, within=()):
        self._within = within  # the words of a command that runs another one, for example in a network of its own
        self._arguments = ["--preset", preset, "--port", str(port)]
        self._arguments += ["--config", json.dumps(config or {})]
        for seed in seeds:
            self._arguments += ["--seed", json.dumps(seed)]
        if not verify:
            self._arguments.append("--no-verify")
        if tls_cert:
            self._arguments += ["--tls-cert", str(tls_cert), "--tls-key", str(tls_key)]
        if tls_version:
            self._arguments += ["--tls-version", tls_version]
        self._scheme = "https" if tls_cert else "http"
        self._process = None
        self.port = self.control_port = self.blob_port = self.pid = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_exception):
        self.stop()

    def start(self, timeout_s=30):
        """Start the process and wait until it listens."""
        environment = dict(os.environ, PYTHONPATH=str(PACKAGE_PARENT), PYTHONDONTWRITEBYTECODE="1")
        self._process = subprocess.Popen(
            [*self._within, "/usr/bin/python3", "-m", "ecr_server", *self._arguments],
            stdout=subprocess.PIPE, env=environment, text=True)
        readable, _, _ = select.select([self._process.stdout], [], [], timeout_s)
        line = self._process.stdout.readline() if readable else ""
        if not line:
            self.stop()
            raise RuntimeError("the ECR server did not start; see its messages above")
        ready = json.loads(line)
        self.port, self.control_port, self.blob_port, self.pid = (
            ready[name] for name in ("port", "control_port", "blob_port", "pid"))
        return self

    def stop(self, timeout_s=5):
        """End the process: SIGTERM, then SIGKILL at worst."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._process = None

    @property
    def endpoint(self):
        """What to put into endpoint_url / AWS_ENDPOINT_URL."""
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def environment(self, **more):
        """Variables with which an AWS client talks to this server and to nothing else."""
        return {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            **more,
        }

    def cpu_seconds(self):
        """CPU time that the server has used so far."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    # The control address. Each method is one path of README.md.

    def _ask(self, path, body=None, **query):
        query = {name: value for name, value in query.items() if value is not None}
        url = f"http://127.0.0.1:{self.control_port}/_control/{path}"
        if query:
            url += "?" + urllib.parse.urlencode(query)
        data = None if body is None else json.dumps(body).encode()
        try:
            # No proxy of the environment may come between.
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(urllib.request.Request(url, data), timeout=60) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            raise ControlFailed(error.read().decode()) from None

    def get(self, path, **query):
        return json.loads(self._ask(path, **query))

    def post(self, path, **fields):
        return json.loads(self._ask(path, fields))

    def stats(self):
        return self.get("stats")

    def calls(self, operation=None):
        """Number of calls, of one operation or of all."""
        calls = self.stats()["calls"]
        return sum(calls.values()) if operation is None else calls.get(operation, 0)

    def log(self, operation=None, last=None):
        return self.get("log", operation=operation, last=last)

    def reset(self):
        self.post("reset")

    def config(self, **settings):
        return self.post("config", **settings)

    def fault(self, action, **fields):
        """Add one fault rule."""
        return self.post("fault", action=action, **fields)

    def faults(self):
        return self.get("faults")

    def clear_faults(self):
        """Remove all fault rules and let held requests go."""
        return self.post("release", clear=True)

    def release(self):
        return self.post("release")["released"]

    def wait(self, timeout_s=10, **counters):
        """Wait for counters, e.g. wait(held=64) or wait(calls={"ListImages": 2})."""
        if not self.post("wait", timeout_s=timeout_s, **counters)["reached"]:
            raise TimeoutError(f"{counters} not reached; counters are {self.stats()}")

    def close_connections(self, politely=False):
        self.post("close_connections", politely=politely)

    def expire_credential(self, access_key):
        self.post("expire_credential", access_key=access_key)

    def remove_credential(self, access_key):
        self.post("remove_credential", access_key=access_key)

    def seed(self, **fields):
        return self.post("seed", **fields)

    def create_repository(self, repository, **fields):
        return self.post("create_repository", repository=repository, **fields)

    def push(self, repository, **fields):
        """Push an image; returns its digest."""
        return self.post("push", repository=repository, **fields)["digest"]

    def push_blob(self, repository, text, **fields):
        """Give a blob its contents; returns its descriptor: digest and size."""
        return self.post("push_blob", repository=repository, text=text, **fields)

    def set_scan(self, repository, findings, **fields):
        """What a scan of the image (`digest` or `tag`) found."""
        self.post("set_scan", repository=repository, findings=findings, **fields)

    def retag(self, repository, tag, digest, **fields):
        return self.post("retag", repository=repository, tag=tag, digest=digest, **fields)

    def delete_tag(self, repository, tag, **fields):
        return self.post("delete_tag", repository=repository, tag=tag, **fields)

    def delete_image(self, repository, **fields):
        return self.post("delete_image", repository=repository, **fields)

    def delete_repository(self, repository, **fields):
        return self.post("delete_repository", repository=repository, **fields)

    def archive(self, repository, **fields):
        return self.post("archive", repository=repository, **fields)

    def tree(self, account=None, repository=None, upstream=None):
        """{account: {repository: {tag: digest}}}."""
        return self.get("tree", account=account, repository=repository, upstream=upstream)["tags"]

    def images(self, account=None, repository=None, upstream=None):
        """One dictionary per image: digest, tags, sizes, times, types."""
        return self.get("tree", account=account, repository=repository, upstream=upstream)["images"]

    def manifest(self, repository, digest=None, tag=None, account=ACCOUNT, upstream=None):
        """The exact bytes, straight from the data and not counted as a pull."""
        return self._ask(
            "manifest", account=account, repository=repository, digest=digest, tag=tag, upstream=upstream)

