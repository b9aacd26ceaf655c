"""The IAM policies of docs/SECURITY.md: each is enough for what it is for, and nothing in it is too much."""

import json
import os
import re

import pytest

from ecr_server.service import OPERATIONS

from .checks import errno_of, read
from .expected import readable_images, tree, tree_of
from .mount import ROOT

TEXT = (ROOT / "docs/SECURITY.md").read_text()
POLICIES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.S)]


def actions(policy):
    statement, = policy["Statement"]
    assert statement["Effect"] == "Allow"
    return statement["Action"]


EVERYTHING, MANIFESTS, LISTINGS = map(actions, POLICIES)


def allow(server, allowed):
    """Deny all other calls."""
    known = {f"ecr:{operation}" for operation in OPERATIONS}
    assert set(allowed) <= known
    server.config(deny=[{"action": action} for action in sorted(known - set(allowed))])


def use_everything(server, fs):
    assert tree_of(fs.root) == tree(server)
    for image in readable_images(server):
        assert fs.read(image.repository, image.tag) == server.manifest(image.repository, tag=image.tag)
        assert fs.tag(image.repository, image.tag).stat().st_mtime > 0


def use_manifests(server, fs):
    assert fs.read("team/app", "v1") == server.manifest("team/app", tag="v1")
    assert errno_of(os.listdir, fs.root) == "EACCES"


def use_listings(server, fs):
    assert tree_of(fs.root) == tree(server)
    for image in readable_images(server):
        assert read(fs.tag(image.repository, image.tag) / "digest").decode() == f"{image.digest}\n"
        assert fs.tag(image.repository, image.tag).stat().st_mtime > 0


USES = {
    "everything": (EVERYTHING, use_everything, {}),
    "manifests": (MANIFESTS, use_manifests, {}),
    "listings": (LISTINGS, use_listings, {"nopull": True}),
}


@pytest.mark.parametrize("allowed, use, options", USES.values(), ids=USES)
def test_a_policy_is_enough(server, mount, allowed, use, options):
    allow(server, allowed)
    use(server, mount(**options))


@pytest.mark.parametrize("name, without", [(name, action) for name, use in USES.items() for action in use[0]])
def test_a_policy_has_nothing_too_much(server, mount, name, without):
    allowed, use, options = USES[name]
    allow(server, [action for action in allowed if action != without])
    with pytest.raises((AssertionError, PermissionError)):
        use(server, mount(**options))


def test_listings_cause_no_call_that_is_refused(server, mount):
    allow(server, LISTINGS)
    use_listings(server, mount(nopull=True))
    assert {outcome for outcomes in server.stats()["outcomes"].values() for outcome in outcomes} == {"ok"}
