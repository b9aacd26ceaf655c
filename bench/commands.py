"""The commands that are timed, and one timed run."""

import contextlib
import dataclasses
import os
import signal
import subprocess
import tempfile
import threading
import time

NOWHERE = "no manifest says this"


@dataclasses.dataclass(frozen=True)
class Taken:
    """What a run took; `cpu_seconds` of the command alone, not of the daemon."""

    seconds: float
    cpu_seconds: float
    stopped: bool = False  # it was killed at its limit of time


@dataclasses.dataclass(frozen=True)
class Command:
    """A command in the current directory; {scratch} in it is a directory to write to. The name is for a document."""

    name: str
    words: tuple
    code: int = 0

    def take(self, directory, limit_s=None, scratch=""):
        words = [word.replace("{scratch}", str(scratch)) for word in self.words]
        return take(words, directory, self.code, limit_s)


def _shell(name, line):
    return Command(name, ("bash", "-c", line))


GREP = Command("`grep -r`", ("grep", "-r", NOWHERE, "."), 1)
RG = Command("`rg -uu`", ("rg", "-uu", NOWHERE, "."), 1)
FIND_FILES = Command("`find -type f`", ("find", ".", "-type", "f"))
FIND_SIZE = Command("`find -size +1k`", ("find", ".", "-size", "+1k"))
TAR = _shell("`tar c | cat`", "tar c . | cat >/dev/null")  # straight to /dev/null, tar would read no file
LS = Command("`ls -lR`", ("ls", "-lR"))
RSYNC = Command("`rsync -a`", ("rsync", "-a", "./", "{scratch}/"))
XARGS = _shell("`xargs -P8 cat`", "find . -name manifest.json -print0 | xargs -0 -n 50 -P 8 cat >/dev/null")
# Reads with what the shell itself has: a process for each manifest would take longer than reading it.
REVERSE = _shell("a loop over the tags in reverse order", """
    ls -r bulk | while read -r repository; do
        ls -r "bulk/$repository" | while read -r tag; do mapfile <"bulk/$repository/$tag/manifest.json"; done
    done""")


def take(words, directory=None, code=0, limit_s=None, environment=None):
    """Run a command, its output thrown away. It must end with this code, or be stopped at the limit."""
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            words, cwd=directory, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
            start_new_session=True)
        with _ended(process), _limit(process, limit_s) as stopped:
            usage = _wait(process)
            seconds = time.perf_counter() - started
        if not stopped.is_set() and process.returncode != code:
            errors.seek(0)
            text = errors.read(2000).decode(errors="replace")
            raise RuntimeError(f"{words} ended with {process.returncode}: {text}")
    return Taken(seconds, usage.ru_utime + usage.ru_stime, stopped.is_set())


def _wait(process):
    """Wait for the end, and what it and all that it waited for have used."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage


def _kill(process):
    """The command and what it has started: they are a session of their own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def _ended(process):
    try:
        yield
    finally:
        if process.returncode is None:
            _kill(process)
            process.wait()


@contextlib.contextmanager
def _limit(process, limit_s):
    """Kills the command after so many seconds; gives an event that tells whether that was so."""
    stopped = threading.Event()
    timer = threading.Timer(limit_s or 3600, lambda: (stopped.set(), _kill(process)))
    timer.start()
    try:
        yield stopped
    finally:
        timer.cancel()
