"""Where ecrfs and botocore differ, and why. docs/SEMANTICS.md has the table; a test compares the two."""

import dataclasses
import re
import typing

from . import endpoints, ini
from .case import CONFIG, TOKEN
from .profile import is_named, is_there, name_of, profile_in_config
from .referee import VERSION

@dataclasses.dataclass(frozen=True)
class Difference:
    name: str
    what: str  # ecrfs does
    why: str
    rewrite: typing.Callable = lambda case: case  # the question to botocore
    reread: typing.Callable = lambda answer, case: answer  # and its answer
    rereads: str = ""  # "credentials" or "place"
    until: tuple = (99,)  # the version of botocore that does the same

    def may_apply(self, case, about):
        return VERSION < self.until and (self.rereads == about or self.rewrite(case) != case)


def set_variables(case, **changes):
    """`None` is not set."""
    variables = {**case.variables, **changes}
    return case.replace(variables={name: value for name, value in variables.items() if value is not None})


def of_sections(rewrite):
    """A rewrite of the files by `rewrite(sections, path)`, which changes the sections in place or answers others."""

    def rewrite_file(text, path):
        sections = ini.parse(text)
        before = ini.write(sections)
        rewritten = rewrite(sections, path)
        after = ini.write(sections if rewritten is None else rewritten)
        return text if after == before else after

    return lambda case: case.with_files(rewrite_file)


def of_headers(pattern, replacement, only=""):
    def rewrite(sections, path):
        for section in sections:
            if section.header and path.endswith(only):
                section.header = re.sub(pattern, replacement, section.header)

    return of_sections(rewrite)


def use_region_variable(case):
    region = case.variables.get("AWS_REGION")
    return set_variables(case, AWS_DEFAULT_REGION=region) if region else case


def unset_empty(case):
    return case.replace(variables={name: value for name, value in case.variables.items() if value})


def use_profile_variable(case):
    return set_variables(case, AWS_DEFAULT_PROFILE=None) if case.variables.get("AWS_PROFILE") else case


def use_new_token_variable(case):
    return set_variables(case, AWS_SECURITY_TOKEN=None) if case.variables.get("AWS_SESSION_TOKEN") else case


def other_half_of_variables(case):
    if not case.variables.get("AWS_SECRET_ACCESS_KEY") or case.variables.get("AWS_ACCESS_KEY_ID"):
        return case
    return set_variables(case, AWS_ACCESS_KEY_ID="AKIDHALF", AWS_SECRET_ACCESS_KEY=None)


@of_sections
def other_half_of_files(sections, _):
    for section in sections:
        if section.get("aws_secret_access_key") and not section.get("aws_access_key_id"):
            for prop in section.properties:
                if prop.key == "aws_secret_access_key":
                    prop.line = prop.line.lower().replace("aws_secret_access_key", "aws_access_key_id")


EMPTY = "an empty profile"
UNREADABLE = "/proc/self/mem"


def empty_missing_profile(case):
    """An empty profile, where the one that is named is not there."""
    if is_there(case) or not is_named(case):
        return case
    files = {CONFIG: f"[profile '{EMPTY}']\n".encode()}
    if "profile" in case.options:
        case = case.replace(options={**case.options, "profile": EMPTY})
    return set_variables(case, AWS_PROFILE=EMPTY, AWS_DEFAULT_PROFILE=None, AWS_CONFIG_FILE=None,
                         AWS_SHARED_CREDENTIALS_FILE=UNREADABLE if unreadable(case) else None).replace(files=files)


def no_empty_profile(answer, case):
    missing = name_of(case) == EMPTY and answer.get("error") == "none"
    return {"error": "no such profile"} if missing else answer


@of_sections
def cut_comments(sections, _):
    for section in sections:
        for prop in section.properties:
            for i, line in enumerate([prop.line, *(prop.more if not prop.value else [])]):
                key, separator, value = ini.Property(line).parts or (line, "", "")
                cut = key + separator + re.sub(r"\s[#;].*", "", value)
                if i == 0:
                    prop.line = cut
                else:
                    prop.more[i - 1] = cut


@of_sections
def merge_equals(sections, path):
    merged = {}
    for section in sections:
        profile = profile_in_config(section.name) if path.endswith("config") else None
        known = merged.setdefault(("profile", profile) if profile else section.name, section)
        properties = {} if known is section else {prop.key or prop: prop for prop in known.properties}
        for prop in section.properties:
            properties.pop(prop.key, None)
            properties[prop.key or prop] = prop
        known.properties = list(properties.values())
    return list(merged.values())


