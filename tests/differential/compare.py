"""Asks both sides. What differs must be explained by listed differences, and by no more of them than are needed."""

import itertools
import json
import os
import pathlib
import re
import subprocess
import urllib.parse

from .differences import DIFFERENCES

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("RESOLVE", ROOT / "build/release/tests/differential/resolve"))

ABOUT = ["credentials", "place"]

# What we say, and what kind of error that is.
CREDENTIAL_ERRORS = [
    ("cannot read the token file", "failed"),
    ("has a role_arn, but neither", "half a key"),
    ("one half of the key is in the environment", "half a key"),
    ("cannot read", "cannot be read"),
    ("has only one half of the key", "half a key"),
    ("is in neither the AWS config nor", "no such profile"),
    ("not supported yet", "not supported"),
    ("looked at:", "none"),
]
PLACE_ERRORS = [
    ("not the name of a region", "bad region"),
    ("the endpoint URL is not", "bad URL"),
    ("cannot be combined", "conflict"),
    ("no endpoint that is both", "no such endpoint"),
    ("names a section that is not", "no such section"),
]


def same_url(url):
    """One way to write it: host in lower case, no port that is the scheme's own."""
    parts = urllib.parse.urlsplit(url)
    own = {"http": ":80", "https": ":443"}[parts.scheme]
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(own)}{parts.path or '/'}"


def kind(text, kinds):
    return {"error": next((kind for words, kind in kinds if words in text), "failed"), "text": text}


def read_place(answer):
    if "region_error" in answer:
        return {"error": "no region"}
    if "endpoint_error" in answer:
        return kind(answer["endpoint_error"], PLACE_ERRORS)
    return {"region": answer["region"], "endpoint": answer["endpoint"]}


def ask_us(services, variables, options):
    arguments = [name if value is True else f"{name}={value}" for name, value in options.items()]
    result = subprocess.run([PROGRAM, *arguments], capture_output=True, timeout=60, env={
        **{name: value for name, value in os.environ.items() if re.match("(A|L|UB)SAN_OPTIONS", name)},
        "AWS_ENDPOINT_URL_STS": services.url, "AWS_ENDPOINT_URL_SSO": services.url,
        "AWS_ENDPOINT_URL_SSO_OIDC": services.url, **variables})
    log = result.stderr.decode(errors="replace")
    assert result.returncode == 0, log
    answer = json.loads(result.stdout.decode(errors="replace"))
    if "error" in answer:
        return {"credentials": kind(log, CREDENTIAL_ERRORS), "place": read_place(answer)}
    return {"credentials": {"id": answer["access_key_id"], "secret": answer["secret_sha256"],
                            "token": answer.get("token_sha256")}, "place": read_place(answer)}


def agree(ours, theirs):
    if "error" in ours or "error" in theirs:
        return ours.get("error") == theirs.get("error")
    if "endpoint" in ours:
        return ours["region"] == theirs["region"] and same_url(ours["endpoint"]) == same_url(theirs["endpoint"])
    return ours == theirs


class Comparison:
    def __init__(self, referee, services, directory):
        self.referee, self.services, self.directory, self.homes = referee, services, directory, itertools.count()
        self.asked = {}

    def lay(self, case):
        home = self.directory / str(next(self.homes))
        home.mkdir()
        return case.lay(home)

    def ask_botocore(self, case, about, differences):
        """What botocore says about the case where these differences are taken into account."""
        rewritten = case
        for difference in differences:
            rewritten = difference.rewrite(rewritten)
        question = about, str(rewritten)
        if question not in self.asked:
            self.referee.send(about, self.lay(rewritten), rewritten.options)
            self.asked[question] = self.referee.receive()
        answer = self.asked[question]
        for difference in differences:
            answer = difference.reread(answer, rewritten) if about == difference.rereads else answer
        return answer

    def explain(self, case, about, ours):
        """The differences without which the two do not agree, or None where they do not with all."""
        needed, rewritten = [], case
        for difference in DIFFERENCES:
            needed += [difference] if difference.may_apply(rewritten, about) else []
            rewritten = difference.rewrite(rewritten)
        if not agree(ours, self.ask_botocore(case, about, needed)):
            return None
        for difference in list(needed):
            others = [other for other in needed if other is not difference]
            if agree(ours, self.ask_botocore(case, about, others)):
                needed = others
        return {difference.name for difference in needed}

    def compare(self, case):
        """For credentials and place: the differences, or None for what they do not explain; and both answers."""
        variables = self.lay(case)
        for about in ABOUT:
            self.referee.send(about, variables, case.options)
        ours = ask_us(self.services, variables, case.options)
        theirs = {about: self.referee.receive() for about in ABOUT}
        return {about: set() if agree(ours[about], theirs[about]) else self.explain(case, about, ours[about])
                for about in ABOUT}, ours, theirs
