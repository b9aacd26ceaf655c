"""SigV4 of every request, recomputed with botocore's signer."""

import calendar
import functools
import hashlib
import hmac
import re
import time

import botocore.auth
import botocore.awsrequest
import botocore.compat
import botocore.credentials

from .errors import ApiError

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<key>[^/,\s]+)/(?P<date>\d{8})/(?P<region>[^/,\s]+)/"
    r"(?P<service>[^/,\s]+)/aws4_request\s*,\s*SignedHeaders=(?P<headers>[^,\s]+)\s*,\s*"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)
# The region in a real ECR host name must be the one in the credential scope.
ECR_HOST = re.compile(r"^(?:api\.)?ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws|api)\.")
SKEW_S = 15 * 60


class Credential:
    """An access key that the server knows, and the account that it belongs to."""

    def __init__(self, access_key, secret_key, account="012345678910", session_token=None,
                 expired=False, expires_at=None, arn=None):
        self.access_key = access_key
        self.secret_key = secret_key
        self.account = account
        self.session_token = session_token
        self.expired = expired
        self.expires_at = expires_at
        self.arn = arn or f"arn:aws:iam::{account}:user/tester"

    def has_expired(self, now):
        return self.expired or (self.expires_at is not None and now >= self.expires_at)


class Caller:
    """Who signed a request, and for which region and service."""

    def __init__(self, credential, region, service):
        self.credential = credential
        self.account = credential.account
        self.region = region
        self.service = service


@functools.lru_cache(1024)
def _signing_key(secret_key, date, region, service):
    key = ("AWS4" + secret_key).encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


class RecomputedSigV4(botocore.auth.SigV4Auth):
    """botocore's signer over exactly the headers that the client says it signed."""

    def headers_to_sign(self, request):
        return request.headers

    def signature(self, string_to_sign, request):
        key = _signing_key(
            self.credentials.secret_key, request.context["timestamp"][:8],
            self._region_name, self._service_name)
        return self._sign(key, string_to_sign, hex=True)


def _refuse(message, code="InvalidSignatureException"):
    return ApiError(code, message)


class Verifier:
    """Known credentials, and the check of one request."""

    def __init__(self, settings):
        self._settings = settings
        self.credentials = {}
        self.add(access_key="AKIDEXAMPLE", secret_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")

    def add(self, **fields):
        credential = Credential(**fields)
        self.credentials[credential.access_key] = credential

    def check(self, request, service="ecr"):
        """The Caller, or ApiError as ECR refuses."""
        header = request.header("authorization")
        if not header:
            raise _refuse("Missing Authentication Token", "MissingAuthenticationTokenException")
        parts = AUTHORIZATION.fullmatch(header.strip())
        if not parts:
            raise _refuse(
                "Authorization header requires 'Credential' parameter. Authorization header requires "
                "'Signature' parameter. Authorization header requires 'SignedHeaders' parameter.",
                "IncompleteSignatureException")
        credential = self.credentials.get(parts["key"])
        self._check_identity(credential, request)
        caller = Caller(credential, parts["region"], parts["service"])
        if self._settings.verify:
            self._check_scope(request, parts, service)
            self._check_signed_headers(request, parts["headers"])
            self._check_time(request.header("x-amz-date"))
            self._check_signature(request, parts, credential)
        return caller

    def _check_identity(self, credential, request):
        token = request.header("x-amz-security-token")
        if credential is None or token != credential.session_token:
            raise _refuse("The security token included in the request is invalid.",
                          "UnrecognizedClientException")
        if credential.has_expired(self._settings.now()):
            raise _refuse("The security token included in the request is expired",
                          "ExpiredTokenException")

    def _check_scope(self, request, parts, service):
        if parts["service"] != service:
            raise _refuse(f"Credential should be scoped to correct service: '{service}'.")
        regions = self._settings.regions
        host = ECR_HOST.match(request.header("host") or "")
        if (regions and parts["region"] not in regions) or (host and host[1] != parts["region"]):
            raise _refuse(f"Credential should be scoped to a valid region, not '{parts['region']}'.")
        dates = request.all_headers("x-amz-date")
        if len(dates) != 1 or not re.fullmatch(r"\d{8}T\d{6}Z", dates[0]):
            raise _refuse("Authorization header requires existence of either a 'X-Amz-Date' or a "
                          "'Date' header.", "IncompleteSignatureException")
        if dates[0][:8] != parts["date"]:
            raise _refuse(f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
                          f"date from HTTP: '{parts['date']}' != '{dates[0][:8]}', from '{dates[0]}'.")

    def _check_signed_headers(self, request, signed):
        names = signed.split(";")
        if names != sorted(set(name.lower() for name in names)):
            raise _refuse("SignedHeaders must be lower-case, sorted and unique.")
        needed = ["content-type", "host", "x-amz-date", "x-amz-security-token", "x-amz-target"]
        for name in needed:
            if request.header(name) is not None and name not in names:
                raise _refuse(f"'{name}' must be a signed header.")
        for name in names:
            if request.header(name) is None:
                raise _refuse(f"Signed header '{name}' is missing from the request.")
        if "host" not in names:
            raise _refuse("'Host' must be a 'SignedHeader' in the AWS Authorization.")

    def _check_time(self, date):
        """AWS accepts about 15 minutes either way."""
        now = self._settings.now()
        signed_at = calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))

        def show(seconds):
            return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))
        if signed_at < now - SKEW_S:
            raise _refuse(f"Signature expired: {date} is now earlier than {show(now - SKEW_S)} "
                          f"({show(now)} - 15 min.)")
        if signed_at > now + SKEW_S:
            raise _refuse(f"Signature not yet current: {date} is still later than "
                          f"{show(now + SKEW_S)} ({show(now)} + 15 min.)")

    def _check_signature(self, request, parts, credential):
        declared = request.header("x-amz-content-sha256")
        if declared and declared != hashlib.sha256(request.body).hexdigest():
            raise _refuse("The provided 'x-amz-content-sha256' header does not match the body.")
        if signature_of(request, parts, credential) != parts["signature"]:
            raise _refuse("The request signature we calculated does not match the signature you "
                          "provided. Check your AWS Secret Access Key and signing method. Consult "
                          "the service documentation for details.")


def signature_of(request, parts, credential):
    """The signature that the request should bear, by botocore."""
    signer = RecomputedSigV4(
        botocore.credentials.Credentials(credential.access_key, credential.secret_key),
        parts["service"], parts["region"])
    headers = botocore.compat.HTTPHeaders()
    for name in parts["headers"].split(";"):
        for value in request.all_headers(name):
            headers[name] = value
    url = f"http://{request.header('host')}{request.target}"
    signed = botocore.awsrequest.AWSRequest(method=request.method, url=url, data=request.body)
    signed.headers = headers
    signed.context["timestamp"] = request.header("x-amz-date")
    return signer.signature(signer.string_to_sign(signed, signer.canonical_request(signed)), signed)
