"""A real model host for the tests of this room: one process for all of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from registry.services.audit import Actor

ACTOR = Actor(name="test")
DEMO = django_settings.BASE_DIR / "demo"


def break_network(path: Path) -> None:
    """Give an ONNX file an operator that no runtime has; its inputs and outputs stay what clients want."""
    import onnx

    network = onnx.load(path)
    network.graph.node[0].op_type = "NoSuchOperator"
    onnx.save(network, path)


@pytest.fixture(scope="session")
def host_directory() -> Iterator[Path]:
    from inference_app.services import hosts

    # Not pytest's own directory: the name of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="wb-") as directory:
        yield Path(directory)
        hosts.stop()


@pytest.fixture
def model_host(host_directory: Path, settings: Any) -> Iterator[None]:
    """The tests' host. Models stay loaded between tests: packages have the id of their content."""
    from inference_app.services import inference

    settings.MODEL_HOST_DIR = host_directory / "host"
    settings.MODEL_CACHE_DIR = host_directory / "cache"
    inference.forget()
    yield
    inference.forget()


def push_clip(workspace: Any, folder: Path, model_id: str) -> Any:
    """A published CLIP of two networks whose vectors can be told in advance."""
    from packages_app.services.push import push_directory
    from tests.backends.networks import write_clip_package

    return push_directory(
        write_clip_package(folder / model_id),
        model_id=model_id,
        workspace=workspace,
        actor=ACTOR,
        trusted=True,
        publish=True,
    )


_inspected: dict[str, dict[str, Any]] = {}


@pytest.fixture
def push_demo(alpha: Any) -> Callable[..., Any]:
    """Push a package of the demo model, trusted and published unless told otherwise.

    The first time the real way; later what the inspection found is remembered, since it starts a process each time.
    """
    from packages_app.services import inspecting
    from packages_app.services.push import push_directory

    def push(name: str = "onnx-dynamic", model_id: str = "demo/shapes", **options: Any) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            if name in _inspected:
                patch.setattr(inspecting, "_facts_in_child", lambda package, run: _inspected[name])
            package = push_directory(
                DEMO / "packages" / name,
                model_id=model_id,
                workspace=alpha,
                actor=ACTOR,
                **{"trusted": True, "publish": True, **options},
            )
        _inspected[name] = package.inspection["facts"]
        return package

    return push


@pytest.fixture
def image() -> bytes:
    return (DEMO / "images" / "meadow.jpg").read_bytes()


@pytest.fixture
def infer_token(alpha: Any, make_token: Callable[..., str]) -> str:
    return make_token(alpha, "read", "infer")
