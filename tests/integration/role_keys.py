"""Credentials of a role: what a credential server gives, and the local ECR server takes."""

import time

LONG_S = 6 * 3600


class RoleKeys:
    """`lifetime_s`: each question gets other ones, which end so soon; else all get the same."""

    def __init__(self, server, name, lifetime_s=None):
        self._server = server
        self._name = name
        self.lifetime_s = lifetime_s
        self.made = []
        self.outlast = False  # AWS takes them when they have ended, too

    def __call__(self):
        """The members that ECS and IMDS have in common."""
        if self.lifetime_s is not None or not self.made:
            self._make()
        keys, ends_at = self.made[-1]
        return {"AccessKeyId": keys["access_key"], "SecretAccessKey": keys["secret_key"],
                "Token": keys["session_token"], "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ends_at))}

    def _make(self):
        number = len(self.made) + 1
        ends_at = int(time.time()) + (LONG_S if self.lifetime_s is None else self.lifetime_s)
        keys = {"access_key": f"ASIA{self._name}{number:04}", "secret_key": f"secret/of+{self._name}{number}",
                "session_token": f"token/of+{self._name}{number}=="}
        self._server.config(credentials=[{**keys, "expires_at": None if self.outlast else ends_at}])
        self.made.append((keys, ends_at))

    @property
    def access_keys(self):
        return [keys["access_key"] for keys, _ends_at in self.made]
