"""ecrfs mounted for real on the local ECR server, and the server's counters asserted.

    mount.py        one ecrfs process and its mount point; ending it is a check of its own
    namespace.py    a mount namespace with ecrfs installed, for mount(8) and other users
    kernel.py       what the kernel says: mounts, dropped caches, FUSE requests, waiting processes
    expected.py     what the mount must show, computed from the server's data
    configured.py   images whose config.json the test has chosen
    checks.py       small questions of all tests: run a command, an errno, wait until
    fault_matrix.py what can go wrong, and the errno of each; fault_stage.py makes it, raw_tcp.py below HTTP
    conftest.py     fixtures: `server`, `mount`, `fuse_requests`, `loose`; the log of failed tests

One file per subject, one CTest per file. ECRFS names the program (default: build/release/ecrfs).
"""
