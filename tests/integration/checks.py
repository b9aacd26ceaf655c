"""Small questions that all tests ask."""

import errno
import os
import re
import socket
import subprocess
import time


def until(condition, what, timeout_s=10):
    """Wait until condition() is true; its value. For what the server cannot wait for."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}"
        time.sleep(0.01)


def errno_of(function, *arguments):
    """The name of the errno with which a call fails, or None when it does not."""
    try:
        function(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
    return None


def read(path):
    """All bytes of a file with system calls only: open, read, close, no stat."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return b"".join(iter(lambda: os.read(descriptor, 1 << 17), b""))
    finally:
        os.close(descriptor)


def run(*command, cwd=None, code=0, timeout_s=120):
    """Run a command, check its exit code, return its standard output."""
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s)
    assert done.returncode == code, f"{command} ended with {done.returncode}: {done.stderr.decode(errors='replace')}"
    return done.stdout


def free_port():
    """A TCP port of 127.0.0.1 at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def metrics(fs):
    """{name and labels: value} of what a mount counts. `test_status` checks every line of it."""
    text = read(fs.point / ".ecrfs/metrics").decode()
    return {name: int(value) for name, value in re.findall(r"^(\w+(?:\{[^}]*\})?) (\d+)$", text, re.M)}


def api_error(code, **more):
    """A fault: the server answers with this error."""
    return {"action": "error", "code": code, "message": f"told {code}", **more}


def wait_quiet(server):
    """Wait until the server has answered everything, also what the daemon asked in the background."""
    server.wait(in_flight=0, blobs_in_flight=0)


def forget_calls(server):
    """Count from zero, when all that is under way has been answered."""
    wait_quiet(server)
    server.reset()


def calls(server):
    """{operation: number}, when all that is under way has been answered."""
    wait_quiet(server)
    return server.stats()["calls"]


def pulls(server):
    """Number of image ids that BatchGetImage was asked for."""
    return server.stats()["ids"].get("BatchGetImage", 0)


def listings(server, operation="DescribeImages"):
    """Bodies of the calls so far that asked for a page of all there is, not for something by its name."""
    return [call["body"] for call in server.log(operation) if not {"imageIds", "repositoryNames"} & set(call["body"])]
