"""A directory whose file system hangs when it is told to: tests/integration/stalling_fs.c."""

import contextlib
import signal
import subprocess

from . import kernel
from .checks import until
from .mount import ECRFS, unmount_lazily

PROGRAM = ECRFS.parent / "tests/integration/stalling_fs"


class StallingDirectory:
    """`point` shows `directory`. A context manager, at whose end nothing hangs any more."""

    def __init__(self, directory):
        self.directory, self.point = directory / "served", directory / "stalling"
        self.directory.mkdir(mode=0o700)
        self.point.mkdir()
        self._flag = directory / "served.stalled"
        self._output = directory / "stalling.log"
        self._process = None

    def __enter__(self):
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", PROGRAM, self.directory, self.point],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            until(lambda: str(self.point) in kernel.mounts(), "the directory is mounted")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception):
        self.go_on()
        unmount_lazily(self.point)
        self._process.kill()
        self._process.wait()

    @contextlib.contextmanager
    def stopped(self):
        """Whatever is asked of it meanwhile waits."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def write(self, name, text):
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def stall(self):
        """Whoever opens a file waits, until it is to go on()."""
        self._flag.touch()

    def go_on(self):
        self._flag.unlink(missing_ok=True)

    def opened(self):
        """The files that were opened, or that somebody waits for, in order."""
        return [line for line in self._output.read_text().splitlines() if line.startswith("/")]
