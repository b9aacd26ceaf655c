#!/usr/bin/python3
"""Start the local ECR server: /usr/bin/python3 -m ecr_server --port 0 --control-port 0."""

import argparse
import asyncio
import json
import os
import signal
import ssl

from . import generator, model
from .blob_host import BlobHost
from .control import Control
from .http_server import HttpServer
from .service import OPERATIONS, Service

TLS_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def parse_arguments():
    parser = argparse.ArgumentParser(prog="ecr_server", description="A local Amazon ECR on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="API port (0: any free one)")
    parser.add_argument("--control-port", type=int, default=0, help="control port (0: any free one)")
    parser.add_argument("--preset", default="mixed", choices=sorted(generator.PRESETS))
    parser.add_argument("--seed", metavar="JSON", action="append", default=[],
                        help="more data, as for POST /_control/seed; may be repeated")
    parser.add_argument("--config", metavar="JSON", default="{}", help="as for POST /_control/config")
    parser.add_argument("--no-verify", action="store_true", help="do not check signatures (benchmarks)")
    parser.add_argument("--ready-file", metavar="FILE", help="also write the ready line to this file")
    parser.add_argument("--tls-cert", metavar="FILE", help="serve the API over TLS")
    parser.add_argument("--tls-key", metavar="FILE")
    parser.add_argument("--tls-version", choices=TLS_VERSIONS, help="only this one (default: 1.2 and 1.3)")
    return parser.parse_args()


def tls_context(arguments):
    if not arguments.tls_cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(arguments.tls_cert, arguments.tls_key)
    if arguments.tls_version:
        context.minimum_version = context.maximum_version = TLS_VERSIONS[arguments.tls_version]
    context.set_alpn_protocols(["http/1.1"])
    return context


def build_service(arguments):
    service = Service()
    model.warm_up(OPERATIONS)
    generator.fill(service.registries, arguments.preset)
    control = Control(service)
    for seed in arguments.seed or ["{}"]:
        control.seed(json.loads(seed))
    control.config(json.loads(arguments.config))
    if arguments.no_verify:
        service.settings.verify = False
    return service, control


def announce(arguments, api, admin, blobs):
    line = json.dumps(
        {"port": api.port, "control_port": admin.port, "blob_port": blobs.port, "pid": os.getpid()})
    print(line, flush=True)
    if arguments.ready_file:
        # Renamed into place, so that a reader never sees half a line.
        with open(arguments.ready_file + ".new", "w") as file:
            file.write(line + "\n")
        os.replace(arguments.ready_file + ".new", arguments.ready_file)


async def serve(arguments):
    service, control = build_service(arguments)
    api = HttpServer(service.handle, service.counters, tls_context(arguments))
    service.http = api
    blobs = HttpServer(BlobHost(service).handle, tls=tls_context(arguments))
    admin = HttpServer(control.handle)
    await api.listen(arguments.port)
    await blobs.listen(0)
    service.blob_port = blobs.port
    await admin.listen(arguments.control_port)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    announce(arguments, api, admin, blobs)
    await stop.wait()
    api.close()
    blobs.close()
    admin.close()


if __name__ == "__main__":
    asyncio.run(serve(parse_arguments()))
