"""Cases composed at random, the same ones in each run: files of sections that are odd in many ways, and variables."""

import random

from .case import CONFIG, CREDENTIALS, Case

SEED = 20260101
NAMES = ["default", "a", "b c", "größe", "A"]
REGIONS = ["eu-west-1", "us-gov-west-1", "cn-north-1", "us-iso-east-1", "eusc-de-east-1", "EU-WEST-1", "a_b", ""]


class Composer:
    def __init__(self, dice):
        self.dice = dice
        self.count = 0

    def often(self, *choices, odd=()):
        """One of the usual choices, one time in ten an odd one."""
        return self.dice.choice(odd if odd and self.dice.random() < 0.1 else choices)

    def unique(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def value(self, text):
        return text + self.often("", odd=(" # note", " ; note", "  ", "\t# a = b", "\r"))

    def property(self, key, value):
        key = self.often(key, odd=(key.upper(), key.title()))
        return key + self.often(" = ", "=", odd=(": ", " :", "\t=  ")) + self.value(value) + "\n"

    def keys(self):
        lines = []
        if self.dice.random() < 0.8:
            lines += [self.property("aws_access_key_id", self.unique("AKID")),
                      self.property("aws_secret_access_key", self.unique("s/+=#"))]
            if self.dice.random() < 0.3:
                name = self.often("aws_session_token", odd=("aws_security_token",))
                lines.append(self.property(name, self.unique("t")))
        elif self.dice.random() < 0.2:
            lines.append(self.property(self.often("aws_access_key_id", odd=("aws_secret_access_key",)), "half"))
        self.dice.shuffle(lines)
        return lines

    def clutter(self):
        return self.often("", "# comment\n", "; comment\n", "\n", "output = json\n", "s3 =\n  region = us-east-2\n",
                          "note = one\n  two\n\n  three = 3\n",
                          odd=("nonsense\n", "= nonsense\n", "empty =\n", "[odd\n", "  # indented\n", "ü = ö\n",
                               "twice = 1\ntwice = 2\n", "s3 =\n  nonsense\n"))

    def header(self, name, config):
        if not config:
            return self.often(f"[{name}]\n", odd=(f"[ {name} ]\n", f"[profile {name}]\n", f"[{name}] # here\n"))
        quoted = f'"{name}"' if " " in name else name
        usual = f"[profile {quoted}]\n" if name != "default" else "[default]\n"
        return self.often(usual, odd=(f"[profile {name}]\n", f"[ profile {quoted} ]\n", f"[profile '{name}']\n",
                                      f"[{name}]\n", usual.replace("\n", " ; here\n")))

    def section(self, name, config, with_keys):
        lines = self.keys() if with_keys else []
        if config and self.dice.random() < 0.6:
            lines.insert(self.dice.randint(0, len(lines)), self.property("region", self.dice.choice(REGIONS)))
        if config and self.dice.random() < 0.1:
            lines.append(self.property(*self.dice.choice([
                ("use_fips_endpoint", "true"), ("use_dualstack_endpoint", "TRUE"), ("use_fips_endpoint", "false"),
                ("endpoint_url", "http://profile:3"), ("ignore_configured_endpoint_urls", "true"),
                ("services", "none")])))
        text = self.header(name, config)
        for line in lines:
            text += self.clutter() + line
        return text + self.clutter()

    def file(self, config, with_keys):
        names = self.dice.sample(NAMES, self.dice.randint(0, 3))
        names += self.often([], odd=(names[:1], ["DEFAULT"]))
        text = "".join(self.section(name, config, name in with_keys) for name in names)
        text = self.often("", odd=("\ufeff", "a = b\n", "# größe\n")) + text
        return self.often(text, odd=(text.replace("\n", "\r\n"), text.rstrip("\n"))).encode()

    def files(self):
        files = {}
        if self.dice.random() < 0.8:
            files[CONFIG] = self.file(True, self.dice.sample(NAMES, 3))
        if self.dice.random() < 0.8:
            files[CREDENTIALS] = self.file(False, self.dice.sample(NAMES, 3))
        return files

    def maybe(self, variables, chance, name, *values):
        if self.dice.random() < chance:
            variables[name] = self.dice.choice(values)

    def variables(self):
        variables = {}
        if self.dice.random() < 0.2:
            variables |= {"AWS_ACCESS_KEY_ID": self.unique("AKIDENV"), "AWS_SECRET_ACCESS_KEY": self.unique("s/")}
        self.maybe(variables, 0.05, "AWS_ACCESS_KEY_ID", "", "AKIDALONE")
        self.maybe(variables, 0.05, "AWS_SECRET_ACCESS_KEY", "", "alone")
        self.maybe(variables, 0.1, "AWS_SESSION_TOKEN", "", "token")
        self.maybe(variables, 0.05, "AWS_SECURITY_TOKEN", "", "old")
        self.maybe(variables, 0.4, "AWS_PROFILE", *NAMES, "")
        self.maybe(variables, 0.1, "AWS_DEFAULT_PROFILE", *NAMES, "")
        self.maybe(variables, 0.3, "AWS_DEFAULT_REGION", *REGIONS)
        self.maybe(variables, 0.1, "AWS_REGION", *REGIONS)
        self.maybe(variables, 0.05, "AWS_CONFIG_FILE",
                   "~/.aws/config", "{home}", "{home}/none", "$HOME/.aws/config", "")
        self.maybe(variables, 0.05, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", "/proc/self/mem", "~x/y", "")
        self.maybe(variables, 0.05, "AWS_ENDPOINT_URL", "http://all:1", "http://all/path", "")
        self.maybe(variables, 0.05, "AWS_ENDPOINT_URL_ECR", "https://ecr:2/", "")
        self.maybe(variables, 0.05, "AWS_USE_FIPS_ENDPOINT", "true", "True", "false", "1", "")
        self.maybe(variables, 0.05, "AWS_USE_DUALSTACK_ENDPOINT", "true", "no", "")
        self.maybe(variables, 0.05, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", "false", "")
        return variables

    def options(self):
        options = {}
        self.maybe(options, 0.2, "profile", *NAMES)
        self.maybe(options, 0.2, "region", *(region for region in REGIONS if region))
        self.maybe(options, 0.1, "endpoint_url", "http://HOST:80", "https://[::1]:1", "nonsense", "http://h/p")
        self.maybe(options, 0.1, "use_fips_endpoint", True)
        self.maybe(options, 0.1, "use_dualstack_endpoint", True)
        return options


def composed(n):
    for i in range(n):
        composer = Composer(random.Random(SEED + i))
        yield Case(f"composed {i}", composer.variables(), composer.files(), composer.options())
