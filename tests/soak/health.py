"""What the daemon takes of the machine, and whether that grows."""

import dataclasses
import os
import pathlib
import re
import statistics

from integration.checks import metrics

MORE = 1.05  # of what it was in the fifth minute


@dataclasses.dataclass
class Sample:
    minute: float
    rss_kib: int
    heap_kib: int  # anonymous memory
    descriptors: int
    threads: int
    cache_kib: int
    calls: int
    retries: int

    def __str__(self):
        return (f"minute {self.minute:5.1f}: RSS {self.rss_kib} KiB, heap {self.heap_kib} KiB, {self.descriptors} "
                f"descriptors, {self.threads} threads, cache {self.cache_kib} KiB, {self.calls} calls, "
                f"{self.retries} retries")


def take(fs, minute):
    memory = pathlib.Path(f"/proc/{fs.pid}/smaps_rollup").read_text()
    counted = metrics(fs)

    def kib(name):
        return int(re.search(rf"^{name}: +(\d+) kB", memory, re.M)[1])

    def total(name):
        return sum(value for key, value in counted.items() if key.startswith(f"{name}{{"))
    return Sample(
        minute, kib("Rss"), kib("Anonymous"), len(os.listdir(f"/proc/{fs.pid}/fd")),
        len(os.listdir(f"/proc/{fs.pid}/task")), counted["ecrfs_cache_bytes"] // 1024, total("ecrfs_api_calls_total"),
        total("ecrfs_api_retries_total"))


def median(samples, name):
    return statistics.median(getattr(sample, name) for sample in samples)


def growth(samples, name):
    """(its median in the seven minutes around the fifth, and in the last seven): one sample may be 4 % off, by what the
    cache had just dropped."""
    early = [sample for sample in samples if 1.5 < sample.minute < 8.5]
    return median(early, name), median(samples[-7:], name)


def table(samples):
    """As Markdown: the fifth minute, every tenth, and the last one."""
    minutes = sorted({5, *range(10, int(samples[-1].minute), 10)})
    chosen = [min(samples, key=lambda sample: abs(sample.minute - minute)) for minute in minutes]
    lines = ["| minute | RSS (KiB) | heap (KiB) | descriptors | threads | calls |", "|---|---|---|---|---|---|"]
    lines += [f"| {sample.minute:.0f} | {sample.rss_kib} | {sample.heap_kib} | {sample.descriptors} | {sample.threads} "
              f"| {sample.calls} |" for sample in [*chosen, samples[-1]]]
    return "\n".join(lines) + "\n"
