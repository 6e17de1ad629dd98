"""A package that cannot be loaded makes way for the next in the ranking, and is not tried again by every request."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from backends.errors import (
    BackendError,
    BadImage,
    DeadlineExceeded,
    DeviceUnavailable,
    HostBusy,
    HostDied,
    MemoryBudgetExceeded,
    PackageBlocked,
    PackageDamaged,
    PackageFailedToLoad,
    RuntimeMissing,
    UnsupportedPackage,
)
from backends.host.transport.client import HostReply
from backends.package_reference import PackageReference
from inference_app.services import hosts, inference, materialising
from negotiation import NegotiationRequest
from packages_app.errors import BlobDamaged
from packages_app.services import blobs, intake
from packages_app.services.push import push_directory
from registry.services.audit import Actor
from tests.inference_app.conftest import DEMO, break_network

LOAD_FAILURES = (
    PackageFailedToLoad, UnsupportedPackage, RuntimeMissing, DeviceUnavailable, PackageDamaged, MemoryBudgetExceeded,
)  # fmt: skip


class Host:
    """In place of the host: fails for the packages that it is told of, and remembers what it was asked to run."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails: dict[str, BackendError] = {}

    def infer(self, reference: PackageReference, *arguments: Any, **options: Any) -> HostReply:
        self.asked.append(reference.package_id)
        if reference.package_id in self.fails:
            raise self.fails[reference.package_id]
        return HostReply(results=["a prediction"], timings={})


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, cpu_box: Any) -> Any:
    host = Host()
    monkeypatch.setattr(hosts, "client", lambda: host)
    inference.forget()
    yield host
    inference.forget()


@pytest.fixture
def first(package: Any) -> Any:
    return package


@pytest.fixture
def second(model: Any, make_package: Callable[..., Any]) -> Any:
    """Ranks below the first: it takes one image at a time."""
    return make_package(model, dynamic_batch_size=False, static_batch_size=1)


def run(model: Any, **options: Any) -> Any:
    return inference.infer(model, [b"an image"], **options).package


@pytest.mark.parametrize("failure", LOAD_FAILURES)
def test_the_next_is_used_and_the_first_is_not_tried_by_every_request(
    host: Host, model: Any, first: Any, second: Any, failure: type[BackendError]
) -> None:
    host.fails[first.package_id] = failure("It cannot be loaded.")
    assert [run(model) for _ in range(3)] == [second] * 3
    assert host.asked == [first.package_id, *[second.package_id] * 3]


def test_after_a_while_the_first_is_tried_again(
    host: Host, model: Any, first: Any, second: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "FAILURE_LIFETIME_SECONDS", 0.0)
    host.fails[first.package_id] = PackageFailedToLoad("It cannot be loaded.")
    assert run(model) == second
    host.fails.clear()
    assert run(model) == first


def test_a_package_that_the_host_refuses_is_used_again_as_soon_as_it_does_not(
    host: Host, model: Any, first: Any, second: Any
) -> None:
    host.fails[first.package_id] = PackageBlocked("The package is set aside.")
    assert run(model) == second
    host.fails.clear()
    assert run(model) == first


def test_a_package_whose_stored_bytes_are_damaged_makes_way_too(
    host: Host, model: Any, first: Any, make_package: Callable[..., Any]
) -> None:
    second = make_package(model, files={"weights.onnx": b"other bytes"}, dynamic_batch_size=False, static_batch_size=1)
    path = blobs.local_path(first.files.get(handle="weights.onnx").blob)
    assert path is not None
    path.write_bytes(b"something else")
    assert run(model) == second
    assert host.asked == [second.package_id]
    with pytest.raises(BlobDamaged):
        run(model, request=NegotiationRequest(model_package_id=first.package_id))


def test_where_none_can_be_loaded_the_first_failure_is_told(host: Host, model: Any, first: Any, second: Any) -> None:
    host.fails[first.package_id] = PackageFailedToLoad("The first cannot be loaded.")
    host.fails[second.package_id] = PackageFailedToLoad("The second cannot be loaded.")
    with pytest.raises(PackageFailedToLoad, match="The first"):
        run(model)


