"""One API call from request to answer: signature, validation, access, faults, operation."""

import asyncio
import json
import re
import time
import uuid

from . import batch_get, layers, model, operations, pull_through, put_image, scan, sts
from .access import RateLimiter, check_access
from .counters import Counters
from .errors import ApiError, error_body
from .faults import FaultRules
from .http_server import Response
from .paging import Pager
from .registry import Registries
from .settings import Settings
from .signature import Verifier

TARGET_PREFIX = "AmazonEC2ContainerRegistry_V20150921."
OPERATIONS = {
    "BatchCheckLayerAvailability": layers.batch_check_layer_availability,
    "BatchGetImage": batch_get.batch_get_image,
    "DescribeImageScanFindings": scan.describe_image_scan_findings,
    "DescribeImages": operations.describe_images,
    "DescribePullThroughCacheRules": pull_through.describe_pull_through_cache_rules,
    "DescribeRegistry": operations.describe_registry,
    "DescribeRepositories": operations.describe_repositories,
    "GetAuthorizationToken": operations.get_authorization_token,
    "GetDownloadUrlForLayer": layers.get_download_url_for_layer,
    "GetLifecyclePolicy": operations.get_lifecycle_policy,
    "GetRepositoryPolicy": operations.get_repository_policy,
    "ListImageReferrers": operations.list_image_referrers,
    "ListImages": operations.list_images,
    "ListTagsForResource": operations.list_tags_for_resource,
    "PutImage": put_image.put_image,
}
LOGGED_HEADERS = (
    "host", "user-agent", "content-type", "x-amz-date", "amz-sdk-request", "amz-sdk-invocation-id",
    "accept-encoding", "expect", "x-amz-security-token",
)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_EXPONENT = re.compile(r'"@exponent ([0-9.E]+)"')


class Call:
    """A request on its way through the service; what operations and fault rules work on."""

    def __init__(self, service, request):
        self.request = request
        self.settings = service.settings
        self.registries = service.registries
        self.upstream = service.upstream
        self.pager = service.pager
        self.counters = service.counters
        self.blob_port = service.blob_port
        self.operation = operation_name(request)
        self.request_id = str(uuid.uuid4())
        self.params = None
        self.caller = None
        self.answer = None
        self.fault = None
        self.has_exponents = False

    @property
    def account(self):
        """ECR: without registryId the caller's own registry is asked."""
        return self.params.get("registryId") or self.caller.account

    @property
    def region(self):
        return self.caller.region

    @property
    def blob_origin(self):
        """Where the URLs of blobs lead."""
        return self.settings.blob_origin or f"{self.request.scheme}://127.0.0.1:{self.blob_port}"

    def repository(self):
        return self.registries.get(self.account, self.params["repositoryName"], self.region)

    def repository_names(self):
        name = self.params.get("repositoryName")
        return [name] if name else self.params.get("repositoryNames", [])

    def image_ids(self):
        """All ids that the request names, in the form of imageIds."""
        ids = list(self.params.get("imageIds", []))
        ids += [self.params[name] for name in ("imageId", "subjectId") if name in self.params]
        digests = self.params.get("layerDigests", [])[:]
        digests += [self.params["layerDigest"]] if "layerDigest" in self.params else []
        return ids + [{"imageDigest": digest} for digest in digests]

    def timestamp(self, seconds, number):
        """Epoch seconds; with style `mixed` every other one printed like 1.565128275E9."""
        style = self.settings.timestamp_style
        if style == "plain" or (style == "mixed" and number % 2 == 0):
            return float(seconds)
        self.has_exponents = True
        mantissa, _, exponent = f"{seconds:.12E}".partition("E")
        return f"@exponent {mantissa.rstrip('0').rstrip('.')}E{int(exponent)}"


def operation_name(request):
    target = request.header("x-amz-target") or ""
    return target.removeprefix(TARGET_PREFIX) if target.startswith(TARGET_PREFIX) else target or "(none)"


