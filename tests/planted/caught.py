#!/usr/bin/python3
"""Proves that a planted bug is caught: caught.py COMMAND… -- TEXT…

The command must fail, and what it prints must have each text.
"""

import subprocess
import sys


def main():
    divide = sys.argv.index("--")
    command, texts = sys.argv[1:divide], sys.argv[divide + 1:]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    print(done.stdout)
    missing = [text for text in texts if text not in done.stdout]
    if done.returncode == 0 or missing:
        sys.exit(f"not caught: exit code {done.returncode}, nothing said of {missing}")
    print(f"caught, with exit code {done.returncode}")


if __name__ == "__main__":
    main()
