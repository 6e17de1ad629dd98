"""Every way in which a client sends its key, and what it makes of our refusals."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.conformance.clients import ClientWorker
from tests.conformance.house import House
from tests.conformance.recording_proxy import RecordingProxy

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]

PUBLIC_MODEL = "demo/shapes"
METADATA = "/models/v1/external/weights"


@pytest.fixture(scope="module")
def private_model(house: House, demo_package: Path) -> str:
    """A model of the workspace `conformance` that needs a token of that workspace."""
    house.push(demo_package, "conformance/private", public=False)
    return "conformance/private"


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return house.token()


def test_a_public_model_loads_without_a_key(proxy: RecordingProxy, client: ClientWorker, home: Path) -> None:
    load = client.load(PUBLIC_MODEL, address=proxy.address, home=home)

    assert not load.error, load.message
    assert all("Authorization" not in each.headers for each in proxy.exchanges)


def test_a_private_model_loads_with_a_bearer_key(
    proxy: RecordingProxy, client: ClientWorker, home: Path, private_model: str, token: str
) -> None:
    load = client.load(private_model, address=proxy.address, home=home, key=token)

    assert not load.error, load.message
    assert [each.headers["Authorization"] for each in proxy.requests(METADATA)] == [f"Bearer {token}"]


def test_a_private_model_loads_with_a_key_given_in_the_call(
    house: House, client: ClientWorker, home: Path, private_model: str, token: str
) -> None:
    load = client.load(private_model, address=house.address, home=home, api_key=token)

    assert not load.error, load.message


def test_a_private_model_loads_with_a_key_in_the_query_as_old_clients_send_it(
    proxy: RecordingProxy, exp_client: ClientWorker, home: Path, private_model: str, token: str
) -> None:
    load = exp_client.load(private_model, address=proxy.address, home=home, key=token)

    assert not load.error, load.message
    (request,) = proxy.requests(METADATA)
    assert request.query["api_key"] == [token]
    assert "Authorization" not in request.headers


@pytest.mark.parametrize("key", [None, "replaced-by-what-netrc-says"])
def test_a_private_model_loads_with_the_key_as_password_in_netrc(
    key: str | None,
    proxy: RecordingProxy,
    client: ClientWorker,
    home: Path,
    private_model: str,
    token: str,
    tmp_path: Path,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login anybody password {token}\n")
    netrc.chmod(0o600)

    load = client.load(private_model, address=proxy.address, home=home, key=key, environment={"NETRC": str(netrc)})

    assert not load.error, load.message
    basic = "Basic " + base64.b64encode(f"anybody:{token}".encode()).decode()
    assert [each.headers["Authorization"] for each in proxy.requests(METADATA)] == [basic]


def test_a_wrong_key_is_unauthorised_even_for_a_public_model(
    proxy: RecordingProxy, client: ClientWorker, home: Path
) -> None:
    load = client.load(PUBLIC_MODEL, address=proxy.address, home=home, key="wb_wrong")

    assert load.error == "UnauthorizedModelAccessError"
    assert [each.status for each in proxy.requests(METADATA)] == [401]


def test_a_wrong_key_of_an_old_client_is_unauthorised(house: House, exp_client: ClientWorker, home: Path) -> None:
    load = exp_client.load(PUBLIC_MODEL, address=house.address, home=home, key="wb_wrong")

    assert load.error == "UnauthorizedModelAccessError"


def test_a_revoked_key_is_unauthorised(house: House, client: ClientWorker, home: Path, private_model: str) -> None:
    revoked = house.token()
    house.revoke(revoked)

    load = client.load(private_model, address=house.address, home=home, key=revoked)

    assert load.error == "UnauthorizedModelAccessError"


def test_a_key_that_may_not_read_is_forbidden(
    house: House, client: ClientWorker, home: Path, private_model: str
) -> None:
    load = client.load(private_model, address=house.address, home=home, key=house.token(scopes="infer"))

    assert load.error == "ForbiddenModelAccessError"


def test_a_private_model_without_a_key_is_unauthorised(
    house: House, client: ClientWorker, home: Path, private_model: str
) -> None:
    load = client.load(private_model, address=house.address, home=home)

    assert load.error == "UnauthorizedModelAccessError"


def test_a_private_model_of_another_workspace_is_not_found(
    house: House, client: ClientWorker, home: Path, private_model: str
) -> None:
    load = client.load(private_model, address=house.address, home=home, key=house.token(workspace="others"))

    assert load.error == "ModelNotFoundError"


def test_an_unknown_model_is_not_found(proxy: RecordingProxy, client: ClientWorker, home: Path, token: str) -> None:
    load = client.load("conformance/nothing", address=proxy.address, home=home, key=token)

    assert load.error == "ModelNotFoundError"
    assert [each.status for each in proxy.requests(METADATA)] == [404]


def test_a_model_with_nothing_but_a_draft_tells_the_user_so(
    house: House,
    proxy: RecordingProxy,
    client: ClientWorker,
    home: Path,
    demo_package: Path,
    model_id: str,
) -> None:
    house.push(demo_package, model_id, publish=False)

    load = client.load(model_id, address=proxy.address, home=home)

    assert load.error == "ModelRetrievalError"
    assert [each.status for each in proxy.requests(METADATA)] == [409]
    # The client prints the body of this status: the user reads our sentence and the page that explains it.
    assert "published" in load.message
    assert "/help/errors/" in load.message


def test_addresses_that_a_revoked_key_got_open_nothing(
    house: House, proxy: RecordingProxy, client: ClientWorker, home: Path, private_model: str
) -> None:
    key = house.token()
    addresses = [
        each["downloadUrl"].replace(house.address, proxy.address)
        for package in house.metadata(private_model, key)["modelPackages"]
        for each in package["packageFiles"]
    ]
    house.revoke(key)

    assert addresses
    for address in addresses:
        assert house.status_of(address) == 403


def test_no_key_and_no_signature_reaches_the_log(
    house: House, client: ClientWorker, exp_client: ClientWorker, tmp_path: Path, private_model: str, token: str
) -> None:
    client.load(private_model, address=house.address, home=tmp_path / "new", key=token)
    exp_client.load(private_model, address=house.address, home=tmp_path / "old", key=token)
    exp_client.load(private_model, address=house.address, home=tmp_path / "wrong", key="wb_wrong-secret")

    log = house.log.read_text()
    secret = token.split("_", 2)[-1]
    assert secret not in log
    assert "wrong-secret" not in log
    assert "signature=" not in log
