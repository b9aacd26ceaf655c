"""ecrfs --check, run for its JSON and for its text."""

import json
import re
import subprocess

from .mount import ECRFS, option_text

WELL, USAGE, CREDENTIALS, DENIED, NETWORK, MACHINE, CLOCK, SERVICE = 0, 1, 3, 4, 5, 6, 7, 8


def steady(text):
    """Without what differs from run to run, and without control characters, which the text does not show."""
    text = re.sub(r"request id \S+|20\d{6}T\d{6}Z|after \d+ ms", "", text)
    return re.sub(r"[\0-\x1f]", "?", text)


class Checked:
    """What --check found, by its JSON; its text, of a second run, must say the same."""

    def __init__(self, mount, arguments, options, environment, prefix):
        options = {**mount.default_options(), **options}
        command = [*prefix, ECRFS, "--check", "-o", option_text(options), *map(str, arguments)]

        def run(*more):
            return subprocess.run([*command, *more], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=60, env=mount.environment(environment))
        machine, human = run("--json"), run()
        assert machine.stderr == human.stderr == ""
        self.code, self.text, self.json = machine.returncode, human.stdout, machine.stdout
        self.document = json.loads(machine.stdout)
        self.findings = self.document["findings"]
        assert human.returncode == self.code == self.document["exit_code"]
        self._compare()

    def _compare(self):
        lines = iter(self.text.splitlines())
        for finding in self.findings:
            place = "/".join(finding[name] for name in ("registry", "repository") if name in finding)
            result = finding["result"].replace("failed", "FAILED")
            expected = [f"{result:8} {' '.join(filter(None, (finding['step'], place)))}: {finding['message']}"]
            expected += [f"         {label} {finding[name]}" for label, name in (("why:", "why"), ("do: ", "remedy"))
                         if name in finding]
            for line in expected:
                assert steady(next(lines)) == steady(line)
        assert len(list(lines)) == 1

    def of(self, step, registry=None):
        """The one finding of a step."""
        finding, = [one for one in self.findings if one["step"] == step and registry in (None, one.get("registry"))]
        return finding

    def failures(self):
        return [one["step"] for one in self.findings if one["result"] == "failed"]
