"""Whoever reads many manifests: what it costs, and that each is right."""

import collections
import contextlib
import os
import random

from ecr_server.client import ACCOUNT

from .checks import calls, wait_quiet

FULL = 100  # ids in one BatchGetImage


def tags_of(server, repository):
    return sorted(server.tree(account=ACCOUNT, repository=repository)[ACCOUNT][repository])


def seeded(server, prefix):
    """All tags of the repositories below `prefix`: {repository: tags}."""
    return {repository: sorted(tags) for repository, tags in server.tree(account=ACCOUNT)[ACCOUNT].items()
            if repository.startswith(prefix)}


def batches(server):
    """Sizes of all BatchGetImage, in their order."""
    wait_quiet(server)
    return [len(call["body"]["imageIds"]) for call in server.log("BatchGetImage")]


def asked_ids(server):
    """{id: how often it was asked for}."""
    wait_quiet(server)
    return server.stats()["per_id"].get("BatchGetImage", {})


def assert_each_once(server, count):
    """So many ids were fetched, none of them twice."""
    times = asked_ids(server)
    assert len(times) == count
    assert collections.Counter(times.values()) == {1: count}


def assert_calls_are_full(server, count, more):
    """`count` ids came in as few calls as can be, and at most `more`."""
    sizes = batches(server)
    assert max(sizes) <= FULL
    least = -(-count // FULL)
    assert least <= len(sizes) <= least + more, sizes


def listing_calls(server):
    """Calls for listings, pages included."""
    cost = calls(server)
    assert set(cost) <= {"DescribeRepositories", "DescribeImages", "BatchGetImage"}, cost
    return cost["DescribeRepositories"] + cost.get("DescribeImages", 0)


def assert_bytes(server, fs, prefix, skip=()):
    """Every byte is that of the server. What is in the kernel's memory is not asked for again."""
    for repository, tags in seeded(server, prefix).items():
        for tag in tags:
            if (repository, tag) not in skip:
                assert fs.read(repository, tag) == server.manifest(repository, tag=tag), f"{repository}:{tag}"


def listed_order(directory):
    """The names of a directory as ECR lists them."""
    with os.scandir(directory) as entries:
        return [entry.name for entry in entries]


def lonely_places(names, count, seed=7):
    """So many of `names` that are no neighbours, neither in their order nor in that of the alphabet."""
    order = {name: place for place, name in enumerate(names)}
    ranks = {name: rank for rank, name in enumerate(sorted(names))}
    chosen = []
    pick = random.Random(seed)
    while len(chosen) < count:
        name = pick.choice(names)
        if all(abs(order[name] - order[other]) > 3 and abs(ranks[name] - ranks[other]) > 3 for other in chosen):
            chosen.append(name)
    return chosen


@contextlib.contextmanager
def counted(server, most, at_least=0):
    """Within it, so many manifests are fetched."""
    before = sum(asked_ids(server).values())
    yield
    fetched = sum(asked_ids(server).values()) - before
    assert at_least <= fetched <= most, f"{fetched} manifests"
