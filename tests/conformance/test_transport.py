"""Connections that break, servers that stumble, and addresses that are too old."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.conformance.clients import ClientWorker
from tests.conformance.house import House
from tests.conformance.recording_proxy import Fault, RecordingProxy

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]

MODEL = "demo/shapes"
METADATA = "/models/v1/external/weights"
MEBIBYTE = 1024 * 1024


def files_kept(home: Path) -> list[Path]:
    """What the client left of downloads: files that a later load would take for whole ones."""
    return [path for path in home.glob("shared-blobs/*") if path.is_file() and path.suffix != ".lock"]


def test_a_connection_cut_in_mid_file_is_recovered_from(
    proxy: RecordingProxy, client: ClientWorker, home: Path
) -> None:
    proxy.spoil(Fault("weights.onnx", cut_after=100_000))

    load = client.load(MODEL, address=proxy.address, home=home)

    assert not load.error, load.message
    cut, whole = proxy.requests("weights.onnx")
    assert cut.sent == 100_000
    assert whole.sent > cut.sent


def test_a_connection_cut_in_the_middle_of_a_range_is_recovered_from(
    house: House,
    proxy: RecordingProxy,
    client: ClientWorker,
    home: Path,
    demo_package: Path,
    model_id: str,
    tmp_path: Path,
) -> None:
    directory = Path(shutil.copytree(demo_package, tmp_path / "package"))
    (directory / "large.bin").write_bytes(os.urandom(33 * MEBIBYTE))
    house.push(directory, model_id)
    proxy.spoil(Fault("large.bin", cut_after=5 * MEBIBYTE))

    load = client.load(model_id, address=proxy.address, home=home)

    assert not load.error, load.message
    assert {each.status for each in proxy.requests("large.bin")} == {206}
    (stored,) = home.glob("models-cache/*/*/large.bin")
    assert stored.read_bytes() == (directory / "large.bin").read_bytes()


@pytest.mark.parametrize("path", [METADATA, "weights.onnx"])
def test_an_answer_of_503_is_tried_again(path: str, proxy: RecordingProxy, client: ClientWorker, home: Path) -> None:
    proxy.spoil(Fault(path, status=503))

    load = client.load(MODEL, address=proxy.address, home=home)

    assert not load.error, load.message
    assert [each.status for each in proxy.requests(path)] == [503, 200]


def test_a_server_that_stays_unavailable_is_given_up_after_three_tries(
    proxy: RecordingProxy, client: ClientWorker, home: Path
) -> None:
    proxy.spoil(Fault(METADATA, status=503, times=100))

    load = client.load(MODEL, address=proxy.address, home=home)

    assert load.error == "RetryError"
    assert len(proxy.requests(METADATA)) == 3


def test_expired_addresses_fail_at_once_and_leave_nothing_behind(
    house: House, proxy: RecordingProxy, client: ClientWorker, home: Path, demo_package: Path, model_id: str
) -> None:
    house.push(demo_package, model_id)
    proxy.spoil(Fault(METADATA, status=200, body=house.expired_metadata(model_id, proxy.host)))

    load = client.load(model_id, address=proxy.address, home=home)

    assert load.error == "ModelPackageAlternativesExhaustedError"
    attempts = proxy.requests("/files/")
    assert {each.status for each in attempts} == {403}
    # The client knows 403 for final: no file is asked for twice.
    assert len(attempts) == len({each.path for each in attempts})
    assert files_kept(home) == []


def test_a_load_after_expired_addresses_succeeds_in_the_same_cache(
    house: House, proxy: RecordingProxy, client: ClientWorker, home: Path
) -> None:
    proxy.spoil(Fault(METADATA, status=200, body=house.expired_metadata(MODEL, proxy.host)))
    failed = client.load(MODEL, address=proxy.address, home=home)

    load = client.load(MODEL, address=proxy.address, home=home)

    assert failed.error
    assert not load.error, load.message


def test_a_changed_address_opens_nothing(house: House) -> None:
    address = house.metadata(MODEL)["modelPackages"][0]["packageFiles"][0]["downloadUrl"]

    assert house.status_of(address) == 200
    assert house.status_of(address[:-1] + ("A" if address[-1] != "A" else "B")) == 403
