#!/usr/bin/python3
"""Prints a docker manifest of schema 1, signed as docker's libtrust lays it out ("prettyjws").

    sign_schema1.py [LAYERS]

The first line is the digest of its payload, the rest is the manifest. The signature itself is made
up: nobody who reads manifests by digest checks it.
"""

import base64
import hashlib
import json
import sys


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def payload_of(layers):
    document = {
        "schemaVersion": 1,
        "name": "library/hello-wörld",
        "tag": "latest",
        "architecture": "amd64",
        "fsLayers": [{"blobSum": "sha256:" + hashlib.sha256(b"%d" % n).hexdigest()} for n in range(layers)],
        "history": [{"v1Compatibility": json.dumps({"id": "%064x" % n})} for n in range(layers)],
    }
    return json.dumps(document, indent=3, ensure_ascii=False).encode()


def sign(payload):
    """libtrust: the signatures go in front of the last brace, and of the blanks before it."""
    length = len(payload[:-1].rstrip())
    protected = {
        "formatLength": length,
        "formatTail": base64url(payload[length:]),
        "time": "2016-01-02T03:04:05Z",
    }
    signature = {
        "header": {
            "jwk": {
                "crv": "P-256",
                "kid": "OD6I:6DRK:JXEJ:KBM4:255X:NSAA:MUSF:E4VM:ZI6W:CUN2:L4Z6:LSF4",
                "kty": "EC",
                "x": base64url(bytes(range(32))),
                "y": base64url(bytes(range(32, 64))),
            },
            "alg": "ES256",
        },
        "signature": base64url(bytes(range(64))),
        "protected": base64url(json.dumps(protected, separators=(",", ":")).encode()),
    }
    text = json.dumps([signature], indent=3).replace("\n", "\n   ")
    return payload[:length] + b',\n   "signatures": ' + text.encode() + payload[length:]


def main():
    payload = payload_of(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
    manifest = sign(payload)
    assert list(json.loads(manifest)) == [*json.loads(payload), "signatures"]
    print("sha256:" + hashlib.sha256(payload).hexdigest(), flush=True)
    sys.stdout.buffer.write(manifest)


if __name__ == "__main__":
    main()
