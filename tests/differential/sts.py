"""STS for both sides: the credentials of a role are made of what was asked for, and by whom."""

import hashlib
import re
import time
import urllib.parse

DEFAULT_SESSION = re.compile(r"(ecrfs-\d+|botocore-session)-\d+")


def answer(body, headers):
    """(status, XML). `headers` is a mapping that knows no case."""
    asked = dict(urllib.parse.parse_qsl(body))
    if not 900 <= int(asked.get("DurationSeconds", 900)) <= 43200 or not re.fullmatch(
            r"[\w+=,.@-]{2,64}", asked["RoleSessionName"]):
        return 400, "<ErrorResponse><Error><Code>ValidationError</Code></Error></ErrorResponse>"
    asked["RoleSessionName"] = DEFAULT_SESSION.sub("", asked["RoleSessionName"])
    signer = re.search(r"Credential=([^/]*)/", headers.get("Authorization", ""))
    asked |= {"by": signer and signer[1], "token": headers.get("X-Amz-Security-Token")}
    made = hashlib.sha256(repr(sorted(asked.items(), key=str)).encode()).hexdigest()
    expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    action = asked["Action"]
    return 200, (
        f"<{action}Response><{action}Result><Credentials><AccessKeyId>ASIA{made[:16]}</AccessKeyId><SecretAccessKey>"
        f"{made}</SecretAccessKey><SessionToken>t{made}</SessionToken><Expiration>{expires}</Expiration></Credentials>"
        f"</{action}Result></{action}Response>")
