"""The commands of README.md, run as they stand there: what they print, and what ECR records as pulled by them."""

import os
import re
import subprocess
import time

import pytest

from ecr_server import documents
from ecr_server.client import ACCOUNT

from .checks import forget_calls, read, wait_quiet
from .expected import images
from .mount import ECRFS, ROOT

AWS = "/usr/bin/aws"
README = (ROOT / "README.md").read_text()
DAY = 86400
GIB = 1 << 30
SAMPLE_LAYER = "sha256:39fafc05754f195f134ca11ecdb1c9a691ab0848c697fffeb5a85f900caaf6e1"


def table():
    """{question: (command, pulls)} of README.md."""
    section = README.partition("\n## Questions\n")[2].partition("\n## ")[0]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in section.splitlines()
             if line.startswith("| ")][1:]
    return {question: (command.strip("`").replace("\\|", "|"), pulls) for question, command, pulls in cells}


QUESTIONS = table()


@pytest.fixture
def seeded(server, mount):
    """The demo's registry, and besides what makes each answer another one than "all" or "none"."""
    now = time.time()
    server.push("charts/web", tag="2.0.0", kind="helm", pushed_at=now - DAY / 12)
    server.push("charts/web", tag="1.9.9", kind="helm", pushed_at=now - 1.5 * DAY)
    server.push("team", tag="recent", pushed_at=now - 80 * DAY)
    server.push("team", tag="old", pushed_at=now - 100 * DAY)
    push_layers(server, "team", "borrowed", [(SAMPLE_LAYER, 17743696)])
    push_layers(server, "release/large", "huge", [("sha256:" + "7" * 64, 9 * GIB)])
    shared = documents.parse_manifest(server.manifest("team", tag="v1"))["layers"]
    push_layers(server, "team", "again", [(layer["digest"], layer["size"]) for layer in shared[1:3]])
    mount().read("team", "v1")  # pulled today
    forget_calls(server)
    return server


def push_layers(server, repository, tag, layers):
    config = documents.descriptor(documents.DOCKER_CONFIG, "sha256:" + "c" * 64, 1000)
    layers = [documents.descriptor(documents.DOCKER_LAYER, digest, size) for digest, size in layers]
    manifest = documents.render(documents.image_manifest(documents.DOCKER_MANIFEST, config, layers)).decode()
    server.push(repository, tag=tag, manifest=manifest, pushed_at=1600000000.0)


class Shell:
    """Runs what a user types in the directory of a registry, and knows which digests ECR handed out meanwhile."""

    def __init__(self, server, fs, home):
        self.fs = fs
        self._server = server
        home.mkdir(exist_ok=True)
        # Debian's AWS CLI does not know the variable for the endpoint yet.
        (home / "aws").write_text(f'#!/bin/sh\nexec {AWS} "$@" --endpoint-url {server.endpoint}\n')
        (home / "aws").chmod(0o755)
        self._environment = {"PATH": f"{home}:/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C.UTF-8",
                             **server.environment()}

    def run(self, command, code=0, cwd=None):
        """The lines that it prints."""
        done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=cwd or self.fs.root, timeout=120,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, env=self._environment)
        assert (done.returncode, done.stderr) == (code, ""), f"{command}: {done.returncode}, {done.stderr}"
        return done.stdout.splitlines()

    def pulled(self):
        """{(repository, digest)} of what was handed out."""
        wait_quiet(self._server)
        return {tuple(name.removeprefix(f"{ACCOUNT}/").split("@")) for name in self._server.stats()["manifests_served"]}


@pytest.fixture
def shell(seeded, mount, tmp_path):
    return Shell(seeded, mount(), tmp_path / "home")


@pytest.fixture
def ask(shell):
    """A function that answers a question of the table, and checks what that pulled."""
    def answer(question, pulled=(), code=0):
        command, pulls = QUESTIONS[question]
        lines = shell.run(command, code=code)
        if pulls.endswith("and maybe more"):
            assert set(pulled) and set(pulled) <= shell.pulled()
        else:
            assert (pulls == "nothing") == (not pulled)
            assert shell.pulled() == set(pulled)
        return lines
    return answer


