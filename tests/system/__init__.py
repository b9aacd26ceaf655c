"""ecrfs under systemd and autofs: as installed, in namespaces that leave this machine as it is.

    machine.py      systemd booted on an overlay of this machine's root, with a network of its own
    conftest.py     what all its machines have: the address of the registry, root's credentials

Needs root, FUSE, control groups of version 2, and systemd or autofs; where they are not, tests are skipped.
"""
