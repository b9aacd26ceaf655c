"""What it was measured on, and how busy that was."""

import os
import platform
import re
import subprocess
import time


def _processor():
    with open("/proc/cpuinfo") as lines:
        return next((line.partition(": ")[2].strip() for line in lines if line.startswith("model name")), "?")


def _memory_gib():
    with open("/proc/meminfo") as text:
        return int(re.search(r"MemTotal:\s+(\d+)", text.read())[1]) / 2**20


def _debian():
    try:
        with open("/etc/debian_version") as text:
            return f"Debian {text.read().strip()}, "
    except OSError:
        return ""


def description():
    return (f"{_processor()}, {os.cpu_count()} cores, {_memory_gib():.0f} GiB; "
            f"{_debian()}Linux {platform.release()}")


def load():
    return f"{os.getloadavg()[0]:.1f}"


def date():
    return time.strftime("%Y-%m-%d", time.gmtime())


def filesystem(path):
    """The type of the filesystem on which a path is."""
    return subprocess.run(["findmnt", "-no", "FSTYPE", "--target", path],
                          capture_output=True, text=True, check=True).stdout.strip()


def source(root):
    """The commit of the sources, or "unknown"."""
    done = subprocess.run(["git", "-C", root, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return done.stdout.strip() or "unknown"
