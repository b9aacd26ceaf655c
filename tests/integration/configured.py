"""Images whose configuration the test has chosen."""

import json

OCI = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"


def config_of(fs, repository, tag):
    return fs.tag(repository, tag) / "config.json"


def push(server, repository, tag, text, size=None, digest=None, **config):
    """An image with this configuration, of which its manifest may tell something else."""
    server.create_repository(repository)
    blob = server.push_blob(repository, text)
    manifest = {"schemaVersion": 2, "mediaType": OCI, "layers": [], "config": {
        "mediaType": CONFIG, "digest": digest or blob["digest"], "size": blob["size"] if size is None else size,
        **config}}
    return server.push(repository, tag=tag, manifest=json.dumps(manifest))
