"""The read operations of the API except BatchGetImage and the layer calls.

Each is a function of a Call (see service.py) that returns the answer as a dictionary.
"""

import base64
import json
import re

from .errors import ApiError, constraint, image_not_found, invalid_parameter
from .documents import parse_manifest
from .registry import rows_after

DIGEST_PATTERN = "[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+"
TAG_PATTERN = "[a-zA-Z0-9-_.]+"
IS_DIGEST = re.compile(r"[a-zA-Z0-9\-_+.]+:[a-fA-F0-9]+").fullmatch
IS_TAG = re.compile(r"[a-zA-Z0-9\-_.]+").fullmatch


def describe_repositories(call):
    params = call.params
    names = params.get("repositoryNames")
    if names is None:
        rows = call.registries.rows(call.account, call.region)
        page, token = call.pager.page(rows, rows_after, params, ["repositories", call.account])
        return _with_token({"repositories": [_repository(call, row[1]) for row in page]}, token)
    _refuse_paging(params, "repositoryNames")
    # ECR: one missing name fails the whole call.
    found = [call.registries.get(call.account, name, call.region) for name in dict.fromkeys(names)]
    return {"repositories": [_repository(call, repository) for repository in found]}


def _repository(call, repository):
    record = {
        "repositoryArn": f"arn:aws:ecr:{call.region}:{repository.account}:repository/{repository.name}",
        "registryId": repository.account,
        "repositoryName": repository.name,
        "repositoryUri": f"{repository.account}.dkr.ecr.{call.region}.amazonaws.com/{repository.name}",
        "createdAt": call.timestamp(repository.created_at, repository.sequence),
        "imageTagMutability": repository.mutability,
        "imageScanningConfiguration": {"scanOnPush": False},
        "encryptionConfiguration": {"encryptionType": "AES256"},
    }
    if repository.exclusion_filters:
        record["imageTagMutabilityExclusionFilters"] = repository.exclusion_filters
    return record


def _with_token(answer, token):
    # ECR: nextToken is absent on the last page.
    if token:
        answer["nextToken"] = token
    return answer


def _refuse_paging(params, other):
    if "nextToken" in params or "maxResults" in params:
        raise invalid_parameter(
            f"Invalid parameter at '{other}': 'nextToken' and 'maxResults' cannot be used together with '{other}'")


def list_images(call):
    """One entry per digest and tag; without imageStatus only ACTIVE images."""
    chosen = call.params.get("filter", {})
    tag_status, status = chosen.get("tagStatus", "ANY"), chosen.get("imageStatus", "ACTIVE")
    repository = call.repository()
    page, token = call.pager.page(
        repository.id_rows(tag_status, status), rows_after, call.params,
        ["ids", repository.account, repository.name, tag_status, status])
    ids = [
        {"imageDigest": image.digest, "imageTag": tag} if tag is not None else {"imageDigest": image.digest}
        for _position, image, tag in page
    ]
    return _with_token({"imageIds": ids}, token)


def describe_images(call):
    """Images grouped by digest. Archived ones are described unless filtered out."""
    repository = call.repository()
    image_ids = call.params.get("imageIds")
    if image_ids is not None:
        _refuse_paging(call.params, "imageIds")
        return {"imageDetails": [_detail(call, image) for image in _images_by_id(repository, image_ids)]}
    chosen = call.params.get("filter", {})
    tag_status, status = chosen.get("tagStatus", "ANY"), chosen.get("imageStatus", "ANY")
    page, token = call.pager.page(
        repository.image_rows(tag_status, status), rows_after, call.params,
        ["images", repository.account, repository.name, tag_status, status])
    return _with_token({"imageDetails": [_detail(call, image) for _position, image in page]}, token)


def _images_by_id(repository, image_ids):
    """The images, each once. ECR: one missing id fails the whole DescribeImages."""
    found = {}
    for image_id in image_ids:
        check_image_id(image_id)
        image = repository.find(image_id)
        if image is None:
            raise image_not_found(image_id, repository)
        found[image.digest] = image
    return found.values()


