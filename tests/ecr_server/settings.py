"""What POST /_control/config can change, with its defaults."""

import time

DEFAULTS = {
    # Milliseconds before each answer: a number, or {"default": n, "<Operation>": n}.
    "latency_ms": 0,
    # At most this many entries per page whatever maxResults says (pages may be short).
    "page_size": None,
    # Every nth page is empty but carries a nextToken (0: never).
    "empty_page_every": 0,
    # Seconds added to the server's clock: signatures, Date header, expiry, pull times.
    "clock_offset_s": 0,
    "faults": [],
    "deny": [],
    # "PullOnly" or "ReadOnly": only what the managed policy allows; null: everything.
    "policy": None,
    # {ecrRepositoryPrefix: upstreamRegistryUrl}, in every registry, e.g. {"ecr-public": "public.ecr.aws"}.
    "pull_through_rules": {},
    # Calls per second and operation before ThrottlingException, e.g. {"DescribeImages": 5}.
    "rate_limit": {},
    # Regions that credentials may be scoped to; null: any.
    "regions": None,
    "verify": True,
    # plain | prefixed (com.amazonaws.ecr#Code) | suffixed (Code:http://...) | header
    "error_style": "plain",
    # plain | exponent | mixed: how timestamps are printed.
    "timestamp_style": "mixed",
    "gzip": False,
    # Send answers with Transfer-Encoding: chunked.
    "chunked": False,
    # reject | ignore: members of a request that the model does not know.
    "unknown_members": "reject",
    # 2025 | 2022: 2022 knows neither imageStatus nor ListImageReferrers.
    "model_version": "2025",
    # request | reversed: ECR promises no order of images in BatchGetImage.
    "answer_order": "reversed",
    # Whether BatchGetImage by digest names a tag of the image.
    "digest_answers_carry_tag": False,
    # Leave imageManifestMediaType out of BatchGetImage, as on old data.
    "omit_media_type": False,
    "archived_failure_code": "ImageInaccessible",
    # failure | stored: by tag, no accepted type and no conversion.
    "unmatched_type": "failure",
    # lastRecordedPullTime moves at most this often (ECR: 24 hours).
    "pull_granularity_s": 86400,
    # asked | xml: whether STS answers JSON where the Accept header asks for it.
    "sts_format": "asked",
    # Seconds that the credentials of a role last, whatever was asked for.
    "sts_lifetime_s": None,
    # Error codes of STS by operation, e.g. {"AssumeRole": "AccessDenied"}.
    "sts_errors": {},
    # Lifetime of presigned blob URLs.
    "url_lifetime_s": 3600,
    # Scheme, host and port of presigned blob URLs; null: the blob host's own.
    "blob_origin": None,
}


class Settings:
    """The current settings, read as attributes."""

    def __init__(self, **changes):
        self.__dict__.update(DEFAULTS)
        self.update(changes)

    def update(self, changes):
        unknown = set(changes) - set(DEFAULTS)
        if unknown:
            raise ValueError(f"unknown settings: {', '.join(sorted(unknown))}")
        self.__dict__.update(changes)

    def as_dict(self):
        return {name: getattr(self, name) for name in DEFAULTS}

    def now(self):
        """The server's clock, in seconds of the epoch."""
        return time.time() + self.clock_offset_s

    def latency_s(self, operation):
        latency = self.latency_ms
        if isinstance(latency, dict):
            latency = latency.get(operation, latency.get("default", 0))
        return latency / 1000
