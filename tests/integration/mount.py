"""ecrfs as a process: started, waited for, ended, and nothing of it left behind."""

import contextlib
import functools
import os
import pathlib
import re
import signal
import subprocess
import threading

from ecr_server.client import ACCESS_KEY, ACCOUNT, SECRET_KEY

from . import kernel
from .checks import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
ECRFS = pathlib.Path(os.environ.get("ECRFS", ROOT / "build/release/ecrfs"))
KEYS = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
PASSED_ON = ("PATH", "TMPDIR", "LC_ALL", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")
TEST_LIMIT_S = 60
SANITIZER_REPORT = re.compile(r"ERROR: \w+Sanitizer|WARNING: \w+Sanitizer|runtime error:")


@functools.cache
def is_sanitized():
    """Whether the program was built with a sanitizer, which needs memory and time of its own."""
    program = ECRFS.read_bytes()
    return any(name in program for name in (b"__asan_init", b"__tsan_init"))


def option_text(options):
    """The argument of -o: name=value; True gives the bare name, None leaves the option out."""
    return ",".join(name if value is True else f"{name}={value}"
                    for name, value in options.items() if value is not None)


class Mount:
    """One ecrfs in the foreground (-f), usable when made. A context manager."""

    def __init__(self, point, registry, environment, options):
        self.point = point
        self.root = point / registry.partition(",")[0]
        self._log = point.with_name(point.name + ".log")
        self._started = []
        # The daemon must not outlive a test run that was killed.
        command = ["setpriv", "--pdeathsig", "TERM", ECRFS, "-f", "-o", option_text(options), registry, point]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        self.pid = self.process.pid
        try:
            self.info = until(self._mounted, "the mount is there")
        except BaseException:
            self.clean_up()
            raise

    def _mounted(self):
        assert self.process.poll() is None, f"ecrfs ended with {self.process.returncode}: {self.log}"
        info = kernel.mounts().get(str(self.point))
        return info if info and info.type == "fuse.ecrfs" else None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.clean_up() if exception[0] else self.stop()

    def tag(self, repository, tag):
        """The directory of an image."""
        return self.root / repository / tag

    def manifest(self, repository, tag):
        return self.root / repository / tag / "manifest.json"

    def read(self, repository, tag):
        return self.manifest(repository, tag).read_bytes()

    @property
    def log(self):
        return self._log.read_text(errors="replace")

    def log_lines(self, *words):
        """The lines of the log that contain all words."""
        return [line for line in self.log.splitlines() if all(word in line for word in words)]

    def new_line(self, before):
        """What was logged since the log was `before`, which must be one line."""
        until(lambda: self.log != before, "a line in the log")
        os.listdir(self.point)  # a second line would have come by now
        line, = self.log.removeprefix(before).splitlines()
        return line

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    def start(self, *command):
        """Start a command that uses the mount; it ends with the mount at the latest."""
        process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._started.append(process)
        return process

    def stop(self):
        """End it as an administrator does. Checked."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.check_end()

    def check_end(self, timeout_s=20):
        """It ends by itself, with exit code 0, its mount point free, without a report of a sanitizer."""
        try:
            code = self.process.wait(timeout_s)
            left = kernel.mounts().get(str(self.point))
        finally:
            self.clean_up()
        assert code == 0, f"ecrfs ended with {code}"
        assert left is None, f"still mounted: {left}"
        assert not SANITIZER_REPORT.search(self.log), "a sanitizer complained, see the log"

    def clean_up(self):
        """Leave nothing behind, whatever happened. May be repeated."""
        processes = [self.process, *self._started]
        for process in processes:
            if process.poll() is None:
                process.kill()
        unmount_lazily(self.point)
        for process in processes:
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()


class Mounts:
    """Makes the mounts of one test, each at a place of its own, and ends them after it."""

    def __init__(self, directory, endpoint, limit_s=None):
        self._directory = directory
        self._endpoint = endpoint
        self.home = directory / "home"
        self.home.mkdir()
        self.all = []
        # A system call of this process into a mount that does not answer cannot be killed, only its daemon.
        self._hung = False
        self._limit_s = limit_s or (3 * TEST_LIMIT_S if is_sanitized() else TEST_LIMIT_S)
        self._watchdog = threading.Timer(self._limit_s, self._end_hung_test)
        self._watchdog.daemon = True
        self._watchdog.start()

    def _end_hung_test(self):
        self._hung = True
        self._kill_all()

    def __call__(self, registry=ACCOUNT, environment=KEYS, **options):
        """Mount in the foreground. `environment` has what the daemon knows of AWS."""
        point = self.new_point()
        options = {**self.default_options(), **options}
        mounted = Mount(point, registry, self.environment(environment), options)
        self.all.append(mounted)
        return mounted

    def default_options(self):
        return {"region": "us-east-1", "endpoint_url": self._endpoint}

    def environment(self, variables):
        """Nothing of the caller's environment but what programs and sanitizers need."""
        passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return {**passed, "HOME": str(self.home), "AWS_EC2_METADATA_DISABLED": "true", **variables}

    def new_point(self):
        point = self._directory / f"mnt{len(list(self._directory.glob('mnt*')))}"
        point.mkdir()
        return point

    def run(self, *arguments, environment=KEYS, cwd=None):
        """Run ecrfs with these arguments until it returns."""
        return subprocess.run(
            [ECRFS, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
            env=self.environment(environment), cwd=cwd)

    def daemons(self):
        """Pids of what runs with a path of this test on its command line."""
        return kernel.processes_with(f"{self._directory}/")

    def mounted(self):
        """Mount points of this test."""
        return [point for point in kernel.mounts() if point.startswith(f"{self._directory}/")]

    def _kill_all(self):
        for pid in self.daemons():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def close(self):
        self._watchdog.cancel()
        try:
            assert not self._hung, f"the test hung; what it had started was killed after {self._limit_s} s"
            for mounted in self.all:
                mounted.stop()
        finally:
            for mounted in self.all:
                mounted.clean_up()
            for point in self.mounted():
                unmount_lazily(point)
            self._kill_all()


def unmount_lazily(point):
    """All that is there, one above the other, if it is FUSE."""
    for _ in range(8):
        if str(point) not in kernel.mounts():
            break
        subprocess.run(["fusermount3", "-u", "-z", "--", str(point)], capture_output=True, timeout=30)
