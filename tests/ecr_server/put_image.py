"""PutImage: store a manifest, or give one that is there another tag."""

import fnmatch

from .documents import media_type_of, parse_manifest
from .errors import ApiError, constraint, invalid_parameter
from .layers import layer_index
from .operations import IS_TAG, TAG_PATTERN
from .registry import sha256_digest


def put_image(call):
    params, repository = call.params, call.repository()
    manifest, tag = params["imageManifest"].encode(), params.get("imageTag")
    document = parse_manifest(manifest)
    media_type = _media_type(params, document)
    digest = sha256_digest(manifest)
    _check_names(params, digest, tag)
    _check_contents(repository, document)
    _check_tag(repository, digest, tag)
    repository.push(manifest, [tag] if tag else [], media_type, call.settings.now())
    return {"image": {
        "registryId": call.account,
        "repositoryName": repository.name,
        "imageId": {"imageDigest": digest, **({"imageTag": tag} if tag else {})},
        "imageManifest": params["imageManifest"],
        "imageManifestMediaType": media_type,
    }}


def _media_type(params, document):
    """ECR: a manifest that does not say its media type needs the parameter."""
    if not document:
        raise constraint("ImageManifest", "Invalid JSON syntax")
    told = params.get("imageManifestMediaType")
    if document.get("schemaVersion") == 1:
        return told or media_type_of(document)
    inside = document.get("mediaType")
    if not (inside or told):
        raise invalid_parameter("The media type of the image manifest is missing")
    if inside and told and inside != told:
        raise invalid_parameter("The media type of the image manifest is another one than it says itself")
    return inside or told


def _check_names(params, digest, tag):
    if tag is not None and not IS_TAG(tag):
        raise constraint("imageTag", f"must satisfy regular expression '{TAG_PATTERN}'")
    if params.get("imageDigest") not in (None, digest):
        raise ApiError("ImageDigestDoesNotMatchException",
                       f"The provided digest '{params['imageDigest']}' does not match the digest '{digest}'")


def _check_contents(repository, document):
    """What a manifest refers to must be in its repository."""
    children = [child["digest"] for child in document.get("manifests", [])]
    missing = [child for child in children if child not in repository.images]
    if missing:
        raise ApiError("ReferencedImagesNotFoundException", f"Images with digests '{missing}' required for pushing "
                       f"the image into repository with name '{repository.name}' in the registry with id "
                       f"'{repository.account}' do not exist")
    blobs = [blob["digest"] for blob in [document.get("config"), *document.get("layers", [])] if blob]
    missing = [blob for blob in blobs if blob not in layer_index(repository)]
    if missing:
        raise ApiError("LayersNotFoundException", f"Layers with digests '{missing}' required for pushing image into "
                       f"repository with name '{repository.name}' in the registry with id '{repository.account}' "
                       "do not exist")


def _check_tag(repository, digest, tag):
    known = repository.tags.get(tag)
    if digest in repository.images and (tag is None or known is repository.images[digest]):
        raise ApiError("ImageAlreadyExistsException", f"Image with digest '{digest}' and tag '{tag}' already exists "
                       f"in the repository with name '{repository.name}' in registry with id '{repository.account}'")
    if known and _is_fixed(repository, tag):
        raise ApiError("ImageTagAlreadyExistsException", f"The image tag '{tag}' already exists in the "
                       f"'{repository.name}' repository and cannot be overwritten because the repository is immutable.")


def _is_fixed(repository, tag):
    """Whether a tag may not move. Exclusion filters name those for which the opposite holds."""
    excluded = any(fnmatch.fnmatchcase(tag, rule["filter"]) for rule in repository.exclusion_filters)
    return repository.mutability.startswith("IMMUTABLE") != excluded