@of_sections
def drop_bad_lines(sections, _):
    good = [section for section in sections if section.name]
    for section in good:
        section.properties = [prop for prop in section.properties if prop.key]
        for prop in list(section.properties):
            if prop.more and not prop.value:
                prop.more = [line for line in prop.more if ini.Property(line).key]
                if not prop.more:
                    section.properties.remove(prop)
    return good


@of_sections
def drop_empty_values(sections, _):
    for section in sections:
        section.properties = [prop for prop in section.properties if prop.value or prop.more or not prop.parts]


@of_sections
def use_new_token(sections, _):
    for section in sections:
        if section.get("aws_session_token"):
            section.properties = [prop for prop in section.properties if prop.key != "aws_security_token"]


def as_text(case):
    return case.with_files(lambda text, _: re.sub("[\udc80-\udcff]", "?", text))


def leave_paths(case):
    """What only botocore expands leads nowhere."""
    paths = {name: "{home}/nowhere" for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
             if re.search(r"\$|^~[^/]", case.variables.get(name, ""))}
    return set_variables(case, **paths)


def unreadable(case):
    paths = [case.variables.get("AWS_CONFIG_FILE"), case.variables.get("AWS_SHARED_CREDENTIALS_FILE")]
    return {"{home}", UNREADABLE} & set(paths) or any(len(text) > 1 << 20 for text in case.files.values())


def from_no_file(answer, case):
    from_environment = case.variables.get("AWS_ACCESS_KEY_ID") and "profile" not in case.options
    return {"error": "cannot be read"} if unreadable(case) and not from_environment else answer


def region_from_no_file(answer, case):
    known = case.options.get("region") or case.variables.get("AWS_DEFAULT_REGION")
    return {"error": "no region"} if unreadable(case) and not known else answer


def lower_case_region(answer, case):
    region = answer.get("region") or endpoints.region_of(case) or ""
    looked_at = answer.get("error") in (None, "bad URL", "no such endpoint")
    return {"error": "bad region"} if region != region.lower() and looked_at else answer


def plain_url(answer, case):
    url = case.options.get("endpoint_url") or "http://x"
    plain = re.fullmatch(r"https?://(\[[0-9a-f:.]+\]|[\w.-]+)(:\d+)?/?", url, re.IGNORECASE)
    return {"error": "bad URL"} if not plain and "endpoint" in answer else answer


def one_endpoint(answer, case):
    both = case.options.get("endpoint_url") and any(endpoints.flags(case))
    return {"error": "conflict"} if both and answer.get("error") in (None, "bad URL") else answer


def name_endpoint(case):
    """As an option what variables and profile say."""
    url = endpoints.configured(case)
    return case.replace(options={**case.options, "endpoint_url": url}) if url else case


def needs_services(answer, case):
    looked_at = not case.options.get("endpoint_url") and not endpoints.are_ignored(case) and not any(
        case.variables.get(name) for name in ("AWS_ENDPOINT_URL_ECR", "AWS_ENDPOINT_URL"))
    missing = looked_at and endpoints.is_services_missing(case)
    return {"error": "no such section"} if missing and answer.get("error") in (None, "no such endpoint", "bad region") else answer


