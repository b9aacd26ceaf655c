"""Fault rules: what goes wrong, when, and how.

A rule is a JSON object: `action`, the arguments of that action, and conditions. All rules
that match a call are applied, in the order of the list, in three phases:

    before    wait, or answer something else instead of calling the operation
    answer    change the answer (the JSON object) of a successful operation
    response  damage the response on its way out (damage.py)

To add an action, write a function and enter it in ACTIONS, here or there.
"""

import asyncio
import fnmatch
import random

from . import damage
from .batch_get import failure_entry
from .documents import DOCKER_V1_SIGNED, convert as convert_document
from .errors import STATUS, ApiError
from .http_server import Response

CONDITIONS = {
    "operation", "account", "repository", "id", "access_key", "every", "after", "times", "probability", "seed",
}


class Rule:
    """One rule and how often it matched and was applied."""

    def __init__(self, fields, owner):
        self.owner = owner
        fields = {**fields.get("match", {}), **{k: v for k, v in fields.items() if k != "match"}}
        self.action = fields.pop("action", None)
        if self.action not in ACTIONS:
            raise ValueError(f"unknown action {self.action}; known: {', '.join(ACTIONS)}")
        self.phase, self.apply, arguments = ACTIONS[self.action]
        self.conditions = {name: fields.pop(name) for name in CONDITIONS & set(fields)}
        unknown = set(fields) - arguments
        if unknown:
            raise ValueError(f"{self.action} does not take {', '.join(sorted(unknown))}")
        self.arguments = fields
        self.matched = self.applied = 0
        self._random = random.Random(self.conditions.get("seed", 1))

    def get(self, name, default=None):
        return self.arguments.get(name, default)

    def names_id(self, image_id, repository=None):
        """Whether the rule is for this id: its digest, its tag, or what its tag points at."""
        wanted = self.conditions.get("id")
        if wanted is None:
            return True
        wanted = [wanted] if isinstance(wanted, str) else wanted
        digest, tag = image_id.get("imageDigest"), image_id.get("imageTag")
        if digest is None and repository is not None and tag in repository.tags:
            digest = repository.tags[tag].digest
        return digest in wanted or tag in wanted

    def claims(self, call):
        """Whether to apply the rule to this call; counts it."""
        if not self._fits(call):
            return False
        self.matched += 1
        turn = self.matched - self.conditions.get("after", 0)
        if turn < 1 or turn % self.conditions.get("every", 1):
            return False
        if self.applied >= self.conditions.get("times", float("inf")):
            return False
        if self._random.random() >= self.conditions.get("probability", 1):
            return False
        self.applied += 1
        return True

    def _fits(self, call):
        where = self.conditions
        if where.get("operation") not in (None, call.operation):
            return False
        if where.get("account") not in (None, call.account):
            return False
        if "access_key" in where and where["access_key"] != call.caller.credential.access_key:
            return False
        pattern = where.get("repository")
        if pattern and not any(fnmatch.fnmatchcase(name, pattern) for name in call.repository_names()):
            return False
        if "id" not in where:
            return True
        name = call.params.get("repositoryName", "")
        repository = call.registries.find(call.account, name, call.region)
        return any(self.names_id(image_id, repository) for image_id in call.image_ids())


# Phase "before": async functions (rule, call) that may return a Response or raise ApiError.

async def hold(rule, call):
    """Keep the request until POST /_control/release, or for `seconds`."""
    call.counters.hold_begins()
    try:
        await asyncio.wait_for(rule.owner.released(), rule.get("seconds"))
    except asyncio.TimeoutError:
        pass
    finally:
        call.counters.hold_ends()


async def delay(rule, call):
    await asyncio.sleep(rule.get("ms", 1000) / 1000)


async def error(rule, call):
    """An API error; its status as ECR's unless given."""
    code = rule.get("code", "ServerException")
    raise ApiError(code, rule.get("message", ""), rule.get("status", STATUS.get(code)))


async def html(rule, call):
    """What proxies and load balancers answer."""
    status = rule.get("status", 503)
    body = rule.get("body", f"<html><body><h1>{status} Service Temporarily Unavailable</h1></body></html>\n")
    return Response(status, body.encode(), "text/html")


async def empty(rule, call):
    return Response(rule.get("status", 200), b"")


async def garbage(rule, call):
    return Response(rule.get("status", 200), rule.get("body", '{"images":[{"imageId":').encode())


async def raw(rule, call):
    """Exactly these bytes, then the connection is closed. `bytes` is text in latin-1."""
    return Response(raw=rule.get("bytes", "").encode("latin-1"))


async def close(rule, call):
    """`when`: before (no byte is sent) | after_headers | after (a good answer, then close)."""
    return Response(drop="before") if rule.get("when", "before") == "before" else None


# Phase "answer": functions (rule, call) that change call.answer.

def _chosen(rule, call):
    """The images of a BatchGetImage answer that the rule is for."""
    return [entry for entry in call.answer.get("images", []) if rule.names_id(entry["imageId"])]


