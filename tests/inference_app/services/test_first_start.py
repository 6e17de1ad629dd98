"""The first start, and those that go on where one was killed."""

from __future__ import annotations

import stat
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from inference_app.services import first_credentials, first_start
from packages_app.models import Package, State
from packages_app.services import drafting
from registry.errors import TokenRevoked
from registry.services.tokens import check_token

pytestmark = pytest.mark.django_db


def published() -> int:
    return Package.objects.filter(model__model_id=first_start.DEMO_MODEL_ID, state=State.PUBLISHED).count()


def test_what_a_killed_start_left_of_the_demo_is_removed_and_the_rest_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    real = first_start.audit.record

    def killed_before_the_end(action: str, *rest: Any, **details: Any) -> Any:
        if action == "demo.published":
            raise Killed
        return real(action, *rest, **details)

    with monkeypatch.context() as patch:
        patch.setattr(first_start, "DEMO_PACKAGES", first_start.DEMO_PACKAGES[:1])
        patch.setattr(first_start.audit, "record", killed_before_the_end)
        with pytest.raises(Killed):
            first_start.publish_demo()
    model = Package.objects.get(state=State.PUBLISHED).model
    drafting.create_draft(model, "onnx", actor=first_start.ACTOR)
    first_start.make_credentials()
    first_start.publish_demo()
    assert published() == Package.objects.count() == len(first_start.DEMO_PACKAGES)
    first_start.publish_demo()
    assert Package.objects.count() == len(first_start.DEMO_PACKAGES)


def test_a_demo_that_fails_keeps_nothing_from_starting_and_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, server_log: Any
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(first_start, "DEMO_PACKAGES", ("there-is-no-such-package",))
        first_start.publish_demo()
    assert "the demo model was not published" in server_log.getvalue()
    assert not first_start.demo_is_published()
    assert first_start.make_credentials() is not None
    assert first_start._demo_is_due()


def test_an_installation_that_has_people_gets_no_demo() -> None:
    get_user_model().objects.create_user("somebody")
    first_start.publish_demo()
    assert Package.objects.count() == 0


def test_credentials_are_made_anew_until_somebody_logs_in(client: Client) -> None:
    first, second = first_start.make_credentials(), first_start.make_credentials()
    assert first is not None
    assert second is not None
    assert not client.login(username=first.admin_name, password=first.admin_password)
    with pytest.raises(TokenRevoked):
        check_token(first.token)
    assert not first_start.somebody_has_logged_in()
    assert client.login(username=second.admin_name, password=second.admin_password)
    assert first_start.somebody_has_logged_in()
    assert first_start.make_credentials() is None


def test_credentials_whose_token_was_used_stay() -> None:
    made = first_start.make_credentials()
    assert made is not None
    check_token(made.token)
    assert first_start.make_credentials() is None


@pytest.mark.parametrize("name", ["admin", "somebody"])
def test_an_administrator_whom_somebody_else_made_keeps_the_password(name: str) -> None:
    get_user_model().objects.create_superuser(name, password="a password of their own")
    assert first_start.make_credentials() is None
    assert get_user_model().objects.get().check_password("a password of their own")


def test_the_file_is_closed_and_goes_with_the_first_login(client: Client) -> None:
    made = first_start.make_credentials()
    assert made is not None
    path = first_credentials.write(made)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert made.admin_password in path.read_text()
    assert client.login(username=made.admin_name, password=made.admin_password)
    assert list(path.parent.glob("first-credentials*")) == []
