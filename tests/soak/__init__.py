"""A soak: a mount in use for an hour, on a registry that changes and a server that fails one request in ten.

    registry.py     what ECR holds, how it changes, and what a name may mean by now
    trouble.py      what goes wrong: at the server, on the way, and in the kernel's caches
    tools.py        find, grep -r, ls -lR, tar and others, and whether what they say can be true
    workers.py      threads that run them, and pause together
    health.py       what the daemon takes of the machine, once a minute, and the table of it
    test_soak.py    the test

ECRFS_SOAK_MINUTES says how long (60), ECRFS_SOAK_TABLE names the file for the table (none). With `pytest -s` each
minute is a line on standard output.
"""