def records(server, repository=""):
    """Images with what the server says of them, those of one repository or of all."""
    return [image for image in server.images(account=ACCOUNT) if image["repository"].startswith(repository)]


def digest_files(chosen):
    return sorted(f"./{image['repository']}/{tag}/digest" for image in chosen for tag in image["tags"])


def below(server, *directories):
    """{(repository, digest)} of all that has a tag, and a path below one of the directories."""
    return {(image.repository, image.digest) for image in images(server)
            if any(f"{image.repository}/".startswith(f"{directory}/") for directory in directories)}


def test_every_question_has_a_test():
    asked = set(re.findall(r'(?:ask\(|QUESTIONS\[)"([^"]+)"', (ROOT / __file__).read_text()))
    assert asked == set(QUESTIONS)


def test_images_with_a_layer(seeded, ask):
    found = ask("Which images use this layer?", below(seeded, "cluster-autoscaler", "team"))
    assert sorted(found) == ["cluster-autoscaler/v1.13.6/manifest.json", "team/borrowed/manifest.json"]


def test_newest_tag(ask):
    assert ask("Which tag is the newest?") == ["2.0.0"]


def test_pushed_since_yesterday(seeded, ask):
    recent = [image for image in records(seeded) if image["pushed_at"] > time.time() - DAY]
    found = ask("What was pushed since yesterday?")
    assert sorted(found) == digest_files(recent) == ["./charts/web/2.0.0/digest"]


def test_not_pulled_for_90_days(seeded, ask):
    old = [image for image in records(seeded)
           if (image["pulled_at"] or image["pushed_at"]) < time.time() - 91 * DAY]
    found = ask("What was not pulled for 90 days?")
    assert sorted(found) == digest_files(old)
    assert "./team/old/digest" in found
    assert not {"./team/recent/digest", "./team/v1/digest"} & set(found)


def test_biggest(seeded, ask):
    sizes = sorted((image["size"], f"{image['repository']}/{tag}") for image in records(seeded)
                   for tag in image["tags"])
    assert ask("Which images are the biggest?") == [f"{size} {path}" for size, path in sizes[-3:]]
    assert sizes[-1] == (9 * GIB + 1000, "release/large/huge")


def test_tags_of_one_image(seeded, ask):
    same = [image for image in records(seeded) if image["repository"] == "team" and "latest" in image["tags"]]
    found = ask("Which tags are the same image?")
    assert sorted(f"./{path}" for path in found) == digest_files(same)
    assert len(found) == 2


def test_without_a_tag(seeded, ask):
    untagged = [image["digest"] for image in records(seeded, "scratch/untagged") if not image["tags"]]
    assert sorted(ask("Which images have no tag?")) == sorted(untagged)
    assert untagged


def test_platforms_of_an_index(seeded, ask):
    index = seeded.tree()[ACCOUNT]["tools/multiarch"]["latest"]
    found = ask("Which platforms are in an index?", [("tools/multiarch", index)])
    children = documents.parse_manifest(seeded.manifest("tools/multiarch", digest=index))["manifests"]
    platforms = [child["platform"] for child in children]
    assert set(found) == {"-".join(filter(None, [it["os"], it["architecture"], it.get("variant")]))
                          for it in platforms if it["os"] != "unknown"}


def test_difference_of_two_tags(seeded, ask):
    tags = seeded.tree()[ACCOUNT]["team"]
    found = ask("How do two tags differ?", [("team", tags["v1"]), ("team", tags["v2"])], code=1)
    texts = [seeded.manifest("team", tag=tag).decode().splitlines() for tag in ("v1", "v2")]
    changed = [pair for pair in zip(*texts, strict=True) if pair[0] != pair[1]]
    assert [line for line in found if line[0] == "<"] == [f"< {old}" for old, _ in changed]
    assert [line for line in found if line[0] == ">"] == [f"> {new}" for _, new in changed]
    assert changed