def test_the_only_package_is_tried_by_every_request(host: Host, model: Any, first: Any) -> None:
    host.fails[first.package_id] = PackageFailedToLoad("It cannot be loaded.")
    for _ in range(2):
        with pytest.raises(PackageFailedToLoad):
            run(model)
    host.fails.clear()
    assert run(model) == first


@pytest.mark.parametrize("failure", [HostDied, HostBusy, DeadlineExceeded, BadImage])
def test_what_is_no_fault_of_the_package_is_told_at_once(
    host: Host, model: Any, first: Any, second: Any, failure: type[BackendError]
) -> None:
    host.fails[first.package_id] = failure("Not now.")
    with pytest.raises(failure):
        run(model)
    host.fails.clear()
    assert run(model) == first
    assert host.asked == [first.package_id] * 2


# With a real host


@pytest.mark.django_db
@pytest.mark.usefixtures("model_host")
def test_a_network_that_no_runtime_can_run_makes_way_once(
    push_demo: Callable[..., Any], image: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = push_demo("onnx-static")
    directory = tmp_path / "package"
    shutil.copytree(DEMO / "packages" / "onnx-dynamic", directory)
    break_network(directory / "weights.onnx")
    broken = push_directory(
        directory,
        model_id=good.model.model_id,
        workspace=good.model.workspace,
        actor=Actor(name="test"),
        trusted=True,
        publish=True,
    )
    tried: list[str] = []
    reference = inference.reference

    def noted(package: Any) -> PackageReference:
        tried.append(package.package_id)
        return reference(package)

    monkeypatch.setattr(inference, "reference", noted)
    for _ in range(3):
        assert inference.infer(good.model, [image]).package == good
    assert tried == [broken.package_id, *[good.package_id] * 3]


@pytest.mark.django_db
@pytest.mark.usefixtures("model_host")
def test_a_package_whose_files_were_damaged_on_this_disk_mends_itself(
    push_demo: Callable[..., Any], image: bytes
) -> None:
    package = push_demo()
    weights = inference.reference(package).directory / "weights.onnx"
    hosts.client().unload(package.package_id)
    # Another file in its place: the blob store may share the old one's bytes.
    weights.unlink()
    weights.write_bytes(b"damaged")
    assert inference.infer(package.model, [image]).package == package


def weights_of(package: Any) -> Path:
    path = blobs.local_path(package.files.get(handle="weights.onnx").blob)
    assert path is not None
    return path


def zero_half(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 4)
        file.write(bytes(size // 2))


@pytest.mark.django_db
@pytest.mark.usefixtures("model_host")
@pytest.mark.parametrize("loaded", [True, False])
def test_stored_weights_that_rot_never_answer_and_answer_again_once_they_are_restored(
    push_demo: Callable[..., Any], image: bytes, loaded: bool
) -> None:
    package = push_demo()
    # The cache's copy shall be the very file.
    materialising.forget_blob(package.files.get(handle="weights.onnx").blob_id)
    before = inference.infer(package.model, [image]).reply.results
    path = weights_of(package)
    whole = path.read_bytes()
    if not loaded:
        hosts.client().unload(package.package_id)
    zero_half(path)
    for _ in range(2):
        with pytest.raises(BlobDamaged):
            inference.infer(package.model, [image])
    # As the documentation says: from a backup, then a verification.
    path.unlink()
    path.write_bytes(whole)
    call_command("gc", "--verify", stdout=io.StringIO())
    assert inference.infer(package.model, [image]).reply.results == before


@pytest.mark.django_db
@pytest.mark.usefixtures("model_host")
def test_the_same_bytes_pushed_anew_heal_weights_that_rot(push_demo: Callable[..., Any], image: bytes) -> None:
    package = push_demo()
    before = inference.infer(package.model, [image]).reply.results
    path = weights_of(package)
    whole = path.read_bytes()
    zero_half(path)
    with pytest.raises(CommandError):
        call_command("gc", "--verify", stdout=io.StringIO())
    with pytest.raises(BlobDamaged):
        inference.infer(package.model, [image])
    intake.receive([whole])
    call_command("gc", "--verify", stdout=io.StringIO())
    assert inference.infer(package.model, [image]).reply.results == before
