"""The three STS calls a reader of ECR may make (query protocol).

AWS_ENDPOINT_URL redirects STS together with ECR, so both answer at one address.
"""

import json
import time
import urllib.parse
import uuid
from xml.sax.saxutils import escape

from .errors import ApiError
from .http_server import Response
from .signature import AUTHORIZATION

CONTENT_TYPE = "application/x-www-form-urlencoded"
NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


def is_sts_request(request):
    return (request.header("content-type") or "").startswith(CONTENT_TYPE)


def answer(request, verifier, settings):
    """(action, outcome, response). AssumeRoleWithWebIdentity is not signed, the others are."""
    params = params_of(request)
    action = params.get("Action", "")
    try:
        if action in settings.sts_errors:
            raise _error(settings.sts_errors[action])
        if action not in ACTIONS:
            raise ApiError("InvalidAction", f"Could not find operation {action} for version 2011-06-15")
        caller = None
        if action != "AssumeRoleWithWebIdentity":
            caller = verifier.check(request, "sts")
        result = ACTIONS[action](params, caller, verifier, settings)
    except ApiError as error:
        return action, error.code, _failure(error)
    wants_json = settings.sts_format == "asked" and "application/json" in (request.header("accept") or "")
    return action, "ok", _success(action, result, wants_json)


def params_of(request):
    return dict(urllib.parse.parse_qsl(request.body.decode()))


def access_key_of(request):
    """Whose a call says that it is, or None when it is not signed."""
    parts = AUTHORIZATION.fullmatch((request.header("authorization") or "").strip())
    return parts["key"] if parts else None


def _error(code):
    status = {"AccessDenied": 403, "IDPRejectedClaim": 403, "RegionDisabledException": 403, "InternalFailure": 500,
              "ServiceUnavailable": 503}.get(code, 400)
    return ApiError(code, f"{code} was asked for", status)


def _get_caller_identity(params, caller, verifier, settings):
    return {"Arn": caller.credential.arn, "UserId": "AIDAEXAMPLE", "Account": caller.account}


def _assume_role(params, caller, verifier, settings):
    """New credentials in the account of the role; the verifier knows them from now on."""
    arn, session = params.get("RoleArn", ""), params.get("RoleSessionName", "")
    parts = arn.split(":")
    if len(parts) != 6 or not session:
        raise ApiError("ValidationError", "RoleArn and RoleSessionName are required")
    expires_at = int(settings.now()) + int(settings.sts_lifetime_s or params.get("DurationSeconds", 3600))
    unique = uuid.uuid4().hex.upper()
    role = parts[5].rpartition("/")[2]
    assumed = f"arn:aws:sts::{parts[4]}:assumed-role/{role}/{session}"
    fields = {"AccessKeyId": "ASIA" + unique[:16], "SecretAccessKey": unique, "SessionToken": "token/" + unique}
    verifier.add(
        access_key=fields["AccessKeyId"], secret_key=unique, account=parts[4],
        session_token=fields["SessionToken"], expires_at=expires_at, arn=assumed)
    return {
        "Credentials": {**fields, "Expiration": expires_at},
        "AssumedRoleUser": {"Arn": assumed, "AssumedRoleId": f"AROAEXAMPLE:{session}"},
    }


def _assume_role_with_web_identity(params, caller, verifier, settings):
    if not 4 <= len(params.get("WebIdentityToken", "")) <= 20000:
        raise ApiError("InvalidIdentityToken", "The web identity token that was passed is invalid")
    return _assume_role(params, caller, verifier, settings)


ACTIONS = {
    "GetCallerIdentity": _get_caller_identity,
    "AssumeRole": _assume_role,
    "AssumeRoleWithWebIdentity": _assume_role_with_web_identity,
}


def _success(action, result, wants_json):
    request_id = str(uuid.uuid4())
    if wants_json:
        # Real STS answers JSON when asked; Expiration is then a number.
        document = {f"{action}Response": {
            f"{action}Result": result, "ResponseMetadata": {"RequestId": request_id}}}
        return Response(200, json.dumps(document).encode(), "application/json")
    body = (f'<{action}Response xmlns="{NAMESPACE}"><{action}Result>{_xml(result)}</{action}Result>'
            f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{action}Response>")
    return Response(200, body.encode(), "text/xml")


def _failure(error):
    body = (f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>Sender</Type><Code>{error.code}</Code>'
            f"<Message>{escape(error.message)}</Message></Error><RequestId>{uuid.uuid4()}</RequestId>"
            f"</ErrorResponse>")
    return Response(403 if "Token" in error.code else error.status, body.encode(), "text/xml")


def _xml(value, name=None):
    if isinstance(value, dict):
        return "".join(f"<{key}>{_xml(inner, key)}</{key}>" for key, inner in value.items())
    if name == "Expiration":
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(value))
    return escape(str(value))
