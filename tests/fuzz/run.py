#!/usr/bin/python3
"""Runs a fuzz target for a while: run.py TARGET CORPUS [DICTIONARY]

Starts from the files in CORPUS, which stays as it is, for ECRFS_FUZZ_SECONDS (else 10). Prints how many inputs were
tried and what was found: of each finding the report, and the input in base64.
"""

import base64
import os
import pathlib
import re
import subprocess
import sys
import tempfile

PASSED_ON = ("PATH", "TMPDIR", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS")
SLOW_S = 25  # an input that takes longer is a finding
ENDING_S = 120


def run(target, corpus, dictionaries, seconds, tmp):
    """libFuzzer on the target. Returns its exit code and what it said."""
    (tmp / "corpus").mkdir()  # the first one given is where new inputs go
    command = [target, f"-max_total_time={seconds}", f"-timeout={SLOW_S}", f"-artifact_prefix={tmp}/",
               "-print_final_stats=1", *(f"-dict={file}" for file in dictionaries), tmp / "corpus", corpus]
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**environment, "HOME": str(tmp)}, timeout=seconds + ENDING_S)
    return done.returncode, done.stdout.decode(errors="replace")


def main():
    target, corpus, *dictionaries = sys.argv[1:]
    seconds = int(os.environ.get("ECRFS_FUZZ_SECONDS", "10"))
    with tempfile.TemporaryDirectory(prefix="ecrfs-fuzz.") as directory:
        tmp = pathlib.Path(directory)
        code, said = run(target, corpus, dictionaries, seconds, tmp)
        inputs = [file.read_bytes() for file in sorted(tmp.iterdir()) if file.is_file()]
    executions = re.search(r"^stat::number_of_executed_units:\s*(\d+)", said, re.MULTILINE)
    findings = max(len(inputs), code != 0)
    if findings:
        print("\n".join(line for line in said.splitlines() if not line.startswith("#")))
    for data in inputs:
        print(f"the input, in base64: {base64.b64encode(data).decode()}")
    name, count = pathlib.Path(target).name, executions[1] if executions else "unknown"
    print(f"{name}: {count} executions in {seconds} s, {findings} findings")
    sys.exit(bool(findings) or not executions)


if __name__ == "__main__":
    main()
