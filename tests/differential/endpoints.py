"""What botocore is too old to know of endpoints: who names one, and the service's host names of November 2025."""

from . import ini
from .profile import config_of, in_profile

PARTITIONS = [  # prefix of the region, suffix, dual-stack suffix, whether FIPS goes with it
    ("us-gov-", "amazonaws.com", "api.aws", True),
    ("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", True),
    ("us-iso-", "c2s.ic.gov", "api.aws.ic.gov", False),
    ("us-isob-", "sc2s.sgov.gov", "api.aws.scloud", False),
    ("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", False),
    ("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", False),
    ("eusc-de-", "amazonaws.eu", "api.amazonwebservices.eu", False),
    ("", "amazonaws.com", "api.aws", True),
]


def new_names(answer, case):
    settings, region = flags(case), answer.get("region") or region_of(case)
    if "endpoint_url" in case.options or answer.get("error") not in (None, "no such endpoint") or not region:
        return answer
    fips, dualstack = settings
    _, suffix, dualstack_suffix, both = next(row for row in PARTITIONS if region.startswith(row[0]))
    if fips and dualstack and not both:
        return {"error": "no such endpoint"}
    host = f"{'' if dualstack else 'api.'}ecr{'-fips' if fips else ''}"
    return {"region": region, "endpoint": f"https://{host}.{region}.{dualstack_suffix if dualstack else suffix}/"}


def region_of(case):
    return case.options.get("region") or case.variables.get("AWS_DEFAULT_REGION") or in_profile(case, "region")


def flag(case, name):
    text = case.options.get(name) or case.variables.get(f"AWS_{name.upper()}") or in_profile(case, name)
    return text is True or (text or "").lower() == "true"


def flags(case):
    return flag(case, "use_fips_endpoint"), flag(case, "use_dualstack_endpoint")


def in_services(case):
    name = f"services {in_profile(case, 'services')}"
    lines = [line for section in config_of(case) if section.name == name
             for prop in section.properties if prop.key == "ecr" for line in prop.more]
    return next((ini.Property(line).value for line in lines if ini.Property(line).key == "endpoint_url"), None)


def is_services_missing(case):
    name = in_profile(case, "services")
    return bool(name) and not any(section.name == f"services {name}" for section in config_of(case))


def are_ignored(case):
    ignored = (case.variables.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
               or in_profile(case, "ignore_configured_endpoint_urls") or "")
    return ignored.lower() == "true"


def configured(case):
    """The endpoint that variables and profile name, first hit wins, or None."""
    if case.options.get("endpoint_url"):
        return None
    if are_ignored(case):
        return None
    return (case.variables.get("AWS_ENDPOINT_URL_ECR") or case.variables.get("AWS_ENDPOINT_URL")
            or in_services(case) or in_profile(case, "endpoint_url"))
