"""What has been read once is read again, beside copies of the tree on ext4 and on tmpfs."""

from . import copies, fuse_requests, samples
from .commands import FIND_FILES, FIND_SIZE, GREP, LS, RG, TAR
from .kernel_caches import Warm
from .row import Row, at_most

TITLE = "Warm"
REQUEST_PASSES = 5
NOTE = ("All has been read before. Time on the mount ÷ time on a copy (`cp -a`) of the same tree, round by round: the "
        "median ratio. Then the requests of one such pass that reach the daemon: the median of "
        f"{REQUEST_PASSES} passes, and the worst where that is another, since the kernel may reclaim pages at any "
        "time and then asks again. Each tag has two small files besides its manifest of 3 KB.")
COMMANDS = (GREP, RG, FIND_FILES, FIND_SIZE, TAR, LS)
BARS = {"ext4": 1.10, "tmpfs": 1.35}
REQUESTS = {"STATFS": 1, "GETXATTR": 2}


def measure(place):
    yield Row("the ext4 tree lies", copies.ext4_place(place))
    for tree in place.sizes.trees:
        with place.server() as server:
            tree.plant(server)
            with place.mounted(server) as fs, copies.of(place, fs.root, "ext4", "tmpfs") as trees:
                yield from _measure_tree(place, tree, fs, {"mount": fs.root, **trees})


def _measure_tree(place, tree, fs, directories):
    requests = {}
    for command in COMMANDS:
        warm = Warm()
        passes = [warm.run("mount", lambda: _requests(place, command, fs)) for _ in range(REQUEST_PASSES)]
        requests[command.name] = sorted(passes, key=lambda counts: counts.total())
        yield from _time_rows(place, tree, command, directories, warm)
    yield _requests_row(tree, requests)


def _requests(place, command, fs):
    with fuse_requests.counted(place, fs) as requests:
        command.take(fs.root)
        return requests.count()


def _time_rows(place, tree, command, directories, warm):
    def run(name):
        return warm.run(name, lambda: command.take(directories[name]))
    taken = samples.interleaved({name: lambda name=name: run(name) for name in directories}, place.sizes.warm_rounds)
    seconds = {name: [one.seconds for one in runs] for name, runs in taken.items()}
    for name, limit in BARS.items():
        chart = ("warm", command.name.strip("`")) if name == "ext4" and tree == place.sizes.many else ()
        yield at_most(f"{command.name}, {tree}: ÷ {name}", samples.ratios(seconds["mount"], seconds[name]), limit,
                      more=_details(taken, name), chart=chart)


def _details(taken, name):
    ours, theirs = taken["mount"], taken[name]
    milliseconds = [samples.median(run.seconds for run in runs) * 1000 for runs in (ours, theirs)]
    cpu = samples.median(samples.ratios([run.cpu_seconds for run in ours], [run.cpu_seconds for run in theirs]))
    return f" ({milliseconds[0]:.0f} ÷ {milliseconds[1]:.0f} ms; CPU time {cpu:.2f} ×)"


def _requests_row(tree, requests):
    """`requests`: {command: [what a pass asked for], the fewest first}."""
    medians = {command: passes[len(passes) // 2] for command, passes in requests.items()}
    met = all(number <= REQUESTS.get(name, 0) for counts in medians.values() for name, number in counts.items())
    texts = [f"{command} {_requests_text(counts, requests[command][-1])}" for command, counts in medians.items()]
    allowed = ", ".join(f"{number} {name}" for name, number in REQUESTS.items())
    return Row(f"{tree}: requests per command", "; ".join(texts), f"at most {allowed}", met)


def _requests_text(median, worst):
    text = fuse_requests.as_text(median)
    return text if worst == median else f"{text} (worst: {fuse_requests.as_text(worst)})"