def check_image_id(image_id):
    digest, tag = image_id.get("imageDigest"), image_id.get("imageTag")
    if digest is None and tag is None:
        raise invalid_parameter("Invalid request parameters: both tag and digest cannot be null")
    if digest is not None and not IS_DIGEST(digest):
        raise constraint("imageDigest", f"must satisfy regular expression '{DIGEST_PATTERN}'")
    if tag is not None and not IS_TAG(tag):
        raise constraint("imageTag", f"must satisfy regular expression '{TAG_PATTERN}'")


def _detail(call, image):
    record = {
        "registryId": call.account,
        "repositoryName": call.params["repositoryName"],
        "imageDigest": image.digest,
    }
    if image.tags:  # ECR: the member is absent when untagged
        record["imageTags"] = list(image.tags)
    record["imageSizeInBytes"] = image.size
    record["imagePushedAt"] = call.timestamp(image.pushed_at, image.sequence)
    record["imageManifestMediaType"] = image.media_type
    if image.artifact_type:
        record["artifactMediaType"] = image.artifact_type
    if image.pulled_at is not None:
        record["lastRecordedPullTime"] = call.timestamp(image.pulled_at, image.sequence)
    if call.settings.model_version != "2022":
        _add_later_members(call, record, image)
    return record


def _add_later_members(call, record, image):
    record["imageStatus"] = image.status
    if image.subject:
        record["subjectManifestDigest"] = image.subject
    if image.archived_at is not None:
        record["lastArchivedAt"] = call.timestamp(image.archived_at, image.sequence)
    if image.activated_at is not None:
        record["lastActivatedAt"] = call.timestamp(image.activated_at, image.sequence)


def list_image_referrers(call):
    """Artefacts whose `subject` is the given digest. Pages: at most 50, default 20."""
    repository = call.repository()
    chosen = call.params.get("filter", {})
    subject, types = call.params["subjectId"]["imageDigest"], chosen.get("artifactTypes")
    rows = [
        (position, image)
        for position, image in repository.image_rows("ANY", chosen.get("artifactStatus", "ACTIVE"))
        if image.subject == subject and (not types or image.artifact_type in types)
    ]
    page, token = call.pager.page(
        rows, rows_after, call.params, ["referrers", repository.account, repository.name, subject], default=20)
    return _with_token({"referrers": [_referrer(image) for _position, image in page]}, token)


def _referrer(image):
    record = {
        "digest": image.digest, "mediaType": image.media_type, "size": image.size,
        "artifactStatus": image.status,
    }
    if image.artifact_type:
        record["artifactType"] = image.artifact_type
    annotations = parse_manifest(image.manifest).get("annotations")
    if annotations:
        record["annotations"] = annotations
    return record


def get_repository_policy(call):
    repository = call.repository()
    if repository.policy_text is None:
        raise _absent("RepositoryPolicyNotFoundException", "Repository policy", repository)
    return {**_names(repository), "policyText": repository.policy_text}


def get_lifecycle_policy(call):
    repository = call.repository()
    if repository.lifecycle_text is None:
        raise _absent("LifecyclePolicyNotFoundException", "Lifecycle policy", repository)
    return {
        **_names(repository),
        "lifecyclePolicyText": repository.lifecycle_text,
        "lastEvaluatedAt": call.timestamp(repository.created_at, 1),
    }


def _names(repository):
    return {"registryId": repository.account, "repositoryName": repository.name}


def _absent(code, what, repository):
    return ApiError(
        code, f"{what} does not exist for the repository with name '{repository.name}' in the "
        f"registry with id '{repository.account}'")


def describe_registry(call):
    return {"registryId": call.account, "replicationConfiguration": {"rules": []}}


def list_tags_for_resource(call):
    return {"tags": [{"Key": "owner", "Value": "tests"}]}


def get_authorization_token(call):
    """Good for 12 hours; this server does not speak the Distribution API, though."""
    token = base64.b64encode(b"AWS:" + json.dumps({"account": call.account}).encode()).decode()
    return {"authorizationData": [{
        "authorizationToken": token,
        "expiresAt": call.timestamp(call.settings.now() + 12 * 3600, 0),
        "proxyEndpoint": f"https://{call.account}.dkr.ecr.{call.region}.amazonaws.com",
    }]}