def test_total_size_of_layers(seeded, ask):
    mine = {pair for pair in below(seeded, "team") if pair[0] == "team"}
    found = ask("How large are all layers, each counted once?", mine)
    layers = [layer for _, digest in mine
              for layer in documents.parse_manifest(seeded.manifest("team", digest=digest))["layers"]]
    assert found == [str(sum({layer["digest"]: layer["size"] for layer in layers}.values()))]
    assert int(found[0]) < sum(layer["size"] for layer in layers)


def test_digests(seeded, ask):
    assert ask("Are all bytes what their digest says?", below(seeded, "team")) == []


def test_digests_that_are_wrong(seeded, shell):
    """The question would not be worth asking if the answer were always yes."""
    seeded.fault("wrong_digest", repository="team/app", id=seeded.tree()[ACCOUNT]["team/app"]["v3"])
    command, _ = QUESTIONS["Are all bytes what their digest says?"]
    done = subprocess.run(["bash", "-c", command], cwd=shell.fs.root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert done.stdout.splitlines() == ["team/app/v3/manifest.json: FAILED open or read"]
    assert "Bad message" in done.stderr


@pytest.mark.skipif(not os.access(AWS, os.X_OK), reason="the AWS CLI (Debian: awscli) is not installed")
def test_another_tag(seeded, shell, ask):
    os.listdir(shell.fs.root / "team")  # what is new is found although a listing is at hand
    digest = seeded.tree()[ACCOUNT]["team"]["v2"]
    ask("How do I tag an image anew?", [("team", digest)])
    assert seeded.tree()[ACCOUNT]["team"]["prod"] == digest
    assert read(shell.fs.tag("team", "prod") / "digest").decode() == digest + "\n"
    assert shell.fs.read("team", "prod") == seeded.manifest("team", tag="prod")


def test_what_changed(seeded, mount, shell, ask, tmp_path):
    kept = ask("What is where today, to be kept?")
    assert kept == []
    old = seeded.tree()[ACCOUNT]["team"]
    new = seeded.push("team/app", tag="v9")
    seeded.retag("team", "latest", old["v1"])
    seeded.delete_tag("charts/web", "1.0.0")
    gone = next(line for line in (tmp_path / "home/ecr.yesterday").read_text().splitlines() if "web/1.0.0/" in line)
    later = Shell(seeded, mount(), tmp_path / "home")
    command, pulls = QUESTIONS["What has changed since, moved tags included?"]
    lines = [line for line in later.run(command, code=1) if line[0] in "<>"]
    assert sorted(lines) == sorted([
        f"> ./team/app/v9/digest:{new}", f"< {gone}",
        f"< ./team/latest/digest:{old['latest']}", f"> ./team/latest/digest:{old['v1']}"])
    assert (later.pulled(), pulls) == (set(), "nothing")


def test_what_one_sees(server, mount, tmp_path):
    """The listing at the top. `ls` has columns there, so it is compared word by word."""
    shell = Shell(server, mount(), tmp_path / "home")
    block = README.partition("```console\n")[2].partition("```")[0]
    commands = re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", block, re.M)
    assert len(commands) == 4
    for command, output in commands:
        shown = " ".join(shell.run(command, cwd=shell.fs.point)).split()
        assert sorted(shown) == sorted(output.split()), command


def test_the_fstab_line(server, mount, tmp_path):
    """Its options are known to the mount helper, which mounts what it says."""
    line = re.search(r"^(\S+\.amazonaws\.com) +/\S+ +ecrfs +(\S+) +0 0$", README, re.M)
    source, options = line.groups()
    helper, point = tmp_path / "mount.ecrfs", mount.new_point()
    helper.symlink_to(ECRFS.resolve())
    environment = mount.environment(server.environment())
    done = subprocess.run([helper, source, point, "-o", f"rw,{options},endpoint_url={server.endpoint}"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    account = source.partition(".")[0]
    digest = server.tree()[account]["team/app"]["theirs"]
    assert read(point / source / "team/app/theirs/digest").decode() == digest + "\n"
    subprocess.run(["umount", point], check=True, timeout=60)
