"""Fixtures: one server per test, and botocore's ECR client as the referee."""

import json

import botocore.config
import botocore.session
import pytest

from ecr_server import model
from ecr_server.client import ACCESS_KEY, SECRET_KEY, EcrServer
from ecr_server.settings import DEFAULTS


@pytest.fixture(scope="session")
def process():
    """One process for all tests; `server` puts it back to its first state each time."""
    with EcrServer(preset="sample") as running:
        yield running


@pytest.fixture
def server(process):
    process.config(**DEFAULTS)
    process.clear_faults()
    process.seed(clear=True, preset="mixed")
    process.reset()
    return process


@pytest.fixture(scope="session")
def data_path(tmp_path_factory):
    """botocore data with the ECR model that the server speaks (Debian's is of 2022)."""
    path = tmp_path_factory.mktemp("models")
    folder = path / "ecr" / "2015-09-21"
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text(json.dumps(model.service_description()))
    return path


@pytest.fixture
def client(server, data_path):
    """A function that makes botocore clients; by default a valid one, without retries."""
    def make(access_key=ACCESS_KEY, secret_key=SECRET_KEY, token=None, region="us-east-1", validate=True, **config):
        session = botocore.session.Session()
        session.set_config_variable("data_path", str(data_path))
        return session.create_client(
            "ecr", region_name=region, endpoint_url=server.endpoint, aws_access_key_id=access_key,
            aws_secret_access_key=secret_key, aws_session_token=token,
            config=botocore.config.Config(
                retries={"total_max_attempts": 1}, parameter_validation=validate, proxies={}, **config))
    return make


@pytest.fixture
def ecr(client):
    return client()
