"""All manifests of a repository: as one gets them without ecrfs, and with it."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import time

from ecr_server.client import ACCOUNT
from integration.checks import run
from integration.mount import option_text

from . import copies, samples
from .commands import GREP, take
from .row import at_least, plain
from .sizes import BATCH

TITLE = "Peers"
NOTE = ("All {manifests:,} manifests of one repository, {latency} ms a call. The CLI and boto3 fetch; ecrfs mounts and "
        "searches with `grep -r`, a fresh mount each time, and then once more; beside that the same on a copy (`cp -a`) "
        "on tmpfs, the fastest that there is. The boto3 script lists the tags and asks for 100 at a time; its time "
        "begins when its session is there.")
AWS = "/usr/bin/aws"
REPOSITORY = "bulk/r0000"
THREADS = 8
COLD_FASTER_THAN_CLI = 400
WARM_FASTER_THAN_BOTO3 = 20
CALL_LIMIT_S = 60
SCRIPT = pathlib.Path(__file__).with_name("peer_boto3.py")


def note(sizes):
    return NOTE.format(manifests=sizes.peer_manifests, latency=sizes.peer_latency_ms)


def measure(place):
    with place.server(latency_ms=place.sizes.peer_latency_ms) as server:
        server.seed(repositories=1, tags=place.sizes.peer_manifests)
        digests = [image["digest"] for image in server.images()]
        peers = Peers(place, server, digests)
        rounds = place.sizes.peer_rounds
        with contextlib.ExitStack() as stack:
            with place.mounted(server) as fs:
                trees = stack.enter_context(copies.of(place, fs.root, "tmpfs"))
            seconds = samples.interleaved({
                "script": lambda: peers.boto3(1), "threads": lambda: peers.boto3(THREADS), "ecrfs": peers.ecrfs,
                "tmpfs": lambda: GREP.take(trees["tmpfs"]).seconds}, rounds)
        ones = [peers.cli(digests[n:n + 1]) for n in range(place.sizes.cli_samples)]
        batches = [peers.cli_batches() for _ in range(min(rounds, 3))]
    yield from _rows(place.sizes, ones, batches, seconds)


class Peers:
    """Each method reads all manifests once, but cli(): those that are named. They return seconds."""

    def __init__(self, place, server, digests):
        self._place = place
        self._server = server
        self._digests = digests
        self._environment = {"PATH": os.environ["PATH"], "HOME": os.devnull, **server.environment()}

    def cli(self, digests):
        return take([AWS, "ecr", "batch-get-image", "--endpoint-url", self._server.endpoint, "--repository-name",
                     REPOSITORY, "--query", "images[].imageManifest", "--output", "text", "--image-ids",
                     *(f"imageDigest={digest}" for digest in digests)],
                    environment=self._environment, limit_s=CALL_LIMIT_S).seconds

    def cli_batches(self):
        return sum(self.cli(self._digests[at:at + BATCH]) for at in range(0, len(self._digests), BATCH))

    def boto3(self, threads):
        """(seconds with a session that is there, with the start of Python and the session)."""
        started = time.perf_counter()
        done = subprocess.run([sys.executable, SCRIPT, self._server.endpoint, REPOSITORY, str(threads)],
                              env=self._environment, stdout=subprocess.PIPE, check=True, timeout=CALL_LIMIT_S)
        whole, answer = time.perf_counter() - started, json.loads(done.stdout)
        assert answer["manifests"] == len(self._digests), answer
        return answer["seconds"], whole

    def ecrfs(self):
        """(seconds of mounting and reading, of mounting, of reading again)."""
        with self._place.mounts(self._server) as mounts:
            point = mounts.new_point()
            started = time.perf_counter()
            _mount(mounts, point)
            mounting = time.perf_counter() - started
            GREP.take(point / ACCOUNT)
            cold = time.perf_counter() - started
            warm = GREP.take(point / ACCOUNT).seconds
            run("fusermount3", "-u", point)
        return cold, mounting, warm


def _mount(mounts, point):
    """As a user does: the command returns when the mount is there."""
    done = mounts.run("-o", option_text(mounts.default_options()), ACCOUNT, point)
    assert done.returncode == 0, done.stderr


def _rows(sizes, ones, batches, seconds):
    script, whole = zip(*seconds["script"])
    threads, whole_threads = zip(*seconds["threads"])
    cold, mounting, warm = zip(*seconds["ecrfs"])
    one_by_one = [one * sizes.peer_manifests for one in ones]
    yield _seconds("`aws ecr batch-get-image`, one process each", one_by_one, "aws CLI, one by one",
                   f" (from {len(ones)} of them)")
    yield _seconds(f"`aws ecr batch-get-image`, {BATCH} ids each", batches, "aws CLI, batches of 100")
    yield _seconds("a boto3 script", script, "boto3 script", _start(whole))
    yield _seconds(f"a boto3 script with {THREADS} threads", threads, f"boto3, {THREADS} threads", _start(whole_threads))
    yield _seconds("ecrfs, mounting included", cold, "ecrfs, cold", f" (mounting {samples.median(mounting):.3f} s)")
    yield _seconds("ecrfs, again", warm, "ecrfs, again")
    yield _seconds("`grep -r` on tmpfs", seconds["tmpfs"], "a copy on tmpfs")
    yield from _ratio_rows(samples.median(one_by_one), script, whole, threads, cold, warm)
    yield plain("the boto3 script ÷ `grep -r` on tmpfs", samples.ratios(script, seconds["tmpfs"]))


def _seconds(what, values, label, more=""):
    return plain(what, values, "{:.3f} s", more, ("peers", label))


def _start(whole):
    return f" ({samples.median(whole):.3f} s with the start of Python)"


def _ratio_rows(one_by_one, script, whole, threads, cold, warm):
    yield at_least("the CLI one by one ÷ ecrfs, mounting included", [one_by_one / ours for ours in cold],
                   COLD_FASTER_THAN_CLI, "{:.0f} ×")
    yield at_least("the boto3 script, with the start of Python ÷ ecrfs, mounting included",
                   samples.ratios(whole, cold), 1, "{:.2f} ×")
    yield plain("the boto3 script, without it ÷ ecrfs, mounting included", samples.ratios(script, cold))
    yield plain(f"the boto3 script with {THREADS} threads ÷ ecrfs, mounting included", samples.ratios(threads, cold))
    yield at_least("the boto3 script, with the start of Python ÷ ecrfs, again", samples.ratios(whole, warm),
                   WARM_FASTER_THAN_BOTO3)
    yield at_least("the boto3 script, without it ÷ ecrfs, again", samples.ratios(script, warm), WARM_FASTER_THAN_BOTO3)
