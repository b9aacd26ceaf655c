"""The cases that somebody thought of. Each is about one thing; `differs` names the difference that it is about."""

import hashlib
import json

from .case import CONFIG, CREDENTIALS, Case

KEYS = "aws_access_key_id = AKID{0}\naws_secret_access_key = secret/{0}+x=\n"
REGION = {"AWS_DEFAULT_REGION": "eu-west-1"}
IN_ENV = {"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "env/secret+="}
BOM = "\ufeff"


def keys(name="FILE"):
    return KEYS.format(name)


def section(name="default", text=None, region=None):
    return f"[{name}]\n" + (keys(name.split()[-1].upper()) if text is None else text) + (
        f"region = {region}\n" if region else "")


def case(name, variables=None, config=None, credentials=None, files=None, differs="", **options):
    files = {path: text if isinstance(text, bytes) else text.encode() for path, text in {
        CONFIG: config, CREDENTIALS: credentials, **(files or {})}.items() if text is not None}
    return Case(name, variables or {}, files, options, differs)


def environment():
    yield case("keys of the environment", IN_ENV | REGION)
    yield case("keys with a token", IN_ENV | REGION | {"AWS_SESSION_TOKEN": "token"})
    yield case("an empty token is none", IN_ENV | REGION | {"AWS_SESSION_TOKEN": ""})
    yield case("token of old", IN_ENV | {"AWS_SECURITY_TOKEN": "old"})
    yield case("token of old, and new", IN_ENV | {"AWS_SECURITY_TOKEN": "old", "AWS_SESSION_TOKEN": "new"},
               differs="AWS_SECURITY_TOKEN, aws_security_token")
    yield case("token of old is empty", IN_ENV | {"AWS_SECURITY_TOKEN": "", "AWS_SESSION_TOKEN": "new"})
    yield case("key id alone", {"AWS_ACCESS_KEY_ID": "AKID"})
    yield case("key id, empty secret", {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": ""})
    yield case("secret alone", {"AWS_SECRET_ACCESS_KEY": "s"}, differs="a secret without its key id")
    yield case("secret alone, keys in a file", {"AWS_SECRET_ACCESS_KEY": "s"}, credentials=section(),
               differs="a secret without its key id")
    yield case("empty keys are none", {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, credentials=section())
    yield case("token alone is nothing", {"AWS_SESSION_TOKEN": "token"}, credentials=section())
    yield case("nothing at all")
    yield case("environment before files", IN_ENV, credentials=section(), config=section())
    yield case("environment before AWS_PROFILE", IN_ENV | {"AWS_PROFILE": "a"}, credentials=section("a"))
    yield case("option before environment", IN_ENV, credentials=section("a"), profile="a")
    yield case("blanks are part of a key", {"AWS_ACCESS_KEY_ID": " AKID ", "AWS_SECRET_ACCESS_KEY": " s "})


def profiles():
    both = section("a") + section("b") + section()
    yield case("default", credentials=both)
    yield case("AWS_PROFILE", {"AWS_PROFILE": "a"}, credentials=both)
    yield case("AWS_DEFAULT_PROFILE", {"AWS_DEFAULT_PROFILE": "b"}, credentials=both)
    yield case("both variables", {"AWS_PROFILE": "a", "AWS_DEFAULT_PROFILE": "b"}, credentials=both,
               differs="AWS_PROFILE and AWS_DEFAULT_PROFILE")
    yield case("AWS_PROFILE is empty", {"AWS_PROFILE": ""}, credentials=both, differs="variables set to nothing")
    yield case("option before AWS_PROFILE", {"AWS_PROFILE": "a"}, credentials=both, profile="b")
    yield case("not there", {"AWS_PROFILE": "c"}, credentials=both, differs="a profile that is not there")
    yield case("not there, region known", REGION | {"AWS_PROFILE": "c"}, credentials=both,
               differs="a profile that is not there")
    yield case("not there, keys known", IN_ENV | {"AWS_PROFILE": "c"}, credentials=both,
               differs="a profile that is not there")
    yield case("not there, by option", IN_ENV, credentials=both, profile="c", differs="a profile that is not there")
    yield case("default by name, not there", {"AWS_PROFILE": "default"}, differs="a profile that is not there")
    yield case("case of names", {"AWS_PROFILE": "A"}, credentials=both, differs="a profile that is not there")
    yield case("config file alone", config=section(region="us-west-2"))
    yield case("word in config file", {"AWS_PROFILE": "a"}, config=section("profile a", region="us-west-2"))
    yield case("no word in config file", {"AWS_PROFILE": "a"}, config=section("a", region="us-west-2"),
               differs="a profile that is not there")
    yield case("word in credentials file", {"AWS_PROFILE": "a"}, credentials=section("profile a"),
               differs="a profile that is not there")
    yield case("word before default", config=section("profile default", region="us-west-2"))
    yield case("word before default, credentials file", credentials=section("profile default"),
               differs="`[profile default]` of the credentials file")
    yield case("default twice",
               config=section("default", "region = us-west-2\n") + section("profile default", keys("B")),
               differs="duplicates")
    yield case("keys here, region there", {"AWS_PROFILE": "a"}, config=section("profile a", "", "us-west-2"),
               credentials=section("a"))
    yield case("region in both", config=section("default", "", "us-west-2"), credentials=section(region="us-west-1"))
    yield case("keys in both", config=section(text=keys("CONFIG")), credentials=section(text=keys("CREDENTIALS")))
    yield case("key id here, secret there", config=section(text="aws_secret_access_key = s\n"),
               credentials=section(text="aws_access_key_id = AKID\n"))
    yield case("token in the other file", config=section(text="aws_session_token = t\n"), credentials=section())
    yield case("half in credentials file", config=section(text=keys("CONFIG")),
               credentials=section(text="aws_access_key_id = AKIDHALF\n"))
    yield case("half a key", credentials=section(text="aws_access_key_id = AKID\n"))
    yield case("the other half", credentials=section(text="aws_secret_access_key = s\n"),
               differs="a secret without its key id")
    yield case("token", credentials=section(text=keys() + "aws_session_token = t\n"))
    yield case("token of old in a file", credentials=section(text=keys() + "aws_security_token = t\n"))
    yield case("both tokens in a file", credentials=section(
        text=keys() + "aws_security_token = old\naws_session_token = new\n"),
        differs="AWS_SECURITY_TOKEN, aws_security_token")


def files():
    yield case("AWS_CONFIG_FILE", {"AWS_CONFIG_FILE": "{home}/c"}, files={"c": section(region="us-west-2")})
    yield case("AWS_SHARED_CREDENTIALS_FILE", {"AWS_SHARED_CREDENTIALS_FILE": "{home}/c"}, files={"c": section()})
    yield case("tilde", {"AWS_SHARED_CREDENTIALS_FILE": "~/c"}, files={"c": section()})
    yield case("tilde in the middle", {"AWS_SHARED_CREDENTIALS_FILE": "{home}/~/c"}, files={"~/c": section()})
    yield case("another user's", {"AWS_SHARED_CREDENTIALS_FILE": "~root/../{home}/c"}, files={"c": section()},
               differs="paths")
    yield case("variable in a path", {"AWS_SHARED_CREDENTIALS_FILE": "$HOME/c"}, files={"c": section()},
               differs="paths")
    yield case("empty variable", {"AWS_SHARED_CREDENTIALS_FILE": ""}, credentials=section(),
               differs="variables set to nothing")
    yield case("file is missing", {"AWS_SHARED_CREDENTIALS_FILE": "{home}/none"}, config=section(),
               credentials=section())
    yield case("directory is missing", {"AWS_CONFIG_FILE": "/dev/null/none"}, credentials=section())
    yield case("no file, a device", {"AWS_CONFIG_FILE": "/dev/null"}, credentials=section())
    yield case("a directory", REGION | {"AWS_CONFIG_FILE": "{home}"}, credentials=section(),
               differs="files that cannot be read")
    yield case("unreadable", REGION | {"AWS_SHARED_CREDENTIALS_FILE": "/proc/self/mem"}, config=section(),
               differs="files that cannot be read")
    yield case("too large", REGION, config="# " + "x" * (1 << 20) + "\n" + section(),
               differs="files that cannot be read")
    yield case("unreadable, region", IN_ENV | {"AWS_SHARED_CREDENTIALS_FILE": "/proc/self/mem"},
               config=section(region="us-west-2"), differs="files that cannot be read, and the region")
    yield case("unreadable, not needed", IN_ENV | REGION | {"AWS_SHARED_CREDENTIALS_FILE": "/proc/self/mem"})
    yield case("empty file", config="", credentials="")
    yield case("nothing but comments", config="# one\n; two\n\n")


def lines():
    text = section(region="us-west-2")
    yield case("comments", config="# a\n; b\n" + text.replace("region", "# c\n  ; d\n\nregion"))
    yield case("comment behind a value", config=text.replace("-2", "-2 # there"), differs="comments behind values")
    yield case("comment behind a secret", config=section(text=keys().replace("+x=", "+x= ; mine")),
               differs="comments behind values")
    yield case("number sign in a secret", config=section(text=keys().replace("+x=", "#;x")))
    yield case("comment behind a header", config=text.replace("[default]", "[default] # mine"))
    yield case("CRLF", config=text.replace("\n", "\r\n"), credentials=section(text=keys("B")).replace("\n", "\r\n"))
    yield case("no newline at the end", config=text.rstrip())
    yield case("byte order mark", config=BOM + text, differs="byte order mark")
    yield case("UTF-8", {"AWS_PROFILE": "größe"}, config=section("profile größe", region="us-west-2") + "x = ü\n")
    yield case("not UTF-8", config=b"# gr\xf6\xdfe\n" + text.encode(), differs="not UTF-8")
    yield case("keys in capitals", config=text.replace("aws_access_key_id", "AWS_Access_Key_ID"))
    yield case("colons", config=text.replace(" = ", ": "))
    yield case("first of colon and equals sign", config=text.replace("secret/", "a:b=c"))
    yield case("colon before equals sign", config=section(text=keys().replace(" = ", " : = ")))
    yield case("no blanks", config=text.replace(" = ", "="))
    yield case("many blanks", config=text.replace(" = ", " \t =\t  ").replace("\n", "  \t\n"))
    yield case("indented as a whole", config=text.replace("\n", "\n    ").replace("    [", "["))
    yield case("indented header", config="  " + text)
    yield case("continuation", config=section(text=keys() + "note = a\n  b\n    c = d\n", region="us-west-2"))
    yield case("continued secret", config=section(text=keys() + "  more\n"))
    yield case("blank line in a continuation", config=section(text="note = a\n\n  b\n" + keys()))
    yield case("nested", config=section(text="s3 =\n  region = us-east-2\n  max = 3\n" + keys(), region="us-west-2"))
    yield case("nested region only", config=section(text=keys() + "s3 =\n  region = us-east-2\n"))
    yield case("nested with comments", config=section(text="s3 =\n  # a\n  b = c\n" + keys()))
    yield case("nested without separator", config=section(text="s3 =\n  b\n" + keys()), differs="bad lines")
    yield case("header in a continuation",
               config=section(text=keys() + "note = a\n  [profile b]\n", region="us-west-2"))
    yield case("value that looks like a header",
               config=section(text=keys() + "note = [profile b]\n", region="us-west-2"))
    yield case("quotes in a value", config=section(text=keys() + 'region = "us-west-2"\n'))
    yield case("percent and dollar", config=section(text=keys().replace("/", "%(x)s$HOME")))
    yield case("duplicate key", config=text + "region = us-east-2\n", differs="duplicates")
    yield case("duplicate key in capitals", config=text + "REGION = us-east-2\n", differs="duplicates")
    yield case("duplicate section", config=section(text=keys()) + "[default]\nregion = us-west-2\n",
               differs="duplicates")
    yield case("empty region", config=section(text=keys() + "region =\n"), differs="empty values")
    yield case("empty key id", config=section(text="aws_access_key_id =\naws_secret_access_key =\n"),
               differs="empty values")
    yield case("empty token", config=section(text=keys() + "aws_session_token =\n"))
    yield case("empty above", credentials=section(text="region =\n" + keys()), config=section(region="us-west-2"),
               differs="empty values")
    yield case("line without separator", config="[default]\nnonsense\n" + keys(), differs="bad lines")
    yield case("line before any section", config="a = b\n" + text, differs="bad lines")
    yield case("no key", config=text + "= b\n", differs="bad lines")
    yield case("header is not closed", config="[profile x\n" + "a = b\n" + text, differs="bad lines")
    yield case("header of nothing", config="[]\na = b\n" + text, differs="bad lines")
    yield case("long values", config=section(text=keys() + "aws_session_token = " + "t" * 5000 + "\n"))
    yield case("long lines", config="# " + "c" * 100000 + "\n" + text)
    yield case("many sections", {"AWS_PROFILE": "p77"},
               config="".join(section(f"profile p{i}", region="us-west-2") for i in range(100)))


def headers():
    nobody = "a profile that is not there"
    for name, profile, differs in [
        ('profile "a b"', "a b", ""), ("profile 'a b'", "a b", ""), ("profile   a", "a", ""), ("profile\ta", "a", ""),
        ('profile "a"', "a", ""), ("profile a.b-c_d/e@f+g", "a.b-c_d/e@f+g", ""), ("profile a#b;c", "a#b;c", ""),
        ("profilea", "a", nobody), ("Profile a", "a", nobody), ("profile", "profile", nobody),
        ("sso-session a", "a", nobody), ("services a", "a", nobody), (" profile a ", "a", "blanks in headers"),
        ("profile a ", "a", ""),
        ("profile a b", "a b", "names with blanks"), ("profile profile", "profile", ""),
        ('profile "a b', "a b", nobody),
    ]:
        yield case(f"[{name}]", {"AWS_PROFILE": profile}, config=f"[{name}]\n{keys()}region = us-west-2\n",
                   differs=differs)
    for name, profile, differs in [
        ("a b", "a b", ""), ('"a"', "a", nobody), ('"a"', '"a"', ""), (" a ", "a", "blanks in headers"),
        ("profilea", "a", nobody),
    ]:
        yield case(f"[{name}] of credentials, as {profile}", {"AWS_PROFILE": profile},
                   credentials=f"[{name}]\n{keys()}", differs=differs)
    yield case("[DEFAULT] is not for all", {"AWS_PROFILE": "a"}, config=section("DEFAULT") + "[profile a]\nx = y\n",
               differs="`[DEFAULT]`")
    yield case("[DEFAULT] is not default", config=section("DEFAULT"))


def regions():
    file = section(text="", region="us-west-2")
    yield case("AWS_DEFAULT_REGION", IN_ENV | REGION, config=file)
    yield case("AWS_REGION", IN_ENV | {"AWS_REGION": "eu-west-3"}, config=file, differs="AWS_REGION")
    yield case("both regions", IN_ENV | REGION | {"AWS_REGION": "eu-west-3"}, differs="AWS_REGION")
    yield case("empty AWS_DEFAULT_REGION", IN_ENV | {"AWS_DEFAULT_REGION": ""}, config=file,
               differs="variables set to nothing")
    yield case("region option", IN_ENV | REGION, config=file, region="eu-north-1")
    yield case("no region", IN_ENV)
    yield case("region in capitals", IN_ENV | {"AWS_DEFAULT_REGION": "EU-WEST-1"}, differs="regions in capitals")
    for name in "mars-1", "x", "a b", "a.b", "a_b", "-a", "a-", "eu-west-1/", "größe":
        yield case(f"region {name}", IN_ENV | {"AWS_DEFAULT_REGION": name})
    yield case("region with a newline", IN_ENV, config=section(text="region = eu-west-1\n  x\n"))
    for name in "us-iso-east-1", "us-isob-east-1", "us-gov-west-1", "us-gov-east-1", "cn-north-1", "cn-northwest-1":
        yield case(f"region {name}", IN_ENV | {"AWS_DEFAULT_REGION": name})
    for name in "eu-isoe-west-1", "us-isof-south-1", "eusc-de-east-1":
        yield case(f"region {name}", IN_ENV | {"AWS_DEFAULT_REGION": name}, differs="host names")


def endpoints():
    here = IN_ENV | REGION
    for name in "eu-west-1", "us-gov-west-1", "cn-north-1", "us-iso-east-1", "us-isob-east-1", "eusc-de-east-1":
        old = "" if name in ("cn-north-1", "us-iso-east-1", "us-isob-east-1") else "host names"
        yield case(f"FIPS in {name}", IN_ENV, region=name, use_fips_endpoint=True, differs=old)
        yield case(f"dual-stack in {name}", IN_ENV, region=name, use_dualstack_endpoint=True, differs="host names")
        both = "" if name.startswith("us-iso") else "host names"
        yield case(f"FIPS and dual-stack in {name}", IN_ENV, region=name, use_fips_endpoint=True,
                   use_dualstack_endpoint=True, differs=both)
    for url in ("http://localhost:4566", "https://HOST:443/", "http://[::1]:8080", "https://x.vpce.amazonaws.com",
                "localhost:1", "http://:80"):
        yield case(f"endpoint {url}", here, endpoint_url=url)
    for url in "https://h/path", "http://user:x@h", "http://h?x", "ftp://h":
        yield case(f"endpoint {url}", here, endpoint_url=url, differs="endpoints with a path")
    yield case("endpoint and FIPS", here, endpoint_url="http://h", use_fips_endpoint=True,
               differs="an endpoint beside FIPS or dual-stack")
    yield case("endpoint and dual-stack", here, endpoint_url="http://h", use_dualstack_endpoint=True,
               differs="an endpoint beside FIPS or dual-stack")
    yield case("endpoint without region", IN_ENV, endpoint_url="http://h")
    ours, all_ = {"AWS_ENDPOINT_URL_ECR": "http://ecr:1"}, {"AWS_ENDPOINT_URL": "http://all:2"}
    yield case("AWS_ENDPOINT_URL", here | all_, differs="endpoint variables")
    yield case("AWS_ENDPOINT_URL_ECR", here | ours | all_, differs="endpoint variables")
    yield case("AWS_ENDPOINT_URL_ECR is empty", here | all_ | {"AWS_ENDPOINT_URL_ECR": ""},
               differs="endpoint variables")
    yield case("endpoint option before variables", here | ours | all_, endpoint_url="http://option:3")
    yield case("AWS_ENDPOINT_URL_STS is not ours", here | {"AWS_ENDPOINT_URL_STS": "http://sts:1"})
    file = section(text="endpoint_url = http://profile:4\nservices = s\n", region="us-west-2")
    services = "[services s]\necr =\n  endpoint_url = http://services:5\nsts =\n  endpoint_url = http://no\n"
    later = {"differs": "endpoint variables"}
    yield case("endpoint of the profile", here, config=file.replace("services", "#"), **later)
    yield case("endpoint of the services", here, config=file + services, **later)
    yield case("services of another", here, config=file + services.replace("ecr", "s3"), **later)
    yield case("variables before services", here | all_, config=file + services, differs="endpoint variables")
    yield case("configured ones are ignored", here | ours | {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"})
    yield case("configured ones are ignored by the profile", here | ours,
               config=section(text="ignore_configured_endpoint_urls = true\n"))
    setting = {"differs": "host names"}
    for name, value in ("FIPS", "true"), ("FIPS", "TRUE"), ("DUALSTACK", "true"):
        yield case(f"AWS_USE_{name}_ENDPOINT={value}", here | {f"AWS_USE_{name}_ENDPOINT": value}, **setting)
        yield case(f"use_{name.lower()}_endpoint={value}", here, **setting,
                   config=section(text=f"use_{name.lower()}_endpoint = {value}\n"))
    yield case("AWS_USE_FIPS_ENDPOINT=false", here | {"AWS_USE_FIPS_ENDPOINT": "false"},
               config=section(text="use_fips_endpoint = true\n"))
    yield case("FIPS variable, endpoint option", here | {"AWS_USE_FIPS_ENDPOINT": "true"}, endpoint_url="http://h",
               differs="an endpoint beside FIPS or dual-stack")
    yield case("FIPS of the profile, endpoint option", here, endpoint_url="http://h",
               differs="an endpoint beside FIPS or dual-stack", config=section(text="use_fips_endpoint = true\n"))
    yield case("FIPS of the profile is taken back", here | {"AWS_USE_FIPS_ENDPOINT": "no"},
               config=section(text="use_fips_endpoint = true\n"))
    yield case("FIPS of another profile", here | {"AWS_PROFILE": "b"},
               config=section(text="use_fips_endpoint = true\n") + section("profile b"))
    yield case("a services section that is missing", here, config=section(text="services = none\n" + keys()),
               differs="services sections that are missing")
    yield case("a services section that is missing, and a variable", here | all_, differs="endpoint variables",
               config=section(text="services = none\n"))
    yield case("a services section that is missing, and ignored",
               here | {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE"}, config=section(text="services = none\n"))
    yield case("an endpoint that the variable does not let the profile ignore", differs="endpoint variables",
               variables=here | all_ | {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"},
               config=section(text="ignore_configured_endpoint_urls = true\n"))
    yield case("the services section of another profile", here | {"AWS_PROFILE": "b"},
               config=file + services + section("profile b"))


def roles(role):
    source = section("profile b")
    own = section(text=role + "source_profile = b\n")
    yield case("role", REGION, config=own + source)
    yield case("role, source in the credentials file", REGION, config=own, credentials=section("b"))
    yield case("role in the credentials file", REGION, credentials=own + section("b"))
    yield case("role with a session token", REGION, config=own + source + "aws_session_token = t\n")
    yield case("role with all", REGION, config=section(
        text=role + "source_profile = b\nexternal_id = x/y z\nrole_session_name = me\nduration_seconds = 900\n") + source)
    yield case("role, odd duration", REGION, config=own + source + own.replace("default", "profile c").replace(
        role, role + "duration_seconds = 1h\n"), profile="c")
    yield case("role of itself", REGION, config=section(text=role + "source_profile = default\n" + keys()))
    yield case("role of itself, without keys", REGION, config=section(text=role + "source_profile = default\n"))
    chain = own + section("profile b", role.replace("/r", "/b") + "source_profile = c\n")
    yield case("roles in a chain", REGION, config=chain + section("profile c"))
    yield case("keys within a chain", REGION, config=chain + keys("B") + section("profile c"))
    yield case("a circle of roles", REGION, config=chain + section("profile c", role + "source_profile = b\n"))
    yield case("role of the environment", REGION | IN_ENV, profile="a",
               config=section("profile a", role + "credential_source = Environment\n"))
    yield case("role of an empty environment", REGION, config=section(text=role + "credential_source = Environment\n"))
    yield case("role of a web identity", REGION, config=own + section(
        "profile b", role.replace("/r", "/b") + "web_identity_token_file = {home}/token\n"), files={"token": "eyJ.x.y"})
    yield case("role of half a key", REGION, config=own + section("profile b", "aws_access_key_id = A\n"))
    yield case("role, keys of the profile", REGION, config=own + keys() + source)


def elsewhere():
    """Credentials that are not written down."""
    role = "role_arn = arn:aws:iam::123456789012:role/r\n"
    for name, text in [
        ("alone", ""), ("of nobody", "source_profile = none\n"),
        ("of two", "source_profile = b\ncredential_source = Environment\n"),
        ("of an odd source", "credential_source = Odd\n"), ("of a loop", "source_profile = c\n"),
        ("of a profile without keys", "source_profile = d\n"),
    ]:
        config = section(text=role + text) + f"[profile c]\n{role}source_profile = default\n[profile d]\nx = y\n"
        yield case(f"role {name}", config=config + section("profile b"))
    yield case("role, keys of the environment", IN_ENV, config=section(text=role + "source_profile = none\n"))
    web = {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/r"}
    yield case("token file without role", {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token"})
    yield case("token file is missing", REGION | web)
    yield case("token file is missing, keys in a file", REGION | web, credentials=section())
    there = {"files": {"token": "eyJ.x.y"}}
    yield case("web identity", REGION | web, **there)
    yield case("web identity, session name", REGION | web | {"AWS_ROLE_SESSION_NAME": "me"}, **there)
    yield case("web identity, a newline", REGION | web, files={"token": "eyJ.x.y\n"}, differs="token files")
    yield case("web identity before keys", REGION | web, credentials=section(), **there)
    yield case("web identity, keys of the environment", REGION | web | IN_ENV, **there)
    yield case("web identity, an option", REGION | web, credentials=section("a"), profile="a", **there)
    yield case("web identity of the profile", REGION, config=section(
        text=role + "web_identity_token_file = {home}/token\nrole_session_name = me\n"), **there)
    yield case("web identity of the profile, role of the environment", REGION | {"AWS_ROLE_ARN": web["AWS_ROLE_ARN"]},
               config=section(text="web_identity_token_file = {home}/token\n"), **there)
    yield from roles(role)


def processes():
    """credential_process: how its words are cut, and what it may print."""
    answer = '{"Version": 1, "AccessKeyId": "AKIDPROCESS", "SecretAccessKey": "s"%s}'
    for name, text in [
        ("keys", answer % ""), ("a token", answer % ', "SessionToken": "t"'),
        ("no token", answer % ', "SessionToken": null'), ("an empty token", answer % ', "SessionToken": ""'),
        ("no version", '{"AccessKeyId": "A"}'), ("version 2", answer.replace("1", "2") % ""),
        ("version 1.0", answer.replace("1", "1.0") % ""), ("a version that is text", answer.replace("1", '"1"') % ""),
        ("half a key", '{"Version": 1, "AccessKeyId": "A"}'),
        ("the other half", '{"Version": 1, "SecretAccessKey": "s"}'), ("other members", answer % ', "More": [1]'),
        ("when they expire", answer % ', "Expiration": "2099-01-01T00:00:00Z"'),
        ("when they expire, in local time", answer % ', "Expiration": "2099-01-01T01:00:00+01:00"'),
        ("that they do not expire", answer % ', "Expiration": null'),
        ("that they have expired", answer % ', "Expiration": "2001-01-01T00:00:00Z"'),
        ("nonsense about their end", answer % ', "Expiration": "soon"'), ("not JSON", "none"), ("a list", "[]"),
        ("JSON and more", answer % "" + " x"), ("nothing", ""),
    ]:
        config = section(text=f"credential_process = /bin/echo '{text}'\n")
        yield case(f"process that says {name}", config=config)
    keys_of_it = f"credential_process = /bin/echo '{answer % ''}'\n"
    yield case("process beside keys", config=section(text=keys_of_it), credentials=section())
    yield case("process of the credentials file", credentials=section(text=keys_of_it))
    yield case("process before keys of the config file", config=section(text=keys() + keys_of_it))
    yield case("process, keys of the environment", IN_ENV, config=section(text=keys_of_it))
    yield case("process of another profile", {"AWS_PROFILE": "a"}, config=section(text=keys_of_it) + section("profile a"))
    for name, command in [
        ("that fails", "/bin/false"), ("that is not there", "/nowhere"), ("that is no program", "/etc/passwd"),
        ("found by PATH", f"echo '{answer % ''}'"), ("with escapes", r'echo {\"Version\":\ 1,\"AccessKeyId\":\"A\ B\",'
                                                                   r'\"SecretAccessKey\":\"s\"}'),
        ("with double quotes", r'echo "{\"Version\": 1, \"AccessKeyId\": \"\$x`y`\", \"SecretAccessKey\": \"s\"}"'),
        ("with glued quotes", """'ec'"ho" '{"Version": 1, "Access'"KeyId\\": \\"A#\\", "'"SecretAccessKey": "s"}'"""),
        ("without an end", "echo 'x"), ("that ends with a backslash", "echo x\\"), ("of nothing", "''"),
        ("that says and fails", f"""sh -c 'echo "$0"; exit 3' '{answer % ""}'"""),
        ("that says and is killed", f"""sh -c 'echo "$0"; kill -9 $$' '{answer % ""}'"""),
        ("that complains and is right", f"""sh -c 'echo "$0"; echo oh >&2' '{answer % ""}'"""),
        ("of the environment", """sh -c 'echo "{\\"Version\\":1,\\"AccessKeyId\\":\\"$MINE\\",'"""
                               """'\\"SecretAccessKey\\":\\"s\\"}"'"""),
    ]:
        yield case(f"process {name}", {"MINE": "of mine"}, config=section(text=f"credential_process = {command}\n"))


SSO_TIMES = {"long": "2099-01-01T00:00:00Z", "past": "2001-01-01T00:00:00Z", "odd": "2099-01-01T00:00:00UTC"}
SSO_SESSION = "[sso-session s]\nsso_region = us-east-1\nsso_start_url = https://s\n"
SSO_SHARED = "sso_region = us-east-1\nsso_start_url = https://s\n"
SSO_ROLE = "sso_account_id = 012345678901\nsso_role_name = r\n"


def sso_token(name="s", access="access", expires="long", **members):
    """{path: content} of a cached token, as `aws sso login` leaves it."""
    path = f".aws/sso/cache/{hashlib.sha1(name.encode()).hexdigest()}.json"
    return {path: json.dumps({"accessToken": access, "expiresAt": SSO_TIMES[expires], **members})}


def renewable(refresh="refresh", registration="long"):
    return {"refreshToken": refresh, "clientId": "id", "clientSecret": "secret",
            "registrationExpiresAt": SSO_TIMES[registration]}


def sso():
    """IAM Identity Center: both forms of a profile, and tokens in all states."""
    profile = section(text=SSO_ROLE + "sso_session = s\n")
    new, old = profile + SSO_SESSION, section(text=SSO_ROLE + SSO_SHARED)
    for name, files in [
        ("not logged in", {}), ("logged in", sso_token()), ("logged in elsewhere", sso_token("t")),
        ("an odd time", sso_token(expires="odd")), ("expired", sso_token(expires="past")),
        ("expired, to be renewed", sso_token(expires="past", **renewable())),
        ("not to be renewed yet", sso_token(**renewable())),
        ("expired, renewed before", sso_token(expires="past", **renewable("used"))),
        ("expired, registration expired", sso_token(expires="past", **renewable(registration="past"))),
        ("expired, half of what renews it", sso_token(expires="past", refreshToken="x", clientId="y")),
        ("over", sso_token(access="over")), ("denied", sso_token(access="denied")),
        ("no token in the file", {path: "{}" for path in sso_token()}),
        ("no JSON in the file", {path: "none" for path in sso_token()}),
        ("no time in the file", {path: '{"accessToken": "a"}' for path in sso_token()}),
    ]:
        yield case(f"SSO: {name}", config=new, files=files)
        of_url = {path: content for old_path, content in files.items() for path in sso_token("https://s")}
        if name in ("not logged in", "logged in", "over", "denied", "no token in the file"):
            yield case(f"SSO of old: {name}", config=old, files=of_url)
    token = sso_token()
    yield case("SSO of no session", config=profile, files=token)
    yield case("SSO before keys", config=new, credentials=section(), files=token)
    yield case("SSO, keys of the environment", IN_ENV, config=new, files=token)
    yield case("SSO and a process", config=new.replace("sso_session", "credential_process = /nowhere\nsso_session"),
               files=token)
    yield case("SSO with the same in both places", config=section(text=SSO_ROLE + SSO_SHARED + "sso_session = s\n")
               + SSO_SESSION, files=token)
    for key in "sso_region", "sso_start_url":
        yield case(f"SSO with another {key}", config=new.replace("[sso", f"{key} = x\n[sso"), files=token)
        yield case(f"SSO of a session without {key}", config=new.replace(key, "#"), files=token)
        yield case(f"SSO of old without {key}", config=old.replace(key, "#"), files=sso_token("https://s"))
    for key in "sso_account_id", "sso_role_name":
        yield case(f"SSO without {key}", config=new.replace(key, "#"), files=token)
    yield case("SSO session and keys alone", config=section(text=keys() + "sso_session = s\n") + SSO_SESSION, files=token)
    yield case("SSO URL and keys alone", config=section(text=keys() + SSO_SHARED), files=token)
    yield case("SSO with the role in the session",
               config=section(text="sso_role_name = r\nsso_session = s\n") + SSO_SESSION + SSO_ROLE, files=token)
    yield case("SSO role of many characters", config=new.replace("= r\n", "= A+B=C,D.E@F-G_/ü %\n"), files=token)
    for name in "a b", "größe", "S":
        yield case(f"SSO session {name}", files=sso_token(name), config=new.replace("= s\n", f"= {name}\n").replace(
            "sso-session s", f'sso-session "{name}"'))
    yield case("SSO of the credentials file", credentials=section(text=SSO_ROLE + SSO_SHARED),
               files=sso_token("https://s"))
    yield case("SSO of another profile", {"AWS_PROFILE": "a"}, config=new.replace("default", "profile a"), files=token)


CASES = [*environment(), *profiles(), *files(), *lines(), *headers(), *regions(), *endpoints(), *elsewhere(), *processes(),
         *sso()]
