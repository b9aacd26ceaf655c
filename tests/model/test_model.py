"""The mount agrees with the model on random registries, whatever happens to them."""

import os
import time

import hypothesis
import pytest

from .stories import stories

EXAMPLES = int(os.environ.get("ECRFS_MODEL_EXAMPLES", 300))
SEED = os.environ.get("ECRFS_MODEL_SEED")
SHRINKING_LIMIT_S = 60

# Rules of Comparison that the program does not keep yet, each with a story that shows it. One that is kept is wanted of
# every story.
KNOWN = [
    # A listing tells the number that its name will have. It turns out to be another one when the file is first looked
    # up by another path to the same image, or when the kernel forgets the inode in between.
    ("listed_inodes", "current", [("push", "app", "V1", 0), ("push", "app", "a", 0), ("names", 14), ("walk", 0)]),
    # The record of an image that is held is the one with which it was looked up.
    ("held_records", "current", [("push", "app", "v1", 0), ("hold", 0), ("delete_tag", "app", "v1"), ("walk", 0)]),
]


def told(examples):
    """A test of random stories, the same ones each time."""
    def decorate(test):
        test = hypothesis.given(story=stories())(test)
        if SEED is not None:
            test = hypothesis.seed(int(SEED))(test)
        return hypothesis.settings(
            max_examples=examples, derandomize=SEED is None, deadline=None, database=None, report_multiple_bugs=False,
            suppress_health_check=list(hypothesis.HealthCheck))(test)
    return decorate


class Shrinking:
    """Ends the search for a smaller story in time: from then on only those that failed are played again."""

    def __init__(self):
        self._failed = set()
        self._since = None

    def play(self, stage, story):
        key = repr(story)
        if self._since and time.monotonic() - self._since > SHRINKING_LIMIT_S and key not in self._failed:
            return
        try:
            stage.play(story)
        except AssertionError as error:
            if not self._failed:
                print("first failure:", error)
            self._since = self._since or time.monotonic()
            self._failed.add(key)
            raise


@pytest.fixture(scope="module")
def shrinking():
    return Shrinking()


@told(EXAMPLES)
def test_every_answer_is_the_present_one(current, shrinking, story):
    shrinking.play(current, story)


@told(EXAMPLES // 5)
def test_answers_follow_within_the_ttl(soon, shrinking, story):
    shrinking.play(soon, story)


@pytest.mark.parametrize("rule, stage, story", KNOWN, ids=[known[0] for known in KNOWN])
@pytest.mark.xfail(reason="known, see KNOWN", raises=AssertionError, strict=True)
def test_known(request, rule, stage, story):
    request.getfixturevalue(stage).play(story, frozenset({rule}))
