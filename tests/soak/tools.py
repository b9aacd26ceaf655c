"""Programs that are run on the mount. Each answers with what cannot be true of what the program said: lines of text."""

import errno
import hashlib
import io
import os
import re
import subprocess
import tarfile

from .registry import PREFIX

LIMIT_S = 240  # for a tool: everything is asked again, slowly, and each question may take `timeout`
CLEAN = [os.strerror(number) for number in (errno.EIO, errno.EBUSY, errno.ETIMEDOUT, errno.EPROTO, errno.ESTALE)]
ABSENT = (os.strerror(errno.ENOENT), "File removed before we read it")
CHANGED = "file changed as we read it"  # only ever a repository: other names are in it
NO_ERROR = re.compile(r"tar: Exiting with failure status|ls: reading directory|xargs: ")
PLACE = re.compile(rf"({PREFIX}/r\d+)(?:[/:]([\w.-]+))?")


def has(line, *texts):
    return any(text in line for text in texts)


class Tools:
    def __init__(self, root, registry, chance):
        self._root, self._registry, self._random = root, registry, chance
        self._all = (self.find, self.ls, self.grep, self.tar, self.sha256sum, self.references, self.absent)

    def run(self):
        """One of them, on one repository; one in ten is killed before long."""
        repository = self._random.choice(self._registry.repositories())
        tool = self._random.choice(self._all)
        self._kill_after_s = self._random.uniform(0, 1) if self._random.random() < 0.1 else None
        return [f"{tool.__name__} {repository}: {complaint}" for complaint in tool(repository)]

    def find(self, repository):
        out, errors, complaints = self._start("find", repository)
        return complaints + self._unlisted(repository, re.findall(r"/([^/\n]+)/manifest\.json$", out, re.M), errors)

    def ls(self, repository):
        out, errors, complaints = self._start("ls", "-lR", repository)
        return complaints + self._unlisted(repository, re.findall(r"/([^/\n]+):$", out, re.M), errors)

    def grep(self, repository):
        out, errors, complaints = self._start("grep", "-rc", "--include=manifest.json", "schemaVersion", repository)
        empty = [line.removesuffix(":0") for line in out.splitlines() if line.endswith(":0")]
        return complaints + [f"no manifest: {path}" for path in empty if not has("\n".join(errors), path)]

    def tar(self, repository):
        out, errors, complaints = self._start("tar", "-cf", "-", repository, text=False)
        if self._kill_after_s is not None:
            return complaints
        with tarfile.open(fileobj=io.BytesIO(out)) as archive:
            for member in archive:
                _, tag, file = f"{member.name}//".removeprefix(repository).split("/")[:3]
                if file != "manifest.json" or not member.isfile():
                    continue
                data = archive.extractfile(member).read()
                if not errors or any(data):  # tar pads with NUL what it could not read, and has said so
                    complaints += self._wrong(repository, tag, hashlib.sha256(data).hexdigest())
        return complaints

    def sha256sum(self, repository):
        """Here and there."""
        tags = self._registry.some_tags(repository, 40, self._random)
        out, _, complaints = self._start("sha256sum", *(f"{repository}/{tag}/manifest.json" for tag in tags))
        for line in out.splitlines() if self._kill_after_s is None else ():
            digest, path = line.split("  ")
            complaints += self._wrong(repository, path.split("/")[-2], digest)
        return complaints

    def references(self, repository):
        complaints = []
        for tag in self._registry.some_tags(repository, 10, self._random):
            out, _, more = self._start("cat", f"{repository}:{tag}/digest")
            complaints += more
            if out:
                complaints += self._wrong(repository, tag, out.strip().removeprefix("sha256:"))
        return complaints

    def absent(self, repository):
        """Names that nobody has."""
        number = self._random.randrange(10**6)
        out, errors, _ = self._start("stat", "-c", "%n", f"{repository}/never{number}", f"never{number}/x",
                                     f"{repository}:never{number}")
        return ([f"is there: {out}"] if out else []) + [line for line in errors if not has(line, *CLEAN, ABSENT[0])]

    def _start(self, *command, text=True):
        """(standard output, lines of errors, complaints)"""
        process = subprocess.Popen(command, cwd=self._root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env={"PATH": os.environ["PATH"], "LC_ALL": "C"})
        try:
            out, errors = process.communicate(timeout=self._kill_after_s or LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            out, errors = process.communicate(timeout=LIMIT_S)
            errors = errors[:errors.rfind(b"\n") + 1]  # it may have been killed in the middle of a line
            if self._kill_after_s is None:
                return out, [], [f"did not end within {LIMIT_S} s"]
        else:
            self._kill_after_s = None
        errors = errors.decode().splitlines()
        return (out.decode() if text else out), errors, [line for line in errors if not self._is_clean(line)]

    def _is_clean(self, line):
        """Whether an error is one that can be: ECR failed, a listing has changed, or what is absent has been removed."""
        if has(line, *CLEAN) or NO_ERROR.match(line):
            return True
        place = PLACE.search(line)
        if place and not place[2]:
            return has(line, CHANGED)
        return bool(place) and has(line, *ABSENT) and self._registry.may_be_absent(*place.groups())

    def _unlisted(self, repository, shown, errors):
        """What a complete listing must show, and what it cannot."""
        if errors or self._kill_after_s is not None:
            return []
        missing = self._registry.lasting(repository) - set(shown)
        unknown = {tag for tag in shown if (repository, tag) not in self._registry.meant and tag != repository[5:]}
        twice = len(shown) - len(set(shown))
        return [f"missing {missing}, unknown {unknown}, twice {twice}"] if missing or unknown or twice else []

    def _wrong(self, repository, tag, digest):
        return [] if f"sha256:{digest}" in self._registry.meant[repository, tag] else [f"{tag} never was {digest}"]
