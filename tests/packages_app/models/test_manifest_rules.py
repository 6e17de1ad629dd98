"""What the database asks of a package that is ready, whoever writes; the rules are made from the manifests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from negotiation.manifests import BACKENDS
from packages_app.models import Package, State

pytestmark = pytest.mark.django_db

SERVER = {"machine_type": "gpu-server", "driver_version": "550.54.15", "os_version": "ubuntu-22.04"}
JETSON = {"machine_type": "jetson", "driver_version": "540.4.0", "l4t_version": "36.4.3", "device_name": "orin-nx"}
ENGINE = {"cuda_device_type": "nvidia-l4", "cuda_device_cc": "8.9", "cuda_version": "12.6", "trt_version": "10.8.0"}
SIZES = {"min_batch_size": 1, "opt_batch_size": 4, "max_batch_size": 8}
COMPLETE: list[tuple[str, bool, dict[str, Any]]] = [
    ("onnx", False, {"opset": 17}),
    ("trt", False, {**ENGINE, **SERVER}),
    ("trt", False, {**ENGINE, **JETSON}),
    ("trt", True, {**ENGINE, **SERVER, **SIZES}),
    ("torch-script", False, {"supported_device_types": ["cpu"], "torch_version": "2.1.0"}),
]


def make(model: Any, backend: str, *, dynamic: bool = False, **fields: Any) -> Package:
    batch = {"dynamic_batch_size": dynamic, "static_batch_size": None if dynamic else 1}
    with transaction.atomic():
        return Package.objects.create(model=model, backend=backend, **{**batch, "state": State.READY, **fields})


def lacking() -> Iterator[tuple[str, bool, dict[str, Any]]]:
    for backend, dynamic, manifest in COMPLETE:
        for name in manifest:
            yield backend, dynamic, {other: value for other, value in manifest.items() if other != name}


@pytest.mark.parametrize(("backend", "dynamic", "manifest"), COMPLETE)
def test_a_complete_package_is_ready(model: Any, backend: str, dynamic: bool, manifest: Any) -> None:
    assert make(model, backend, dynamic=dynamic, manifest=manifest).pk


@pytest.mark.parametrize(("backend", "dynamic", "manifest"), list(lacking()))
def test_a_package_that_lacks_something_is_not_ready(model: Any, backend: str, dynamic: bool, manifest: Any) -> None:
    with pytest.raises(IntegrityError):
        make(model, backend, dynamic=dynamic, manifest=manifest)
    draft = make(model, backend, dynamic=dynamic, manifest=manifest, state=State.DRAFT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Package.objects.filter(pk=draft.pk).update(state=State.READY)


@pytest.mark.parametrize("nothing", [None, "", []])
def test_what_says_nothing_is_missing(model: Any, nothing: Any) -> None:
    with pytest.raises(IntegrityError):
        make(model, "torch-script", manifest={"supported_device_types": nothing, "torch_version": "2.1.0"})


def test_a_machine_of_another_kind_is_none(model: Any) -> None:
    with pytest.raises(IntegrityError):
        make(model, "trt", manifest={**ENGINE, **SERVER, "machine_type": "laptop"})


@pytest.mark.parametrize("backend", [name for name, manifest in BACKENDS.items() if manifest.has_batch])
def test_a_package_that_is_ready_says_its_batch(model: Any, backend: str) -> None:
    complete = next((manifest for name, _, manifest in COMPLETE if name == backend), {})
    assert make(model, backend, manifest=complete).pk
    with pytest.raises(IntegrityError):
        make(model, backend, manifest=complete, static_batch_size=None)


@pytest.mark.parametrize("backend", [name for name, manifest in BACKENDS.items() if not manifest.has_batch])
def test_some_packages_have_no_batch_to_say(model: Any, backend: str) -> None:
    assert make(model, backend, static_batch_size=None).pk


def test_there_are_no_backends_but_those_of_the_manifests(model: Any) -> None:
    with pytest.raises(IntegrityError):
        make(model, "tfjs", state=State.DRAFT)
    draft = make(model, "onnx", state=State.DRAFT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Package.objects.filter(pk=draft.pk).update(backend="tfjs")
