"""What goes wrong all the time."""

import itertools
import random
import time

from integration import kernel

FAILURES = (
    {"action": "error", "code": "ServerException", "message": "try later"},
    {"action": "error", "code": "ThrottlingException", "message": "Rate exceeded"},
    {"action": "html", "status": 502},
    {"action": "close", "when": "before"},
    {"action": "truncate"},
    {"action": "garbage"},
    {"action": "delay", "ms": 1500},
)
SHARE = 0.1  # of all requests
OUTAGE_S = 8  # more than it takes to find out that nobody is there


def begin_failures(server):
    """One request in ten fails from now on, each kind as often as another."""
    for seed, failure in enumerate(FAILURES):
        server.fault(probability=SHARE / len(FAILURES), seed=seed, **failure)


class Trouble:
    """Its `run` is called again and again, and changes the registry as well."""

    CHANGE_S = 0.5
    EVERY_S = {"dentries": 7, "pages": 31, "connections": 23, "outage": 171}

    def __init__(self, server, registry):
        self._server, self._registry = server, registry
        self._random = random.Random(2)
        now = time.monotonic()
        self._next = {name: now + seconds for name, seconds in self.EVERY_S.items()}
        self._politely = itertools.cycle((False, True))

    def run(self):
        self._registry.change()
        for name, seconds in self.EVERY_S.items():
            if time.monotonic() >= self._next[name]:
                getattr(self, f"_{name}")()
                self._next[name] = time.monotonic() + seconds
        time.sleep(self._random.uniform(0, 2 * self.CHANGE_S))

    def _dentries(self):
        kernel.drop_caches(2)

    def _pages(self):
        kernel.drop_caches(3)

    def _connections(self):
        self._server.close_connections(politely=next(self._politely))

    def _outage(self):
        """Nobody answers for a while."""
        self._server.fault("hold")
        time.sleep(OUTAGE_S)
        self._server.clear_faults()
        begin_failures(self._server)
