"""The options of the program, in its usage text and manual pages: the same everywhere. See test_completion."""

import re
import subprocess

import pytest

from integration.mount import ECRFS, ROOT

SOURCE = (ROOT / "fs/options.c").read_text()
MANUAL = (ROOT / "docs/ecrfs.1").read_text()
HELPER = (ROOT / "docs/mount.ecrfs.8").read_text()
OURS, FOR_MOUNT = re.search(r"specs\[\] = \{(.*)/\* What mount\(8\) passes(.*)FUSE_OPT_END", SOURCE, re.S).groups()


def specs(text):
    """Names in a part of the table of options, with their dashes, without values."""
    found = re.findall(r'(?:TEXT|FLAG|FUSE_OPT_KEY)\("?([^",) ]+)', text)
    assert len(found) == len(re.findall(r"^ +[A-Z_]+\(", text, re.M)), "a line that this test does not understand"
    return found


def items(page):
    """Words of the lines that name what is explained below them."""
    lines = re.findall(r"^\.It (.*)$", page, re.M)
    return {word for line in lines for word in re.findall(r"\w+", re.sub(r"\b(Fl|Cm) ", " ", line))}


@pytest.mark.parametrize("name", specs(OURS))
def test_option_is_in_usage_text_and_manual_page(name, usage_text, usage_options):
    if name.startswith("-"):
        assert re.search(rf"^    (\S+, )?{name}\b", usage_text, re.M)
    else:
        assert name in usage_options
    assert name.lstrip("-") in items(MANUAL)


@pytest.mark.parametrize("name", specs(FOR_MOUNT))
def test_option_of_mount_is_in_the_page_of_the_helper(name):
    assert name.lstrip("-") in items(HELPER) | set(re.search(r"Fl (\w+)\n", HELPER)[1])


def test_usage_text_has_no_option_that_there_is_not(usage_options):
    assert set(usage_options) - set(specs(OURS)) == {"env.", "profile."}


def test_usage_text_fits_a_terminal(usage_text):
    assert max(map(len, usage_text.splitlines()[1:])) <= 80


def test_version_is_that_of_the_project():
    version = re.search(r"^project\(ecrfs VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(), re.M)[1]
    shown = subprocess.run([ECRFS, "--version"], capture_output=True, check=True, text=True).stdout
    assert shown.startswith(f"ecrfs {version} ")
    for page in (MANUAL, HELPER):
        assert f"\n.Os ecrfs {version}\n" in page
