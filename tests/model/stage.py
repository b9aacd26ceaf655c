"""Plays stories: changes the server, and compares its mount with the model."""

import os
import random
import threading
import time

from integration.mount import KEYS, PASSED_ON, Mount

from .compare import Comparison, Mismatch
from .held import Held
from .registry import Registry, ServerRegistry
from .tree_model import Tree

REGISTRIES = 250  # of one mount: its source, their list, is at most a page of memory
MOST_HELD = 3
STORY_LIMIT_S = 60
RETRY_EVERY_S = 0.01


class Stage:
    """A server, and a mount of it for many stories.

    Each story has a registry of its own: nobody knows anything of it, so that a story that fails tells everything.
    A mount whose registries are used up is replaced. Answers may be `ttl_s` old, and are right within `patience_s`.
    """

    def __init__(self, directory, server, ttl_s=0, patience_s=0):
        self._directory, self._server, self._ttl_s, self._patience_s = directory, server, ttl_s, patience_s
        self._mounted, self._registries, self._played, self._held = None, {}, 0, []

    def play(self, story, more=frozenset()):
        """One story; at the first difference an error that tells it all. `more`: see Comparison."""
        if self._played % REGISTRIES == 0:
            self._mount()
        account = list(self._registries)[self._played % REGISTRIES]
        self._played += 1
        tree = Tree(self._registries)
        # A system call into a mount that does not answer cannot be interrupted, only its daemon ended.
        watchdog = threading.Timer(STORY_LIMIT_S, self._mounted.process.kill)
        watchdog.start()
        try:
            for number, step in enumerate(story):
                self._play_step(tree, account, more, *step)
        except Mismatch as mismatch:
            raise AssertionError(_told(mismatch, self._registries[account], story, number)) from None
        finally:
            watchdog.cancel()
            self._let_go(self._held)
        assert self._mounted.process.poll() is None, "ecrfs ended"

    def close(self):
        """End the mount as an administrator does, and show what it logged."""
        if self._mounted:
            print("log of ecrfs:", *self._mounted.log.splitlines()[1:][-50:], sep="\n")
            self._mounted.stop()
            self._mounted = None

    def _mount(self):
        self.close()
        self._server.seed(clear=True)
        self._registries = {f"{self._played + number:012}": Registry() for number in range(REGISTRIES)}
        point = self._directory / f"mnt{self._played}"
        point.mkdir()
        passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        environment = {**passed, **KEYS, "HOME": str(self._directory), "AWS_EC2_METADATA_DISABLED": "true"}
        ttl = f"{round(self._ttl_s * 1000)}ms"
        options = {"region": "us-east-1", "endpoint_url": self._server.endpoint, "ttl": ttl, "negative_ttl": ttl}
        self._mounted = Mount(point, ",".join(self._registries), environment, options)

    def _play_step(self, tree, account, more, kind, *arguments):
        if kind in ("names", "walk"):
            self._check(tree, account, more, kind, *arguments)
        elif kind == "hold":
            self._hold(tree, account, *arguments)
        else:
            ServerRegistry(self._server, account).change(kind, *arguments)
            self._registries[account].change(kind, *arguments)
            self._let_go_of_unpromised(tree)

    def _check(self, tree, account, more, kind, seed):
        """Compare; where answers may be a little old, until they agree."""
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                with Comparison(self._mounted.point, tree, account, seed, more) as comparison:
                    getattr(comparison, kind)()
                    for held in self._held:
                        comparison.held(held)
                return
            except Mismatch:
                if time.monotonic() >= deadline:
                    raise
            time.sleep(RETRY_EVERY_S)

    def _hold(self, tree, account, seed):
        time.sleep(2 * self._ttl_s)  # what is opened must be what the model says now
        directories = tree.directories(account)
        for path in random.Random(seed).sample(directories, min(MOST_HELD, len(directories))):
            self._held.append(Held(self._mounted.point, tree, path))
        self._let_go_of_unpromised(tree)

    def _let_go_of_unpromised(self, tree):
        self._let_go([held for held in self._held if not held.is_promised(tree)])

    def _let_go(self, some):
        for held in some:
            held.close()
        self._held = [held for held in self._held if held not in some]


def _told(mismatch, registry, story, number):
    steps = "\n".join(f"    {'>' if at == number else ' '} {step!r}," for at, step in enumerate(story))
    return f"{mismatch}\n  registry, images by their number:\n{registry}\n  story, > is the step that failed:\n{steps}"
