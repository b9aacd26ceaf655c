"""Pull-through cache rules: what an upstream registry has, and the read that imports it.

Upstream content lies in registries of its own, under the names that it has once it is
imported. No operation sees it there, so until then it does not exist.
"""

from .access import check_access
from .documents import parse_manifest
from .errors import ApiError


def describe_pull_through_cache_rules(call):
    """All rules, or those of the prefixes asked for. One missing prefix fails the call."""
    rules = call.settings.pull_through_rules
    prefixes = call.params.get("ecrRepositoryPrefixes", rules)
    return {"pullThroughCacheRules": [_rule(call, rules, prefix) for prefix in prefixes]}


def _rule(call, rules, prefix):
    if prefix not in rules:
        raise ApiError(
            "PullThroughCacheRuleNotFoundException",
            f"The pull through cache rule with prefix '{prefix}' does not exist in the registry with id "
            f"'{call.account}'")
    return {"ecrRepositoryPrefix": prefix, "upstreamRegistryUrl": rules[prefix], "registryId": call.account}


def import_upstream_images(call):
    """Import each tag that a BatchGetImage names and only the upstream has.

    ECR: the first read of a tag imports it; a digest alone never does.
    """
    upstream = _upstream_repository(call, call.params["repositoryName"])
    if upstream is None:
        return
    for image_id in call.params["imageIds"]:
        tag = image_id.get("imageTag")
        if tag in upstream.tags and not _is_imported(call, upstream.name, tag):
            _import_tag(call, upstream, tag)


def _upstream_repository(call, name):
    """What the upstream has of a repository, or None; ECR takes a '/' as the end of each prefix."""
    if not any(name.startswith(f"{prefix}/") for prefix in call.settings.pull_through_rules):
        return None
    return call.upstream.find(call.account, name, call.region)


def _is_imported(call, name, tag):
    repository = call.registries.find(call.account, name, call.region)
    return repository is not None and tag in repository.tags


def _import_tag(call, upstream, tag):
    """Import one image, into a repository that is made if it is missing."""
    check_access(call.settings, "BatchImportUpstreamImage", call.caller, call.account, [upstream.name])
    now = call.settings.now()
    repository = call.registries.find(call.account, upstream.name, call.region) or call.registries.create(
        call.account, upstream.name, now, upstream.region)
    _copy_image(upstream, repository, upstream.tags[tag], [tag], now)
    call.counters.image_imported(repository, tag)


def _copy_image(upstream, repository, image, tags, now):
    """ECR: an index comes with the images that it references."""
    document = parse_manifest(image.manifest)
    for entry in document.get("manifests", []):
        child = upstream.images.get(entry.get("digest"))
        if child is not None:
            _copy_image(upstream, repository, child, [], now)
    config = (document.get("config") or {}).get("digest")
    if config in upstream.blobs:
        repository.blobs[config] = upstream.blobs[config]
    repository.push(image.manifest, tags, image.media_type, now)
