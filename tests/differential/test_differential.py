"""See __init__.py."""

import collections
import os
import pathlib

import pytest

from .compare import Comparison
from .differences import DIFFERENCES, table
from .generator import composed
from .referee import VERSION, Referee
from .roles import composed_roles
from .services import Services
from .table import CASES

N_COMPOSED = int(os.environ.get("ECRFS_DIFFERENTIAL_CASES", "250"))
ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    referee, services = Referee(), Services()
    yield Comparison(referee, services, tmp_path_factory.mktemp("homes"))
    referee.close()
    services.close()


@pytest.fixture(scope="module")
def results(comparison):
    return [(case, *comparison.compare(case)) for case in CASES]


def describe(case, ours, theirs):
    return f"{case}\n  ecrfs    {ours}\n  botocore {theirs}"


def used(explained):
    """All differences that explain what was compared, or None."""
    return None if None in explained.values() else set().union(*explained.values())


def as_expected(case, explained):
    expected = {d.name for d in DIFFERENCES if d.name == case.differs and VERSION < d.until}
    return used(explained) == expected


def test_cases_are_told_apart():
    assert [name for name, n in collections.Counter(case.name for case in CASES).items() if n > 1] == []
    assert {case.differs for case in CASES} - {""} <= {difference.name for difference in DIFFERENCES}


def test_cases_of_the_table_agree_or_differ_as_listed(results):
    wrong = [describe(case, ours, theirs) + f"\n  explained by {explained}" for case, explained, ours, theirs in results
             if not as_expected(case, explained)]
    assert not wrong, f"{len(wrong)} cases\n" + "\n".join(wrong)


@pytest.mark.parametrize("compose", [composed, composed_roles])
def test_composed_cases_agree_or_differ_as_listed(comparison, compose):
    wrong, counts = [], collections.Counter()
    for case in compose(N_COMPOSED):
        explained, ours, theirs = comparison.compare(case)
        if used(explained) is None:
            wrong.append(describe(case, ours, theirs))
        else:
            counts.update(used(explained) or ["none"])
    assert not wrong, f"{len(wrong)} cases\n" + "\n".join(wrong[:10])
    assert counts["none"] > N_COMPOSED / 10, "hardly anything is compared without a rewrite"


def test_each_difference_is_seen(results):
    seen = set().union(*(used(explained) or set() for case, explained, _, _ in results))
    assert {difference.name for difference in DIFFERENCES if VERSION < difference.until} - seen == set()


def test_the_manual_has_the_table():
    assert table() in (ROOT / "docs/SEMANTICS.md").read_text(), "it should be\n" + table()
