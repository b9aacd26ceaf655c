"""What the kernel asks of a mount."""

import contextlib

from integration.kernel import FuseRequests


@contextlib.contextmanager
def counted(place, fs):
    """A FuseRequests of the mount: clear() and count()."""
    requests = FuseRequests(place.tracefs(), fs)
    try:
        yield requests
    finally:
        requests.close()


def as_text(counts):
    """{"STATFS": 1} -> "1 STATFS"."""
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items())) or "none"
