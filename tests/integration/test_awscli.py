"""The AWS CLI and the mount show the same bytes: neither the server nor ecrfs is right by itself."""

import json
import os
import subprocess

import pytest

from ecr_server.client import ACCOUNT

from .expected import readable_images

AWS = "/usr/bin/aws"
pytestmark = pytest.mark.skipif(not os.access(AWS, os.X_OK), reason="the AWS CLI (Debian: awscli) is not installed")


@pytest.fixture
def aws(server):
    """A function that runs `aws ecr` and returns what it prints."""
    def run(*arguments):
        command = [AWS, "ecr", *arguments, "--endpoint-url", server.endpoint]
        environment = {"PATH": "/usr/bin:/bin", "HOME": os.devnull, **server.environment()}
        return subprocess.run(command, env=environment, capture_output=True, check=True, timeout=120).stdout
    return run


def test_every_image_of_the_mixed_registry(server, mount, aws):
    fs = mount()
    digests = {}
    for image in readable_images(server):
        digests.setdefault(image.repository, set()).add(image.digest)
    manifests = {}
    for repository, wanted in digests.items():
        pairs = json.loads(aws(
            "batch-get-image", "--repository-name", repository,
            "--query", "images[].[imageId.imageDigest, imageManifest]",
            "--image-ids", *(f"imageDigest={digest}" for digest in sorted(wanted))))
        assert {digest for digest, _ in pairs} == wanted
        manifests.update({(repository, digest): text.encode() for digest, text in pairs})
    for image in readable_images(server):
        assert fs.read(image.repository, image.tag) == manifests[image.repository, image.digest], image


@pytest.mark.parametrize("repository, tag", [
    ("cluster-autoscaler", "v1.13.6"), ("charts/web", "1.0.0-escaped"), ("charts/web", "1.1.0"),
    ("odd/formats", "crlf"),
])
def test_the_documented_command(server, mount, aws, repository, tag):
    """`--output text` is the manifest and a newline that the CLI adds."""
    output = aws("batch-get-image", "--repository-name", repository, "--image-ids", f"imageTag={tag}",
                 "--accepted-media-types", media_type(server, repository, tag),
                 "--query", "images[0].imageManifest", "--output", "text")
    assert output == mount().read(repository, tag) + b"\n"


def media_type(server, repository, tag):
    """What is stored, so that nothing is converted."""
    return next(image["media_type"] for image in server.images(account=ACCOUNT, repository=repository)
                if tag in image["tags"])


def test_listings(mount, aws):
    fs = mount()
    repositories = json.loads(aws("describe-repositories", "--query", "repositories[].repositoryName"))
    assert {path.split("/")[0] for path in repositories} == set(os.listdir(fs.root))
    tags = json.loads(aws("list-images", "--repository-name", "team", "--query", "imageIds[].imageTag"))
    assert set(tags) == set(os.listdir(fs.root / "team"))