def failure(rule, call):
    """Put ids into failures[] with `code` and `reason`, whether they exist or not."""
    for entry in _chosen(rule, call):
        call.answer["images"].remove(entry)
    repository = call.registries.find(call.account, call.params["repositoryName"], call.region)
    ids = [it for it in call.params.get("imageIds", []) if rule.names_id(it, repository)]
    kept = [it for it in call.answer.get("failures", []) if it["imageId"] not in ids]
    code, reason = rule.get("code", "ImageNotFound"), rule.get("reason", "Requested image not found")
    call.answer["failures"] = kept + [failure_entry(it, code, reason) for it in ids]


def drop_id(rule, call):
    """Leave ids out of images and of failures."""
    for entry in _chosen(rule, call):
        call.answer["images"].remove(entry)
    call.answer["failures"] = [it for it in call.answer.get("failures", []) if not rule.names_id(it["imageId"])]


def wrong_digest(rule, call):
    """Other bytes under the same id: `manifest`, else the real one and a newline."""
    for entry in _chosen(rule, call):
        entry["imageManifest"] = rule.get("manifest", entry["imageManifest"] + "\n")


def swap(rule, call):
    """Exchange the manifests of two ids."""
    for one, two in list(zip(*[iter(_chosen(rule, call))] * 2))[:1]:
        one["imageManifest"], two["imageManifest"] = two["imageManifest"], one["imageManifest"]


def extra_id(rule, call):
    """Add an image that nobody asked for: `digest`, else any other of the repository."""
    repository = call.repository()
    there = {entry["imageId"].get("imageDigest") for entry in call.answer["images"]}
    others = [image for digest, image in repository.images.items()
              if digest not in there and rule.get("digest") in (None, digest)]
    for image in others[:1]:
        call.answer["images"].insert(0, {
            "registryId": repository.account, "repositoryName": repository.name,
            "imageId": {"imageDigest": image.digest}, "imageManifest": image.manifest.decode(),
            "imageManifestMediaType": image.media_type})


def convert(rule, call):
    """Answer in another format (`media_type`) under the stored digest."""
    repository = call.repository()
    for entry in _chosen(rule, call):
        image = repository.images[entry["imageId"]["imageDigest"]]
        converted = convert_document(image, [rule.get("media_type", DOCKER_V1_SIGNED)])
        if converted:
            entry["imageManifest"], entry["imageManifestMediaType"] = converted[0].decode(), converted[1]


def merge(rule, call):
    """Overwrite members of the answer; null removes one."""
    for name, value in rule.get("members", {}).items():
        call.answer[name] = value
        if value is None:
            del call.answer[name]


def same_token(rule, call):
    """From the second page on, hand out the token again that came in."""
    if "nextToken" in call.params:
        call.answer["nextToken"] = call.params["nextToken"]


ACTIONS = {
    "hold": ("before", hold, {"seconds"}),
    "delay": ("before", delay, {"ms"}),
    "error": ("before", error, {"code", "message", "status"}),
    "html": ("before", html, {"status", "body"}),
    "empty": ("before", empty, {"status"}),
    "garbage": ("before", garbage, {"status", "body"}),
    "raw": ("before", raw, {"bytes"}),
    "close": ("before", close, {"when"}),
    "failure": ("answer", failure, {"code", "reason"}),
    "drop_id": ("answer", drop_id, set()),
    "wrong_digest": ("answer", wrong_digest, {"manifest"}),
    "swap": ("answer", swap, set()),
    "extra_id": ("answer", extra_id, {"digest"}),
    "convert": ("answer", convert, {"media_type"}),
    "merge": ("answer", merge, {"members"}),
    "same_token": ("answer", same_token, set()),
    **{name: ("response", *row) for name, row in damage.ACTIONS.items()},
}
# close has two faces: before the operation, or on the finished response.
LATE = {"close": damage.close_late}


class FaultRules:
    """The rules in force, and the gate at which held requests wait."""

    def __init__(self, counters):
        self._counters = counters
        self._gate = None
        self.rules = []

    def parse(self, rules):
        """Rules from JSON objects; ValueError if one of them is wrong."""
        return [Rule(fields, self) for fields in rules]

    def add(self, fields):
        self.rules.append(Rule(fields, self))

    async def released(self):
        self._gate = self._gate or asyncio.Event()
        await self._gate.wait()

    def release(self):
        """Let all held requests go; later ones are held again."""
        if self._gate is not None:
            self._gate.set()
        self._gate = None

    def matching(self, call):
        rules = [rule for rule in self.rules if rule.claims(call)]
        for rule in rules:
            self._counters.faults_applied[rule.action] += 1
        return rules

    async def before(self, rules, call):
        for rule in rules:
            if rule.phase == "before":
                response = await rule.apply(rule, call)
                if response is not None:
                    call.fault = rule.action
                    return response
        return None

    def change_answer(self, rules, call):
        for rule in rules:
            if rule.phase == "answer":
                rule.apply(rule, call)
                call.fault = rule.action

    def change_response(self, rules, call, response):
        for rule in rules:
            change = rule.apply if rule.phase == "response" else LATE.get(rule.action)
            if change is not None:
                change(rule, response)
                call.fault = rule.action
