"""The ECR service model, and the validation of requests against it.

The model is botocore's own. Debian 12 ships the one of December 2022; what ECR added
later (archived images, referrers, newer names) is merged in here, so that
`model_version="2022"` behaves like an endpoint that does not know it.
"""

import copy
import functools
import re

import botocore.loaders
import botocore.model
import botocore.validate

from .errors import ApiError, constraint

REPOSITORY_PATTERN = (
    r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*"
)
IMAGE_STATUS = ["ACTIVE", "ARCHIVED", "ACTIVATING"]

# Shapes that ECR added after the model of Debian 12 (most on 2025-11-19).
NEW_SHAPES = {
    "ImageStatus": {"type": "string", "enum": IMAGE_STATUS},
    "ImageStatusFilter": {"type": "string", "enum": IMAGE_STATUS + ["ANY"]},
    "ArtifactStatus": {"type": "string", "enum": IMAGE_STATUS},
    "ArtifactStatusFilter": {"type": "string", "enum": IMAGE_STATUS + ["ANY"]},
    "ArtifactType": {"type": "string", "min": 1, "max": 255},
    "ArtifactTypeList": {"type": "list", "member": {"shape": "ArtifactType"}, "min": 0, "max": 5},
    "Annotations": {"type": "map", "key": {"shape": "AnnotationText"}, "value": {"shape": "AnnotationText"}},
    "AnnotationText": {"type": "string"},
    "FiftyMaxResults": {"type": "integer", "min": 1, "max": 50},
    "SubjectIdentifier": {
        "type": "structure",
        "required": ["imageDigest"],
        "members": {"imageDigest": {"shape": "ImageDigest"}},
    },
    "ListImageReferrersFilter": {
        "type": "structure",
        "members": {
            "artifactTypes": {"shape": "ArtifactTypeList"},
            "artifactStatus": {"shape": "ArtifactStatusFilter"},
        },
    },
    "ListImageReferrersRequest": {
        "type": "structure",
        "required": ["repositoryName", "subjectId"],
        "members": {
            "registryId": {"shape": "RegistryId"},
            "repositoryName": {"shape": "RepositoryName"},
            "subjectId": {"shape": "SubjectIdentifier"},
            "filter": {"shape": "ListImageReferrersFilter"},
            "nextToken": {"shape": "NextToken"},
            "maxResults": {"shape": "FiftyMaxResults"},
        },
    },
    "ImageReferrer": {
        "type": "structure",
        "required": ["digest", "mediaType", "size"],
        "members": {
            "digest": {"shape": "ImageDigest"},
            "mediaType": {"shape": "MediaType"},
            "size": {"shape": "ImageSizeInBytes"},
            "artifactType": {"shape": "ArtifactType"},
            "annotations": {"shape": "Annotations"},
            "artifactStatus": {"shape": "ArtifactStatus"},
        },
    },
    "ImageReferrerList": {"type": "list", "member": {"shape": "ImageReferrer"}},
    "ListImageReferrersResponse": {
        "type": "structure",
        "members": {"referrers": {"shape": "ImageReferrerList"}, "nextToken": {"shape": "NextToken"}},
    },
    "ExclusionFilterType": {"type": "string", "enum": ["WILDCARD"]},
    "ExclusionFilterText": {"type": "string", "min": 1, "max": 128},
    "ExclusionFilter": {
        "type": "structure",
        "required": ["filterType", "filter"],
        "members": {
            "filterType": {"shape": "ExclusionFilterType"},
            "filter": {"shape": "ExclusionFilterText"},
        },
    },
    "ExclusionFilters": {"type": "list", "member": {"shape": "ExclusionFilter"}, "min": 1, "max": 5},
}
NEW_MEMBERS = {
    "ListImagesFilter": {"imageStatus": "ImageStatusFilter"},
    "DescribeImagesFilter": {"imageStatus": "ImageStatusFilter"},
    "ImageDetail": {
        "imageStatus": "ImageStatus",
        "subjectManifestDigest": "ImageDigest",
        "lastArchivedAt": "PushTimestamp",
        "lastActivatedAt": "PushTimestamp",
    },
    "Repository": {"imageTagMutabilityExclusionFilters": "ExclusionFilters"},
}
NEW_ENUM_VALUES = {
    "ImageFailureCode": [
        "UpstreamAccessDenied", "UpstreamTooManyRequests", "UpstreamUnavailable", "ImageInaccessible",
    ],
    "ImageTagMutability": ["IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION"],
    "LayerAvailability": ["ARCHIVED"],
    "EncryptionType": ["KMS_DSSE"],
}


