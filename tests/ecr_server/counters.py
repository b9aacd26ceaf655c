"""What happened on the API address, for tests to assert."""

import asyncio
import collections
import time

LOG_ENTRIES = 20000


class Counters:
    """Calls, ids, connections and a log of recent requests.

    `reset` clears everything but what is true at the moment: open connections and
    requests in flight.
    """

    def __init__(self):
        self.connections_open = 0
        self.in_flight = 0
        self.blobs_in_flight = 0
        self.held = 0
        self._changed = None
        self.reset()

    def reset(self):
        self.connections_accepted = 0
        self.tls_handshakes = collections.Counter()
        self.tls_resumed = 0
        self.answers_unread = 0
        self.most_in_flight = self.in_flight
        self.calls = collections.Counter()
        self.outcomes = collections.defaultdict(collections.Counter)
        self.ids = collections.Counter()
        self.per_id = collections.defaultdict(collections.Counter)
        self.manifests_served = collections.Counter()
        self.imports = collections.Counter()
        self.faults_applied = collections.Counter()
        self.blob_downloads = collections.Counter()
        self.blob_headers = collections.Counter()
        self.most_blobs_in_flight = self.blobs_in_flight
        self.log = collections.deque(maxlen=LOG_ENTRIES)
        self.notify()

    # Events of the HTTP server.

    def connection_opened(self, tls=None):
        """A connection, with the ssl.SSLObject of its finished handshake."""
        self.connections_accepted += 1
        self.connections_open += 1
        if tls is not None:
            self.tls_handshakes[tls.version()] += 1
            self.tls_resumed += tls.session_reused
        self.notify()
        return self.connections_accepted

    def connection_closed(self):
        self.connections_open -= 1
        self.notify()

    def answer_unread(self):
        self.answers_unread += 1
        self.notify()

    def request_begins(self):
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        self.notify()

    def request_ends(self):
        self.in_flight -= 1
        self.notify()

    def hold_begins(self):
        self.held += 1
        self.notify()

    def hold_ends(self):
        self.held -= 1
        self.notify()

    # Events of the API.

    def call_begins(self, operation):
        self.calls[operation] += 1
        self.notify()

    def ids_asked(self, operation, account, repository, image_ids):
        """Count the ids of a call, each under the name by which it was asked."""
        if not image_ids:
            return
        self.ids[operation] += len(image_ids)
        counts = self.per_id[operation]
        for image_id in image_ids:
            counts[id_name(account, repository, image_id)] += 1

    def manifest_served(self, repository, digest):
        self.manifests_served[f"{repository.account}/{repository.name}@{digest}"] += 1

    def image_imported(self, repository, tag):
        self.imports[id_name(repository.account, repository.name, {"imageTag": tag})] += 1
        self.notify()

    def blob_begins(self, digest):
        self.blob_downloads[digest] += 1
        self.blobs_in_flight += 1
        self.most_blobs_in_flight = max(self.most_blobs_in_flight, self.blobs_in_flight)
        self.notify()

    def blob_ends(self):
        self.blobs_in_flight -= 1
        self.notify()

    def call_ends(self, entry):
        self.outcomes[entry["operation"]][entry["outcome"]] += 1
        self.log.append(entry)
        self.notify()

    # Questions.

    def as_dict(self):
        return {
            "calls": dict(self.calls),
            "outcomes": {name: dict(counts) for name, counts in self.outcomes.items()},
            "ids": dict(self.ids),
            "per_id": {name: dict(counts) for name, counts in self.per_id.items()},
            "manifests_served": dict(self.manifests_served),
            "imports": dict(self.imports),
            "faults_applied": dict(self.faults_applied),
            "blob_downloads": dict(self.blob_downloads),
            "blob_headers": dict(self.blob_headers),
            "blobs_in_flight": self.blobs_in_flight,
            "most_blobs_in_flight": self.most_blobs_in_flight,
            "connections_accepted": self.connections_accepted,
            "connections_open": self.connections_open,
            "tls_handshakes": dict(self.tls_handshakes),
            "tls_resumed": self.tls_resumed,
            "answers_unread": self.answers_unread,
            "in_flight": self.in_flight,
            "most_in_flight": self.most_in_flight,
            "held": self.held,
        }

    def notify(self):
        if self._changed is not None:
            self._changed.set()

    async def wait_for(self, condition, timeout_s):
        """True as soon as condition() holds, False after the timeout."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return False
            # One event is shared by all waiters; each looks for itself after every change.
            self._changed = self._changed or asyncio.Event()
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), min(remaining, 0.2))
            except asyncio.TimeoutError:
                pass
        return True


def id_name(account, repository, image_id):
    """account/repository:tag, account/repository@digest, or both joined."""
    name = f"{account}/{repository}"
    if image_id.get("imageTag") is not None:
        name += ":" + image_id["imageTag"]
    if image_id.get("imageDigest") is not None:
        name += "@" + image_id["imageDigest"]
    return name
