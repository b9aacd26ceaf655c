"""A local Amazon ECR: the API over HTTP on 127.0.0.1, for tests and benchmarks.

The map of the package, from the wire inwards:

    __main__.py      command line, start-up and shutdown
    http_server.py   HTTP/1.1: connections, requests, responses (also damaged ones)
    service.py       one API call: signature, validation, access, faults, operation, answer
    signature.py     SigV4 of every request, recomputed with botocore
    model.py         the ECR service model of botocore (plus the 2025 additions), validation
    access.py        which calls are denied, and rate limits
    operations.py    DescribeRepositories, DescribeImages, ListImages, policies, ...
    batch_get.py     BatchGetImage, the call that counts as a pull
    pull_through.py  pull-through cache rules, and what a read by tag imports
    layers.py        layer and config blobs, download URLs
    sts.py           GetCallerIdentity and AssumeRole*, as AWS_ENDPOINT_URL redirects STS too
    paging.py        opaque nextToken
    registry.py      the data: registries, repositories, images, tags
    documents.py     manifest documents of all kinds
    generator.py     the sample, the `mixed` preset and seeds of any size
    faults.py        rules that delay, damage or replace answers
    counters.py      what happened: calls, ids, connections, log
    settings.py      what POST /_control/config can change
    control.py       the control address
    client.py        the class that tests use to start and steer a server
"""
