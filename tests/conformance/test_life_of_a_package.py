"""What clients see of publication, withdrawal and publication anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.clients import ClientWorker
from tests.conformance.house import House

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]

# The client trusts what it found out about a model for a day; with this it asks at every load.
ALWAYS_ASK = {"AUTO_LOADER_CACHE_EXPIRATION_MINUTES": "0"}


def test_a_withdrawn_package_is_refused_to_a_client_that_has_not_got_it(
    house: House, client: ClientWorker, tmp_path: Path, demo_package: Path, model_id: str
) -> None:
    package = house.push(demo_package, model_id)
    before = client.load(model_id, address=house.address, home=tmp_path / "before")
    house.withdraw(package)

    after = client.load(model_id, address=house.address, home=tmp_path / "after")

    assert before.package_id == package.package_id, before.message
    assert "ModelRetrievalError" in after.error_bases


def test_a_withdrawn_package_is_refused_to_a_client_that_asks_again(
    house: House, client: ClientWorker, home: Path, demo_package: Path, model_id: str
) -> None:
    package = house.push(demo_package, model_id)
    client.load(model_id, address=house.address, home=home, environment=ALWAYS_ASK)
    house.withdraw(package)

    after = client.load(model_id, address=house.address, home=home, environment=ALWAYS_ASK)

    assert "ModelRetrievalError" in after.error_bases


def test_addresses_of_a_withdrawn_package_open_nothing(
    house: House, demo_package: Path, model_id: str, tmp_path: Path
) -> None:
    directory = tmp_path / "package"
    directory.mkdir()
    for path in demo_package.iterdir():
        (directory / path.name).write_bytes(path.read_bytes())
    # Only this package has this file: others that share a blob keep it reachable.
    (directory / "own.txt").write_text(model_id)
    package = house.push(directory, model_id)
    (announced,) = house.metadata(model_id)["modelPackages"]
    (address,) = [each["downloadUrl"] for each in announced["packageFiles"] if each["fileHandle"] == "own.txt"]
    before = house.status_of(address)

    house.withdraw(package)

    assert before == 200
    assert house.status_of(address) == 403


@pytest.mark.parametrize(
    "changed",
    [{"recommended_parameters": {"confidence": 0.6}}, {"model_features": {}}],
    ids=["recommended-parameters", "model-features"],
)
def test_a_package_published_anew_under_a_changed_field_has_a_new_id_and_is_taken(
    changed: dict[str, object],
    house: House,
    client: ClientWorker,
    home: Path,
    demo_package: Path,
    model_id: str,
    tmp_path: Path,
) -> None:
    old = house.push(demo_package, model_id)
    before = client.load(model_id, address=house.address, home=home, environment=ALWAYS_ASK)
    house.withdraw(old)
    new = house.push(demo_package, model_id, manifest=changed, scratch=tmp_path)

    after = client.load(model_id, address=house.address, home=home, environment=ALWAYS_ASK)

    assert before.package_id == old.package_id, before.message
    assert new.package_id != old.package_id
    assert after.package_id == new.package_id, after.message


def test_a_package_published_anew_with_changed_files_has_a_new_id_and_is_taken(
    house: House, client: ClientWorker, home: Path, demo_package: Path, model_id: str, tmp_path: Path
) -> None:
    old = house.push(demo_package, model_id)
    before = client.load(model_id, address=house.address, home=home, environment=ALWAYS_ASK)
    directory = tmp_path / "package"
    directory.mkdir()
    for path in demo_package.iterdir():
        (directory / path.name).write_bytes(path.read_bytes())
    (directory / "class_names.txt").write_text("ring\nbox\nwedge\nspark\n")
    house.withdraw(old)
    new = house.push(directory, model_id)

    after = client.load(model_id, address=house.address, home=home, environment=ALWAYS_ASK)

    assert not before.error, before.message
    assert after.package_id == new.package_id != old.package_id, after.message


def test_the_same_package_published_again_has_the_same_id_and_is_taken(
    house: House, client: ClientWorker, home: Path, demo_package: Path, model_id: str
) -> None:
    first = house.push(demo_package, model_id)
    client.load(model_id, address=house.address, home=home, environment=ALWAYS_ASK)
    house.withdraw(first)
    again = house.push(demo_package, model_id)

    after = client.load(model_id, address=house.address, home=home, environment=ALWAYS_ASK)

    assert again.package_id == first.package_id
    assert after.package_id == first.package_id, after.message


def test_a_package_keeps_its_id_and_is_taken_when_its_model_changes(
    house: House, client: ClientWorker, home: Path, demo_package: Path, model_id: str
) -> None:
    package = house.push(demo_package, model_id)
    before = client.load(model_id, address=house.address, home=home, environment=ALWAYS_ASK)

    house.change_model(model_id, recommended_parameters={"confidence": 0.7}, variant="another")
    after = client.load(model_id, address=house.address, home=home, environment=ALWAYS_ASK)

    assert after == before
    assert after.package_id == package.package_id, after.message


def test_an_untrusted_package_is_loaded_only_by_a_client_that_was_told_to(
    house: House, client: ClientWorker, tmp_path: Path, demo_package: Path, model_id: str
) -> None:
    house.push(demo_package, model_id, trust=False)

    careful = client.load(model_id, address=house.address, home=tmp_path / "careful")
    daring = client.load(model_id, address=house.address, home=tmp_path / "daring", allow_untrusted_packages=True)

    assert careful.error == "NoModelPackagesAvailableError"
    assert not daring.error, daring.message
