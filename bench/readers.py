"""Processes that wait for cold manifests."""

import contextlib
import os
import resource
import select
import signal
import subprocess
import time

from integration.checks import until
from integration.kernel import waits_for_fuse


def _start(path):
    return subprocess.Popen(["cat", path], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


@contextlib.contextmanager
def reading(paths):
    """One cat for each path. They are killed at the end, if they have not ended."""
    _allow_files()
    processes = []
    try:
        for path in paths:
            processes.append(_start(path))
        yield processes
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()


@contextlib.contextmanager
def hanging(server, paths, **fault):
    """The same, for manifests that the server does not hand out until the end of this."""
    server.fault("hold", operation="BatchGetImage", **fault)
    try:
        with reading(paths) as processes:
            server.wait(held=1)
            until(lambda: _all_wait(processes), "all readers wait", timeout_s=60)
            yield processes
    finally:
        with contextlib.suppress(OSError):  # a Ctrl-C ends the server, too
            server.clear_faults()


def _all_wait(processes):
    assert all(process.poll() is None for process in processes), "a reader had its manifest: it was not cold"
    return all(waits_for_fuse(process) for process in processes)


def _allow_files():
    """Many processes with a descriptor each."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def time_to_die(process):
    """Seconds from SIGKILL to the end of a process."""
    descriptor = os.pidfd_open(process.pid)
    waiter = select.poll()
    waiter.register(descriptor, select.POLLIN)
    try:
        started = time.perf_counter()
        process.send_signal(signal.SIGKILL)
        waiter.poll(20_000)
        return time.perf_counter() - started
    finally:
        os.close(descriptor)
