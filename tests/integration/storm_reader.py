"""A program that reads a mount at random for some seconds and checks every byte: see test_fault_storm.py.

    storm_reader.py DIRECTORY EXPECTED SECONDS SEED

EXPECTED is a JSON file: {"files": {path: sha256}, "directories": {path: [name]}}. Prints, as JSON, how
many answers were `right`, which were `wrong`, how often each of the `errnos` came, and the seconds
that the `slowest` answer took.
"""

import collections
import errno
import hashlib
import json
import os
import pathlib
import random
import sys
import time


def digest_of_file(path):
    """Past the kernel's memory, which asks twice before it tells of an error."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECT)
    try:
        data = b"".join(iter(lambda: os.read(descriptor, 1 << 17), b""))
    finally:
        os.close(descriptor)
    return hashlib.sha256(data).hexdigest()


def main(directory, expected, seconds, seed):
    expected = json.loads(pathlib.Path(expected).read_text())
    pick = random.Random(int(seed))
    questions = [(digest_of_file, path, digest) for path, digest in expected["files"].items()]
    listings = [(lambda path: sorted(os.listdir(path)), path, names) for path, names in expected["directories"].items()]
    right, wrong, errnos, slowest = 0, [], collections.Counter(), 0
    end = time.monotonic() + float(seconds)
    while (started := time.monotonic()) < end:
        ask, path, answer = pick.choice(questions if pick.random() < 0.8 else listings)
        try:
            if ask(f"{directory}/{path}") == answer:
                right += 1
            else:
                wrong.append(path)
        except OSError as error:
            errnos[errno.errorcode[error.errno]] += 1
        slowest = max(slowest, time.monotonic() - started)
    print(json.dumps({"right": right, "wrong": wrong, "errnos": errnos, "slowest": slowest}))


main(*sys.argv[1:])
