"""The control address: JSON over HTTP under /_control/, for tests and the demo."""

import gc
import json
import urllib.parse

from . import generator
from .counters import id_name
from .http_server import Response
from .registry import ANY_REGION, sha256_digest


class ControlError(Exception):
    """A question that cannot be answered; becomes HTTP 400."""


class Control:
    """Handles one control request at a time; every path is one method in ROUTES."""

    def __init__(self, service):
        self.service = service

    async def handle(self, request):
        path, _, query = request.target.partition("?")
        route = ROUTES.get((request.method, path.removeprefix("/_control/")))
        if route is None:
            return _json({"error": f"no {request.method} {path}", "routes": [" ".join(key) for key in ROUTES]}, 404)
        try:
            if request.method == "GET":
                fields = dict(urllib.parse.parse_qsl(query))
            else:
                fields = json.loads(request.body or b"{}")
            result = route(self, fields)
            if hasattr(result, "__await__"):
                result = await result
        except (ControlError, ValueError, TypeError, KeyError) as error:
            return _json({"error": f"{type(error).__name__}: {error}"}, 400)
        return result if isinstance(result, Response) else _json(result)

    # What happened.

    def stats(self, fields):
        return self.service.counters.as_dict()

    def log(self, fields):
        entries = list(self.service.counters.log)
        if "operation" in fields:
            entries = [entry for entry in entries if entry["operation"] == fields["operation"]]
        return entries[-int(fields.get("last", len(entries))):] if entries else []

    def reset(self, fields):
        self.service.counters.reset()
        return {}

    async def wait(self, fields):
        """Wait until counters reach the given values: {"held": 64, "calls": {"ListImages": 2}}."""
        fields = dict(fields)
        timeout_s = fields.pop("timeout_s", 10)
        counters = self.service.counters

        def reached():
            now = counters.as_dict()
            return all(_reached(now[name], wanted) for name, wanted in fields.items())
        return {"reached": await counters.wait_for(reached, timeout_s)}

    # How the server behaves.

    def get_config(self, fields):
        return self.service.settings.as_dict()

    def config(self, fields):
        credentials = fields.pop("credentials", [])
        rules = self.service.faults.parse(fields.get("faults") or [])
        self.service.settings.update(fields)
        if "faults" in fields:
            self.service.faults.rules = rules
        for credential in credentials:
            self.service.verifier.add(**credential)
        return self.service.settings.as_dict()

    def fault(self, fields):
        self.service.faults.add(fields)
        self.service.settings.faults = self.service.settings.faults + [fields]
        return {"faults": len(self.service.faults.rules)}

    def get_faults(self, fields):
        return [
            {"action": rule.action, **rule.conditions, **rule.arguments, "matched": rule.matched,
             "applied": rule.applied}
            for rule in self.service.faults.rules
        ]

    def release(self, fields):
        """Let held requests go; {"clear": true} also removes all fault rules."""
        if fields.get("clear"):
            self.service.faults.rules = []
            self.service.settings.faults = []
        held = self.service.counters.held
        self.service.faults.release()
        return {"released": held}

    def close_connections(self, fields):
        self.service.http.close_connections(fields.get("politely", False))
        return {}

    def expire_credential(self, fields):
        self.service.verifier.credentials[fields["access_key"]].expired = True
        return {}

    def remove_credential(self, fields):
        self.service.verifier.credentials.pop(fields["access_key"], None)
        return {}

    # What the registries contain.

    def seed(self, fields):
        """{"preset": name} or the arguments of generator.add_bulk; {"clear": true} first empties."""
        fields = dict(fields)
        if fields.pop("clear", False):
            self.service.registries.clear()
            self.service.upstream.clear()
        preset = fields.pop("preset", None)
        result = {"preset": preset} if preset else {}
        if preset:
            generator.fill(self.service.registries, preset)
        elif fields:
            result = generator.add_bulk(self.service.registries, **fields)
        # Seeds stay: the garbage collector need not walk through them again and again.
        gc.collect()
        gc.freeze()
        return result

    def _registries(self, fields):
        """{"upstream": true} means what pull-through cache rules can import, else what there is."""
        return self.service.upstream if fields.get("upstream") else self.service.registries

    def _repository(self, fields):
        account = fields.get("account", generator.DEFAULT_ACCOUNT)
        found = self._registries(fields).find(account, fields["repository"], fields.get("region", ANY_REGION))
        if found is None:
            raise ControlError(f"no repository {fields['repository']} in {account}")
        return found

    def _image(self, fields):
        repository = self._repository(fields)
        image = repository.find({"imageDigest": fields.get("digest"), "imageTag": fields.get("tag")})
        if image is None:
            raise ControlError(f"no such image in {repository.name}")
        return repository, image

    def create_repository(self, fields):
        repository = self._registries(fields).create(
            fields.get("account", generator.DEFAULT_ACCOUNT), fields["repository"],
            fields.get("created_at", self.service.settings.now()), fields.get("region", ANY_REGION))
        for name in ("mutability", "exclusion_filters", "policy_text", "lifecycle_text"):
            setattr(repository, name, fields.get(name, getattr(repository, name)))
        return {"repository": repository.name}

    def push_blob(self, fields):
        """Contents (text) of a blob that manifests may name."""
        repository = self._repository(fields)
        blob = fields["text"].encode()
        digest = sha256_digest(blob)
        repository.blobs[digest] = (blob, fields.get("media_type", "application/octet-stream"))
        repository.changed()
        return {"digest": digest, "size": len(blob)}

    def push(self, fields):
        """Push a manifest (text), or an invented image of some kind; names are not checked."""
        place = ("account", "repository", "region", "upstream")
        self.create_repository({key: fields[key] for key in place if key in fields})
        repository = self._repository(fields)
        tags = fields.get("tags", [fields["tag"]] if "tag" in fields else [])
        pushed_at = fields.get("pushed_at", self.service.settings.now())
        if "manifest" in fields:
            image = repository.push(fields["manifest"].encode(), tags, fields.get("media_type"), pushed_at)
        else:
            image = self._invent(repository, fields, tags, pushed_at)
        return {"digest": image.digest, "size": len(image.manifest), "media_type": image.media_type}

    def _invent(self, repository, fields, tags, pushed_at):
        builder = generator.Builder(
            self._registries(fields), repository.account, repository.name, repository.region,
            repository.next_number(), pushed_at)
        kind = fields.get("kind", "docker")
        if kind not in ("docker", "oci", "helm", "multi_arch"):
            raise ControlError("kind is docker, oci, helm or multi_arch")
        return getattr(builder, kind)(tags)

    def set_scan(self, fields):
        """What a scan of an image found; `kind` findings (basic) or enhancedFindings (Inspector)."""
        repository, image = self._image(fields)
        repository.scans[image.digest] = (fields.get("kind", "findings"), fields["findings"])
        return {"digest": image.digest}

    def retag(self, fields):
        """Point `tag` at the image `digest`."""
        repository = self._repository(fields)
        image = repository.images.get(fields["digest"])
        if image is None:
            raise ControlError("no such digest")
        repository.tag(fields["tag"], image)
        return {"digest": image.digest}

    def delete_tag(self, fields):
        self._repository(fields).untag(fields["tag"])
        return {}

    def delete_image(self, fields):
        repository, image = self._image(fields)
        repository.delete(image)
        return {"digest": image.digest}

    def delete_repository(self, fields):
        repository = self._repository(fields)
        self._registries(fields).delete(repository.account, repository.name, repository.region)
        return {}

    def archive(self, fields):
        """Archive an image; {"restore": true} makes it ACTIVE again."""
        repository, image = self._image(fields)
        now = self.service.settings.now()
        if fields.get("restore"):
            image.status, image.activated_at = "ACTIVE", now
        else:
            image.status, image.archived_at = "ARCHIVED", now
        repository.changed()
        return {"digest": image.digest, "status": image.status}

    def tree(self, fields):
        """Everything there is: {"tags": {account: {repository: {tag: digest}}}, "images": [...]}."""
        tags, images = {}, []
        for account, region, repository in self._registries(fields).everything():
            if fields.get("account") not in (None, account) or fields.get("repository") not in (None, repository.name):
                continue
            shelf = tags.setdefault(account, {}).setdefault(repository.name, {})
            shelf.update((tag, image.digest) for tag, image in repository.tags.items())
            images += [_describe(account, region, repository, image) for image in repository.images.values()]
        return {"tags": tags, "images": images}

    def manifest(self, fields):
        """The exact bytes of a manifest, by digest or tag."""
        return Response(200, self._image(fields)[1].manifest, "application/octet-stream")


