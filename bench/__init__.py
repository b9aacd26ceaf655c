"""Measures ecrfs; scripts/bench is the command, and its --help the manual.

    __main__.py       the arguments, the parts in their order, what is written
    sizes.py          how much is measured: full and quick; the trees
    place.py          a temporary directory with servers and mounts that end with it
    commands.py       the commands that are timed, and one timed run
    samples.py        medians, scatter, ratios, rounds
    row.py            one figure with its bar
    document.py       docs/benchmarks.md
    chart.py          docs/benchmarks.svg
    machine.py        what it was measured on
    copies.py         the ext4 and the tmpfs tree
    fuse_requests.py  what the kernel asks of a mount
    readers.py        processes that wait for cold manifests
    calls.py          calls of the API, as text
    process.py        memory and CPU time of a process; the kernel's memory for inodes
    kernel_caches.py  dropping them, and runs for which nobody has
    peer_boto3.py     a script as one writes it against ECR without ecrfs

The parts: memory, warm, expiry, cold, overfetch, fairness, held, scale, million, store, peers. Each is a module
with a TITLE, a NOTE on how it was measured, and measure(place), which yields rows.

What is compared is measured in turns within one run, so that load of the machine meets all alike.
"""