DIFFERENCES = [
    Difference("byte order mark", "leaves it out", "editors write it unasked; botocore refuses the file",
               lambda case: case.replace(files={
                   path: text.removeprefix(b"\xef\xbb\xbf") for path, text in case.files.items()})),
    Difference("not UTF-8", "takes bytes as they are", "one odd byte in a comment; botocore refuses the file", as_text),
    Difference("bad lines", "leaves out, with a warning, a line that is no property and no section, or is before any",
               "one slip must not cost all profiles; botocore refuses the file", drop_bad_lines),
    Difference("comments behind values", "cuts off ` #` and ` ;` and what follows",
               "so does AWS's C library; for botocore it is part of the value, which then is useless", cut_comments),
    Difference("empty values", "takes a key without a value for none", "as for variables", drop_empty_values),
    Difference("blanks in headers", "reads `[ profile a ]` as `[profile a]`",
               "so does AWS's C library; for botocore it is no profile",
               of_headers(r"\[\s*(.*?)\s*\]", r"[\1]")),
    Difference("names with blanks", "reads `[profile a b]` as `[profile \"a b\"]`",
               "nothing else can be meant; for botocore it is no profile",
               of_headers(r"\[profile\s+([^\]'\"]*?\s[^\]'\"]*?)\s*\]", r'[profile "\1"]')),
    Difference("`[profile default]` of the credentials file", "reads as `[default]`",
               "nothing else can be meant; botocore knows only `[default]` there",
               of_headers(r"\[\s*profile\s+default\s*\]", "[default]", only="credentials")),
    Difference("`[DEFAULT]`", "is a section like any other", "botocore's parser has it speak for all profiles",
               of_headers(r"\[DEFAULT\]", "[no DEFAULT]")),
    Difference("duplicates",
               "merges equal sections, `[default]` with `[profile default]`; the last of equal keys counts",
               "one slip must not cost all profiles; botocore refuses the file, or takes the last `default`",
               merge_equals),
    Difference("variables set to nothing", "count as not set", "in botocore only those of keys and tokens do",
               unset_empty),
    Difference("AWS_REGION", "is read, before AWS_DEFAULT_REGION",
               "so do the other SDKs; botocore reads only the latter",
               use_region_variable),
    Difference("AWS_PROFILE and AWS_DEFAULT_PROFILE", "takes the former of the two", "other SDKs know only that",
               use_profile_variable),
    Difference("AWS_SECURITY_TOKEN, aws_security_token", "reads them where there is no AWS_SESSION_TOKEN",
               "the name of old must not hide a newer token",
               lambda case: use_new_token(use_new_token_variable(case))),
    Difference("a secret without its key id", "is an error, as a key id without its secret is",
               "going on would sign with another identity",
               lambda case: other_half_of_files(other_half_of_variables(case))),
    Difference("token files", "leaves out blanks and line ends behind the token",
               "whoever writes the file by hand ends its line; botocore sends them, and STS refuses",
               lambda case: case.replace(files={
                   path: text.rstrip() if path == TOKEN else text for path, text in case.files.items()})),
    Difference("a profile that is not there", "is an error only where a profile is needed",
               "keys and region of the environment are complete; to botocore nothing is without it",
               empty_missing_profile, no_empty_profile, rereads="credentials"),
    Difference("paths", "expands `~` alone", "the shell has expanded `$NAME` and `~user`", leave_paths),
    Difference("files that cannot be read", "are an error, also directories and files over 1 MiB",
               "for botocore they are empty: another identity may be found behind them",
               reread=from_no_file, rereads="credentials"),
    Difference("files that cannot be read, and the region", "name no region", "the same, where no variable names one",
               reread=region_from_no_file, rereads="place"),
    Difference("regions in capitals", "are an error", "no region is called so, and the signature would be wrong",
               reread=lower_case_region, rereads="place"),
    Difference("endpoint variables", "AWS_ENDPOINT_URL_ECR and AWS_ENDPOINT_URL are read",
               "botocore does so from 1.31 on", name_endpoint, until=(1, 31)),
    Difference("endpoints with a path", "are an error, also with a user, a query or another scheme",
               "ECR is at the root of a host; botocore drops or sends what is too much",
               reread=plain_url, rereads="place"),
    Difference("an endpoint beside FIPS or dual-stack", "is an error", "as the service's own rules say",
               reread=one_endpoint, rereads="place", until=(1, 31)),
    Difference("services sections that are missing", "are an error", "so they are for botocore from 1.31 on",
               reread=needs_services, rereads="place", until=(1, 31)),
    Difference("host names", "are those of the service's rules of November 2025",
               "older rules know other FIPS and dual-stack hosts and fewer partitions",
               reread=endpoints.new_names, rereads="place", until=(1, 41)),
]


PROOF = """<!-- tests: test_differential.py test_cases_of_the_table_agree_or_differ_as_listed
  test_composed_cases_agree_or_differ_as_listed test_each_difference_is_seen test_the_manual_has_the_table -->"""


def table():
    """As docs/SEMANTICS.md has it."""
    rows = "".join(f"| {d.name} | {d.what} | {d.why} |\n" for d in DIFFERENCES)
    return f"| of | ecrfs | why, and what botocore does |\n|---|---|---|\n{rows}{PROOF}\n"
