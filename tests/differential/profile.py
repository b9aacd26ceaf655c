"""The profile in use, as the lines of the files have it."""

import re

from . import ini
from .case import CONFIG, CREDENTIALS


def sections_in(case, variable, otherwise):
    path = case.variables.get(variable, "").removeprefix("{home}/").removeprefix("~/") or otherwise
    return ini.parse(case.files.get(path, b"").decode(errors="surrogateescape"))


def config_of(case):
    return sections_in(case, "AWS_CONFIG_FILE", CONFIG)


def credentials_of(case):
    return sections_in(case, "AWS_SHARED_CREDENTIALS_FILE", CREDENTIALS)


def names_of(case):
    names = case.options.get("profile"), case.variables.get("AWS_PROFILE"), case.variables.get("AWS_DEFAULT_PROFILE")
    return [name for name in names if name]


def is_named(case):
    return names_of(case) != []


def name_of(case):
    return (names_of(case) or ["default"])[0]


def profile_in_config(header):
    """The name of the profile that `[header]` of the config file begins, or None."""
    match = re.fullmatch(r"""profile\s+(["']?)(.*?)\1""", header or "")
    return match[2] if match else "default" if header == "default" else None


def is_there(case):
    name = name_of(case)
    return (any(profile_in_config(section.name) == name for section in config_of(case))
            or any(section.name == name for section in credentials_of(case)))


def in_profile(case, key):
    """A key of the profile in the config file, or None."""
    name = name_of(case)
    values = [section.get(key) for section in config_of(case) if profile_in_config(section.name) == name]
    return next((value for value in reversed(values) if value), None)
