"""Wrong passwords make whoever sends them wait, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory

from registry.services import login_attempts
from registry.services.login_attempts import FREE_ATTEMPTS, client_address

pytestmark = pytest.mark.django_db
PASSWORD = "the right one"


@pytest.fixture(autouse=True)
def administrator(django_user_model: Any) -> Iterator[None]:
    cache.clear()
    django_user_model.objects.create_superuser("anna", password=PASSWORD)
    django_user_model.objects.create_superuser("berta", password=PASSWORD)
    yield
    cache.clear()


def log_in(client: Client, password: str, *, account: str = "anna", address: str = "192.0.2.1") -> Any:
    form = {"username": account, "password": password}
    return client.post("/admin/login/", form, REMOTE_ADDR=address)


def use_up(address: str = "192.0.2.1", client: Client | None = None) -> None:
    for _ in range(FREE_ATTEMPTS):
        assert "Too many wrong" not in log_in(client or Client(), "wrong", address=address).content.decode()


def test_after_some_wrong_passwords_even_the_right_one_waits() -> None:
    use_up()
    response = log_in(Client(), PASSWORD)
    assert response.status_code == 200
    assert "Too many wrong passwords. Try again in" in response.content.decode()


def test_the_wait_ends_and_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("time.time", lambda: clock[0])
    use_up()
    waits = []
    for _ in range(12):
        with pytest.raises(login_attempts.MustWait) as caught:
            login_attempts.Attempt(request(), "anna").begin()
        waits.append(caught.value.seconds)
        clock[0] += caught.value.seconds + 0.001
        login_attempts.Attempt(request(), "anna").begin()
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    clock[0] += 301
    assert log_in(Client(), PASSWORD).status_code == 302


def test_others_do_not_wait() -> None:
    use_up()
    assert log_in(Client(), PASSWORD, address="192.0.2.2").status_code == 302
    assert log_in(Client(), PASSWORD, account="berta").status_code == 302


def test_a_browser_that_has_logged_in_does_not_wait_for_its_neighbours() -> None:
    browser = Client()
    assert log_in(browser, PASSWORD).status_code == 302
    cookie = browser.cookies[login_attempts.KNOWN_BROWSER_COOKIE]
    assert (cookie["httponly"], cookie["path"]) == (True, "/admin")
    use_up()
    assert log_in(Client(), PASSWORD).status_code == 200
    assert log_in(browser, PASSWORD).status_code == 302
    # Known as anna, it is a stranger to the account of berta.
    for _ in range(FREE_ATTEMPTS):
        log_in(browser, "wrong", account="berta")
    assert log_in(Client(), PASSWORD, account="berta").status_code == 200


def test_the_right_password_forgets_the_wrong_ones() -> None:
    for _ in range(3):
        for _ in range(FREE_ATTEMPTS - 1):
            log_in(Client(), "wrong")
        assert log_in(Client(), PASSWORD).status_code == 302


def test_guesses_across_accounts_count_for_their_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_attempts, "FREE_ATTEMPTS_OF_ADDRESS", 10)
    for number in range(10):
        log_in(Client(), "wrong", account=f"account-{number}")
    assert "Too many wrong" in log_in(Client(), "wrong", account="another").content.decode()
    assert log_in(Client(), PASSWORD, address="192.0.2.2").status_code == 302


@pytest.mark.parametrize(
    ("header", "sent", "remote", "address"),
    [
        ("", "198.51.100.7", "192.0.2.1", "192.0.2.1"),
        ("X-Real-IP", "198.51.100.7", "192.0.2.1", "198.51.100.7"),
        ("X-Real-IP", "", "192.0.2.1", "192.0.2.1"),
        ("X-Real-IP", "2001:db8:1:2:3:4:5:6", "192.0.2.1", "2001:db8:1:2::/64"),
        ("X-Real-IP", "nonsense", "192.0.2.1", "unknown"),
    ],
)
def test_the_address_is_the_proxy_s_word_only_where_it_is_believed(
    settings: Any, header: str, sent: str, remote: str, address: str
) -> None:
    settings.CLIENT_ADDRESS_HEADER = header
    assert client_address(request(REMOTE_ADDR=remote, HTTP_X_REAL_IP=sent)) == address


def request(**environment: str) -> Any:
    return RequestFactory().get("/admin/login/", **{"REMOTE_ADDR": "192.0.2.1", **environment})