def _reached(value, wanted):
    if isinstance(wanted, dict):
        return all(
            _reached(value.get(name, {} if isinstance(number, dict) else 0), number) for name, number in wanted.items())
    return value >= wanted if wanted else value == 0


def _describe(account, region, repository, image):
    size = image.manifest_size if image.manifest_size is not None else len(image.manifest)
    return {
        "account": account, "region": region, "repository": repository.name, "digest": image.digest,
        "name": id_name(account, repository.name, {"imageDigest": image.digest}),
        "tags": list(image.tags), "media_type": image.media_type, "artifact_type": image.artifact_type,
        "size": image.size, "manifest_size": size, "pushed_at": image.pushed_at,
        "pulled_at": image.pulled_at, "status": image.status, "subject": image.subject,
    }


def _json(value, status=200):
    return Response(status, json.dumps(value).encode(), "application/json")


ROUTES = {
    ("GET", "stats"): Control.stats,
    ("GET", "log"): Control.log,
    ("POST", "reset"): Control.reset,
    ("POST", "wait"): Control.wait,
    ("GET", "config"): Control.get_config,
    ("POST", "config"): Control.config,
    ("GET", "faults"): Control.get_faults,
    ("POST", "fault"): Control.fault,
    ("POST", "release"): Control.release,
    ("POST", "close_connections"): Control.close_connections,
    ("POST", "expire_credential"): Control.expire_credential,
    ("POST", "remove_credential"): Control.remove_credential,
    ("POST", "seed"): Control.seed,
    ("POST", "create_repository"): Control.create_repository,
    ("POST", "push"): Control.push,
    ("POST", "push_blob"): Control.push_blob,
    ("POST", "set_scan"): Control.set_scan,
    ("POST", "retag"): Control.retag,
    ("POST", "delete_tag"): Control.delete_tag,
    ("POST", "delete_image"): Control.delete_image,
    ("POST", "delete_repository"): Control.delete_repository,
    ("POST", "archive"): Control.archive,
    ("GET", "tree"): Control.tree,
    ("GET", "manifest"): Control.manifest,
}
