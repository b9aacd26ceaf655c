"""BatchGetImage: the only call that returns manifests, and the one that counts as a pull."""

from .documents import convert
from .operations import DIGEST_PATTERN, IS_DIGEST, IS_TAG, TAG_PATTERN
from .pull_through import import_upstream_images


class Found:
    """An image as it is going to be answered."""

    __slots__ = ("image_id", "image", "manifest", "media_type")

    def __init__(self, image_id, image, manifest, media_type):
        self.image_id = image_id
        self.image = image
        self.manifest = manifest
        self.media_type = media_type


class Failure(Exception):
    """One id that cannot be answered; the call itself is HTTP 200."""

    def __init__(self, code, reason):
        super().__init__(code)
        self.code = code
        self.reason = reason


def batch_get_image(call):
    """Images and failures. ECR: a missing tag is a failure in a 200, a missing repository is not."""
    import_upstream_images(call)
    repository = call.repository()
    accepted = call.params.get("acceptedMediaTypes")
    images, failures = [], []
    for image_id in call.params["imageIds"]:
        try:
            found = _look_up(call, repository, image_id, accepted)
        except Failure as failure:
            failures.append(failure_entry(image_id, failure.code, failure.reason))
        else:
            _record_pull(call, repository, found.image)
            images.append(_entry(call, found))
    if call.settings.answer_order == "reversed":
        images.reverse()
    return {"images": images, "failures": failures}


def failure_entry(image_id, code, reason):
    return {"imageId": image_id, "failureCode": code, "failureReason": reason}


def _look_up(call, repository, image_id, accepted):
    digest, tag = image_id.get("imageDigest"), image_id.get("imageTag")
    _check_syntax(digest, tag)
    image = repository.tags.get(tag) if tag is not None else repository.images.get(digest)
    if image is None:
        raise Failure("ImageNotFound", "Requested image not found")
    if digest is not None and image.digest != digest:
        raise Failure("ImageTagDoesNotMatchDigest", "Tag does not match the requested digest")
    if image.status != "ACTIVE":
        raise Failure(call.settings.archived_failure_code, "Requested image is archived")
    if digest is not None:
        # By digest the stored document comes back even if its type was not listed.
        return Found(_answer_id(call, image, tag), image, image.manifest, image.media_type)
    converted = convert(image, accepted)
    if converted is None and call.settings.unmatched_type == "failure":
        raise Failure("ImageNotFound", "Requested image not found in an accepted media type")
    manifest, media_type = converted or (image.manifest, image.media_type)
    return Found(_answer_id(call, image, tag), image, manifest, media_type)


def _check_syntax(digest, tag):
    if digest is None and tag is None:
        raise Failure("MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null")
    if digest is not None and not IS_DIGEST(digest):
        raise Failure(
            "InvalidImageDigest",
            f"Invalid request parameters: image digest should satisfy the regex '{DIGEST_PATTERN}'")
    if tag is not None and not IS_TAG(tag):
        raise Failure(
            "InvalidImageTag",
            f"Invalid request parameters: image tag should satisfy the regex '{TAG_PATTERN}'")


def _answer_id(call, image, tag):
    if tag is None and image.tags and call.settings.digest_answers_carry_tag:
        tag = next(iter(image.tags))
    return {"imageDigest": image.digest, **({"imageTag": tag} if tag is not None else {})}


def _record_pull(call, repository, image):
    """ECR moves lastRecordedPullTime, also for reads by digest, in steps of about a day."""
    now = call.settings.now()
    if image.pulled_at is None or now - image.pulled_at >= call.settings.pull_granularity_s:
        image.pulled_at = now
    call.counters.manifest_served(repository, image.digest)


def _entry(call, found):
    entry = {
        "registryId": call.account,
        "repositoryName": call.params["repositoryName"],
        "imageId": found.image_id,
        "imageManifest": found.manifest.decode(),
    }
    if not call.settings.omit_media_type:
        entry["imageManifestMediaType"] = found.media_type
    return entry
