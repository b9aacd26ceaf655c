"""journald, in a mount namespace of its own: takes what a daemon says, and prints it as JSON.

Usage: fake_journal.py MOUNTPOINT COMMAND…    The command starts a daemon; then what stands on standard input is read
below the mount point, a path a line, and the daemon is ended.
"""

import json
import os
import socket
import struct
import subprocess
import sys


def fields(message):
    """One datagram of journald's native protocol: NAME=value lines; long or odd values with their length."""
    found = {}
    while message:
        line, _, message = message.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            size, = struct.unpack("<Q", message[:8])
            value, message = message[8:8 + size], message[8 + size + 1:]
        found[name.decode()] = value.decode(errors="replace")
    return found


def main(point, *command):
    os.makedirs("/run/systemd", exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run/systemd"], check=True)
    os.mkdir("/run/systemd/journal")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind("/run/systemd/journal/socket")
        subprocess.run(command, check=True)
        for path in sys.stdin.read().split():
            try:
                with open(os.path.join(point, path), "rb") as file:
                    file.read()
            except OSError:
                pass  # the daemon says why
        subprocess.run(["umount", point], check=True)
        journal.settimeout(10)
        lines = []
        while not lines or "is unmounted" not in lines[-1]["MESSAGE"]:
            lines.append(fields(journal.recv(1 << 16)))
    print(json.dumps(lines))


if __name__ == "__main__":
    main(*sys.argv[1:])
