"""Errors as ECR puts them on the wire: a code, a message, an HTTP status."""

# ECR's model gives no status for its exceptions; only ServerException is a fault (500).
# The common 5xx codes have the status that AWS documents for them.
STATUS = {
    "ServerException": 500,
    "InternalFailure": 500,
    "ServiceUnavailable": 503,
    "ServiceUnavailableException": 503,
}


class ApiError(Exception):
    """A call that fails as a whole."""

    def __init__(self, code, message="", status=None):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status or STATUS.get(code, 400)


def invalid_parameter(message):
    return ApiError("InvalidParameterException", message)


def constraint(name, text):
    """InvalidParameterException in the words of ECR's request validation."""
    return invalid_parameter(f"Invalid parameter at '{name}' failed to satisfy constraint: '{text}'")


def repository_not_found(name, account):
    return ApiError(
        "RepositoryNotFoundException",
        f"The repository with name '{name}' does not exist in the registry with id '{account}'",
    )


def image_not_found(image_id, repository):
    digest = image_id.get("imageDigest") or "null"
    tag = image_id.get("imageTag") or "null"
    return ApiError(
        "ImageNotFoundException",
        f"The image with imageId {{imageDigest:'{digest}', imageTag:'{tag}'}} does not exist within "
        f"the repository with name '{repository.name}' in the registry with id '{repository.account}'",
    )


def error_body(error, style="plain", prefix="com.amazonaws.ecr#"):
    """(JSON object, extra headers) of an error.

    SDKs take the code from `__type`, else from the header, cut it at the first ':' and
    keep what follows the last '#'; `style` picks which of these forms is sent.
    Errors of the IAM layer spell `Message` with a capital M.
    """
    message_key = "Message" if error.code == "AccessDeniedException" else "message"
    body = {message_key: error.message} if error.message else {}
    if style == "header":
        return body, [("x-amzn-ErrorType", error.code)]
    if style == "prefixed":
        return {"__type": prefix + error.code, **body}, []
    if style == "suffixed":
        suffix = ":http://internal.amazon.com/coral/com.amazonaws.ecr/"
        return {"__type": error.code + suffix, **body}, []
    return {"__type": error.code, **body}, []
