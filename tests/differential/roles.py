"""Cases of roles composed at random, the same ones in each run: profiles that name each other, and token files."""

import random

from .case import CONFIG, CREDENTIALS, TOKEN, Case

SEED = 20260202
NAMES = ["default", "a", "b", "c"]


class Composer:
    def __init__(self, dice):
        self.dice = dice

    def lines(self, name):
        """The keys of one profile, each maybe."""
        dice, lines = self.dice, []
        if dice.random() < 0.4:
            lines += [f"aws_access_key_id = AKID{name}", f"aws_secret_access_key = s/{name}"]
        elif dice.random() < 0.05:
            lines.append("aws_access_key_id = half")
        if dice.random() < 0.7:
            lines.append(f"role_arn = arn:aws:iam::123456789012:role/{name}")
        if dice.random() < 0.7:
            lines.append(f"source_profile = {dice.choice(NAMES + ['none'] * (dice.random() < 0.2))}")
        if dice.random() < 0.1:
            lines.append(f"credential_source = {dice.choice(['Environment', 'environment', 'Odd'])}")
        if dice.random() < 0.15:
            lines.append("web_identity_token_file = {home}/token")
        for key, values in (("external_id", ["xy", "x/y z"]), ("role_session_name", ["me@home", "x", "a b"]),
                            ("duration_seconds", ["900", "43200", "1h", "10", "3600 "])):
            if dice.random() < 0.2:
                lines.append(f"{key} = {dice.choice(values)}")
        return lines

    def files(self):
        """A profile's keys may be in both files."""
        config, credentials = "", ""
        for name in self.dice.sample(NAMES, self.dice.randint(2, 4)):
            lines = self.lines(name)
            keys = [line for line in lines if line.startswith("aws_")] if self.dice.random() < 0.5 else []
            header = f"[profile {name}]" if name != "default" else "[default]"
            config += "\n".join([header, *(line for line in lines if line not in keys)]) + "\n"
            credentials += "\n".join([f"[{name}]", *keys]) + "\n" if keys else ""
        files = {CONFIG: config.encode(), CREDENTIALS: credentials.encode()}
        if self.dice.random() < 0.8:
            files[TOKEN] = self.dice.choice([b"eyJ.x.y", b"eyJ.x.y\n"])
        return files

    def variables(self):
        dice, variables = self.dice, {"AWS_DEFAULT_REGION": "eu-west-1"}
        if dice.random() < 0.15:
            variables |= {"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "s/env"}
        if dice.random() < 0.2:
            variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "{home}/token"
        for name, value in (("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/env"), ("AWS_ROLE_SESSION_NAME", "env")):
            if dice.random() < 0.15:
                variables[name] = value
        if dice.random() < 0.3:
            variables["AWS_PROFILE"] = dice.choice(NAMES)
        return variables

    def options(self):
        return {"profile": self.dice.choice(NAMES)} if self.dice.random() < 0.3 else {}


def composed_roles(n):
    for i in range(n):
        composer = Composer(random.Random(SEED + i))
        yield Case(f"composed role {i}", composer.variables(), composer.files(), composer.options())
