"""Who may call what: deny rules, the managed policies, and rate limits."""

import fnmatch

from .errors import ApiError

# The read actions of AWS's managed policies, and the import that a read may need. ListImageReferrers is
# authorised as BatchGetImage.
POLICIES = {
    "PullOnly": {"GetAuthorizationToken", "BatchGetImage", "GetDownloadUrlForLayer", "BatchImportUpstreamImage"},
    "ReadOnly": {
        "GetAuthorizationToken", "BatchGetImage", "GetDownloadUrlForLayer", "BatchCheckLayerAvailability",
        "DescribeRepositories", "ListImages", "DescribeImages", "GetRepositoryPolicy", "GetLifecyclePolicy",
        "GetLifecyclePolicyPreview", "ListTagsForResource", "DescribeImageScanFindings",
    },
}
ACTION_OF = {"ListImageReferrers": "BatchGetImage"}


def _rule_applies(rule, action, caller, account, repositories):
    if not fnmatch.fnmatchcase(action, rule.get("action", "*").removeprefix("ecr:")):
        return False
    if rule.get("access_key") not in (None, caller.credential.access_key):
        return False
    if rule.get("account") not in (None, account):
        return False
    pattern = rule.get("repository")
    # A rule for repositories does not touch a listing of the whole registry.
    return pattern is None or any(fnmatch.fnmatchcase(name, pattern) for name in repositories)


def check_access(settings, operation, caller, account, repositories):
    """Raise AccessDeniedException if a rule of the settings denies the call."""
    action = ACTION_OF.get(operation, operation)
    allowed = POLICIES.get(settings.policy)
    denied = allowed is not None and action not in allowed
    denied = denied or any(
        _rule_applies(rule, action, caller, account, repositories) for rule in settings.deny)
    if denied:
        resource = f"repository/{repositories[0]}" if repositories else "*"
        raise ApiError(
            "AccessDeniedException",
            f"User: {caller.credential.arn} is not authorized to perform: ecr:{action} on resource: "
            f"arn:aws:ecr:{caller.region}:{account}:{resource} because no identity-based policy "
            f"allows the ecr:{action} action")


class RateLimiter:
    """One token bucket per operation, holding one second's worth of calls."""

    def __init__(self, settings):
        self._settings = settings
        self._buckets = {}

    def check(self, operation, now):
        rate = self._settings.rate_limit.get(operation)
        if not rate:
            return
        tokens, then = self._buckets.get(operation, (rate, now))
        tokens = min(max(rate, 1), tokens + (now - then) * rate)
        self._buckets[operation] = (max(tokens - 1, 0) if tokens >= 1 else tokens, now)
        if tokens < 1:
            raise ApiError("ThrottlingException", "Rate exceeded")
