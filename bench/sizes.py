"""How much is measured."""

import dataclasses
import math

PAGE = 1000   # ecrfs asks for so many entries a page, the most that ECR gives
BATCH = 100   # and for so many ids a BatchGetImage


@dataclasses.dataclass(frozen=True)
class Tree:
    """Repositories of equal size, each tag a manifest of its own of about 3 KB."""

    repositories: int
    tags: int

    def __str__(self):
        return f"{self.repositories} × {self.tags:,}"

    def plant(self, server):
        """Make it all that the server has: bulk/r0000/t000000 and so on."""
        server.seed(clear=True, repositories=self.repositories, tags=self.tags)

    @property
    def manifests(self):
        return self.repositories * self.tags

    @property
    def listing_calls(self):
        """Pages of the registry and of all repositories."""
        return math.ceil(self.repositories / PAGE) + self.repositories * math.ceil(self.tags / PAGE)

    @property
    def listing_chain(self):
        """Those of them that can only be asked one after the other: the registry's, and one repository's."""
        return math.ceil(self.repositories / PAGE) + math.ceil(self.tags / PAGE)

    @property
    def batches(self):
        return self.repositories * math.ceil(self.tags / BATCH)


@dataclasses.dataclass(frozen=True)
class Sizes:
    many: Tree = Tree(100, 100)
    one: Tree = Tree(1, 10_000)
    warm_rounds: int = 15
    expiry_ttl_s: int = 5
    expiry_rounds: int = 5
    latency_ms: int = 200
    connections: tuple = (8, 16)
    cold_rounds: int = 3
    held_readers: int = 64
    hung_readers: int = 512
    probes: int = 300
    rounds: int = 5
    scale_tags: int = 100_000
    listings: tuple = (1_000, 10_000, 100_000)
    million_repositories: int = 10
    million_tags: int = 100_000
    peer_manifests: int = 1_000
    peer_latency_ms: int = 30
    peer_rounds: int = 7
    cli_samples: int = 20

    @property
    def trees(self):
        return self.one, self.many


FULL = Sizes()
QUICK = Sizes(
    many=Tree(5, 100), one=Tree(1, 500), warm_rounds=3, expiry_ttl_s=2, expiry_rounds=2, latency_ms=20,
    cold_rounds=1, held_readers=16, hung_readers=64, probes=40, rounds=2, scale_tags=10_000,
    listings=(1_000, 10_000), million_repositories=3, million_tags=20_000, peer_manifests=200, peer_rounds=2,
    cli_samples=2)