@functools.lru_cache(None)
def service_description(version="2025"):
    """The model as a plain dictionary, ready to be written as service-2.json."""
    description = botocore.loaders.Loader().load_service_model("ecr", "service-2")
    if version != "2022":
        description = copy.deepcopy(description)
        _add_later_features(description)
    return description


def _add_later_features(description):
    shapes = description["shapes"]
    for name, shape in NEW_SHAPES.items():
        shapes.setdefault(name, shape)
    for name, members in NEW_MEMBERS.items():
        for member, shape in members.items():
            shapes[name]["members"].setdefault(member, {"shape": shape})
    for name, values in NEW_ENUM_VALUES.items():
        known = shapes[name]["enum"]
        known.extend(value for value in values if value not in known)
    shapes["RepositoryName"]["pattern"] = REPOSITORY_PATTERN
    description["operations"].setdefault("ListImageReferrers", {
        "name": "ListImageReferrers",
        "http": {"method": "POST", "requestUri": "/"},
        "input": {"shape": "ListImageReferrersRequest"},
        "output": {"shape": "ListImageReferrersResponse"},
        "errors": [{"shape": "RepositoryNotFoundException"}],
    })


@functools.lru_cache(None)
def service_model(version="2025"):
    return botocore.model.ServiceModel(service_description(version), "ecr")


@functools.lru_cache(None)
def _input_shape(operation, version):
    return service_model(version).operation_model(operation).input_shape


@functools.lru_cache(None)
def _output_shape(operation, version):
    return service_model(version).operation_model(operation).output_shape


def warm_up(operations):
    """Load what the first call of each operation would otherwise wait for."""
    for operation in operations:
        _input_shape(operation, "2025")


def knows_operation(operation, version="2025"):
    return operation in service_description(version)["operations"]


def validate_request(operation, params, version="2025", unknown_members="reject"):
    """Raise what ECR answers to a request that does not fit the model.

    botocore's validator checks presence, types, unknown members and minima; maxima,
    patterns and enumerations, which SDKs leave to the service, are checked here.
    """
    shape = _input_shape(operation, version)
    report = botocore.validate.ParamValidator().validate(params, shape)
    for reason, name, details in report._errors:
        _raise_for(reason, name.lstrip("."), details, unknown_members)
    _check_limits(params, shape, "")


def _raise_for(reason, name, details, unknown_members):
    if reason == "unknown field":
        if unknown_members == "reject":
            raise ApiError("SerializationException", f"Unknown member '{details['unknown_param']}'")
    elif reason == "missing required field":
        path = ".".join(filter(None, [name, details["required_name"]]))
        raise constraint(path, "Member must not be null")
    elif reason in ("invalid length", "invalid range"):
        what = "length" if reason == "invalid length" else "value"
        raise constraint(name, f"Member must have {what} greater than or equal to {details['min_allowed']}")
    else:
        raise ApiError("SerializationException", f"Unexpected value for '{name}'")


def _check_limits(value, shape, name):
    kind = shape.type_name
    if kind == "structure":
        for member, inner in value.items():
            if member in shape.members:
                _check_limits(inner, shape.members[member], f"{name}.{member}" if name else member)
    elif kind == "list":
        _check_maximum(name, len(value), shape, "length")
        for index, inner in enumerate(value):
            _check_limits(inner, shape.member, f"{name}.{index + 1}.member")
    elif kind == "string":
        _check_maximum(name, len(value), shape, "length")
        _check_text(name, value, shape)
    elif kind in ("integer", "long"):
        _check_maximum(name, value, shape, "value")


def _check_maximum(name, number, shape, what):
    maximum = shape.metadata.get("max")
    if maximum is not None and number > maximum:
        raise constraint(name, f"Member must have {what} less than or equal to {maximum}")


def _check_text(name, value, shape):
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, value):
        raise constraint(name, f"must satisfy regular expression '{pattern}'")
    if shape.enum and value not in shape.enum:
        raise constraint(name, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")


def response_faults(operation, answer, version="2025"):
    """What is wrong with an answer, as text; empty when it fits the output shape.

    Only for self-tests: lengths are not checked, as ECR's own answers exceed them
    (ListImages returns up to 1000 entries of a list type that says 100).
    """
    report = botocore.validate.ParamValidator().validate(answer, _output_shape(operation, version))
    return report.generate_report()
