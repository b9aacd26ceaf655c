"""Reads all manifests of a repository as one writes it with boto3: list the tags, then batches of 100.

    peer_boto3.py ENDPOINT REPOSITORY THREADS

Prints {"seconds": of listing and fetching, with a session that is there already, "manifests", "bytes"}.
"""

import concurrent.futures
import json
import sys
import time

import boto3
from botocore.config import Config

BATCH = 100


def image_ids(client, repository):
    pages = client.get_paginator("list_images").paginate(
        repositoryName=repository, filter={"tagStatus": "TAGGED"}, PaginationConfig={"PageSize": 1000})
    return [{"imageDigest": image["imageDigest"]} for page in pages for image in page["imageIds"]]


def manifests(client, repository, ids):
    answer = client.batch_get_image(repositoryName=repository, imageIds=ids)
    return [image["imageManifest"] for image in answer["images"]]


def main(endpoint, repository, threads):
    client = boto3.session.Session().client(
        "ecr", endpoint_url=endpoint, config=Config(max_pool_connections=int(threads)))
    started = time.perf_counter()
    ids = image_ids(client, repository)
    batches = [ids[at:at + BATCH] for at in range(0, len(ids), BATCH)]
    with concurrent.futures.ThreadPoolExecutor(int(threads)) as pool:
        parts = pool.map(lambda batch: manifests(client, repository, batch), batches)
        texts = [text for part in parts for text in part]
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "manifests": len(texts), "bytes": sum(map(len, texts))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