class Service:
    """The API: settings, data, credentials, counters and fault rules in one place."""

    def __init__(self):
        self.settings = Settings()
        self.registries = Registries()
        self.upstream = Registries()
        self.counters = Counters()
        self.verifier = Verifier(self.settings)
        self.pager = Pager(self.settings)
        self.limiter = RateLimiter(self.settings)
        self.faults = FaultRules(self.counters)
        self.blob_port = None

    async def handle(self, request):
        if sts.is_sts_request(request):
            return await self._handle_sts(request)
        return await self._handle_call(Call(self, request))

    async def _handle_sts(self, request):
        params = sts.params_of(request)
        self.counters.call_begins(params.get("Action", ""))
        await asyncio.sleep(self.settings.latency_s(params.get("Action")))
        action, outcome, response = sts.answer(request, self.verifier, self.settings)
        response.clock = self.settings.now()
        self.counters.call_ends({
            "operation": action, "outcome": outcome, "status": response.status, "time": self.settings.now(),
            "access_key": sts.access_key_of(request), "body": params})
        return response

    async def _handle_call(self, call):
        self.counters.call_begins(call.operation)
        started = time.monotonic()
        outcome, response = "abandoned", None
        try:
            outcome, response = await self._outcome(call)
            return response
        finally:
            self._log(call, outcome, response, time.monotonic() - started)

    async def _outcome(self, call):
        """(outcome for the counters, response)."""
        await asyncio.sleep(self.settings.latency_s(call.operation))
        try:
            rules = self._admit(call)
            response = await self.faults.before(rules, call)
            if response is None:
                call.answer = OPERATIONS[call.operation](call)
                self.faults.change_answer(rules, call)
                response = self._encode(call, call.answer)
            self.faults.change_response(rules, call, response)
            outcome = f"fault:{call.fault}" if call.fault else "ok"
        except ApiError as error:
            body, headers = error_body(error, self.settings.error_style)
            response = self._encode(call, body, error.status)
            response.headers.extend(headers)
            outcome = error.code
        response.headers.append(("x-amzn-RequestId", call.request_id))
        response.clock = self.settings.now()
        return outcome, response

    def _admit(self, call):
        """Check everything that does not need the data; the fault rules that apply."""
        check_shape_of_request(call.request)
        call.caller = self.verifier.check(call.request)
        if not model.knows_operation(call.operation, self.settings.model_version) or (
                call.operation not in OPERATIONS):
            raise ApiError("UnknownOperationException", f"Operation {call.operation} is not known")
        call.params = parse_params(call.request.body)
        model.validate_request(
            call.operation, call.params, self.settings.model_version, self.settings.unknown_members)
        names = call.repository_names()
        self.counters.ids_asked(
            call.operation, call.account, names[0] if names else "", call.image_ids())
        check_access(self.settings, call.operation, call.caller, call.account, names)
        self.limiter.check(call.operation, time.monotonic())
        return self.faults.matching(call)

    def _encode(self, call, answer, status=200):
        text = _ENCODER.encode(answer)
        if call.has_exponents:
            # Inside a manifest the quotes are escaped, so nothing else looks like this.
            text = _EXPONENT.sub(r"\1", text)
        response = Response(status, text.encode())
        if self.settings.gzip and "gzip" in (call.request.header("accept-encoding") or ""):
            response.compress()
        response.chunked = self.settings.chunked
        return response

    def _log(self, call, outcome, response, duration_s):
        self.counters.call_ends({
            "time": self.settings.now(),
            "duration_ms": round(duration_s * 1000, 3),
            "operation": call.operation,
            "outcome": outcome,
            "status": response.status if response else None,
            "request_id": call.request_id,
            "connection": call.request.connection,
            "signature_ok": call.caller is not None,
            "access_key": call.caller.credential.access_key if call.caller else None,
            "region": call.caller.region if call.caller else None,
            "body": call.params,
            "response_bytes": len(response.body) if response else 0,
            "headers": {
                name: call.request.header(name) for name in LOGGED_HEADERS if call.request.header(name)},
        })


def check_shape_of_request(request):
    """AWS JSON 1.1: POST / with its own content type."""
    content_type = (request.header("content-type") or "").split(";")[0]
    if request.method != "POST" or request.target != "/":
        raise ApiError("UnknownOperationException", "", 404)
    if content_type != "application/x-amz-json-1.1":
        raise ApiError("UnknownOperationException", f"Content-Type '{content_type}' is not supported", 404)


def parse_params(body):
    """The JSON object of a request; SDKs send {} for no parameters, never an empty body."""
    try:
        params = json.loads(body)
    except ValueError:
        raise ApiError("SerializationException", "The request body is not valid JSON") from None
    if not isinstance(params, dict):
        raise ApiError("SerializationException", "Start of structure expected")
    return params
