"""What is installed: the usage text, manual pages, completion, places of files, packages.

    shell.py        an interactive shell on a terminal, in which TAB is pressed
    chroot.py       a fresh Debian in a directory
    conftest.py     fixtures: the usage text, the options in it, the server and its mounts
"""
