"""A live server and the real clients, for every test that speaks to them.

The fixtures hold for one run of the tests, so every test takes a model id of its own (`model_id`) and an
INFERENCE_HOME of its own (`home`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.clients import ClientWorker, client_python, start_client
from tests.conformance.house import REPOSITORY, House
from tests.conformance.recording_proxy import RecordingProxy

INSTALL = "Run `make conformance`, or scripts/client-environments.sh by itself, to install it."


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A live server, started as `make serve` starts it, with the demo model published."""
    house = House(tmp_path_factory.mktemp("house"))
    house.start()
    yield house
    house.stop()


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientWorker]:
    """inference-models 0.39.6."""
    yield from _client("client", "inference_models", tmp_path_factory)


@pytest.fixture(scope="session")
def exp_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientWorker]:
    """inference-exp 0.17.3."""
    if sys.version_info >= (3, 13):
        pytest.skip("inference-exp needs a Python below 3.13.")
    yield from _client("exp", "inference_exp", tmp_path_factory)


@pytest.fixture
def proxy(house: House) -> Iterator[RecordingProxy]:
    """A recording proxy in front of the server; clients that use its address are watched."""
    with RecordingProxy(house.port) as proxy:
        yield proxy


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An INFERENCE_HOME that nothing was loaded into yet."""
    return tmp_path / "inference-home"


@pytest.fixture
def model_id(request: pytest.FixtureRequest) -> str:
    """An id that no other test uses, with a slash as most ids have."""
    return f"conformance/{request.node.name[5:].replace('[', '-').rstrip(']')}"


@pytest.fixture(scope="session")
def demo_package() -> Path:
    """The demo model with dynamic batch, laid out as the client's local package."""
    return REPOSITORY / "demo" / "packages" / "onnx-dynamic"


@pytest.fixture(scope="session")
def images() -> tuple[Path, ...]:
    """Three drawn images of different sizes."""
    folder = REPOSITORY / "demo" / "images"
    return tuple(sorted(path for path in folder.iterdir() if path.suffix in {".png", ".jpg"}))


def _client(environment: str, package: str, factory: pytest.TempPathFactory) -> Iterator[ClientWorker]:
    if not client_python(environment).exists():
        pytest.fail(f"{package} is not installed. {INSTALL}")
    worker = start_client(environment, package, factory.mktemp(environment))
    yield worker
    worker.process.close()
