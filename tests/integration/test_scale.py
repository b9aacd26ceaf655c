"""A repository with a million tags: slow, but bounded, and served for good once it was listed."""

import itertools
import os

from ecr_server.client import EcrServer

from .mount import Mounts

TAGS = 1_000_000
PAGE = 1000


def count(directory):
    with os.scandir(directory) as entries:
        return sum(1 for _ in entries)


def test_million_tags_are_listed_once_and_then_known(tmp_path):
    with EcrServer(preset="sample", verify=False) as server:
        server.seed(repository="million/tags", tags=TAGS)
        mounts = Mounts(tmp_path, server.endpoint)  # its limit of time begins here
        try:
            fs = mounts(timeout="5m")
            directory = fs.root / "million/tags"
            with os.scandir(directory) as entries:
                first = [entry.name for entry in itertools.islice(entries, 3)]
            assert count(directory) == TAGS
            assert server.calls("DescribeImages") == TAGS // PAGE
            assert count(directory) == TAGS
            assert fs.read("million/tags", first[0]) == server.manifest("million/tags", tag=first[0])
            assert server.calls("DescribeImages") == TAGS // PAGE
        finally:
            mounts.close()
