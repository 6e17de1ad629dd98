from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from registry.admin.token import TokenForm
from registry.models import AccessToken, AuditEvent
from registry.services.tokens import create_token
from tests.admin_personas import messages_of

ADD = "/admin/registry/accesstoken/add/"
LIST = "/admin/registry/accesstoken/"


def create(client: Client, workspace: Any, **fields: str) -> Any:
    return client.post(ADD, {"workspace": workspace.pk, "name": "robot", "can_read": "on", **fields})


def whole_token_on(response: Any) -> str:
    return re.search(r'id="whole-token"[^>]*>(wb_[^<]+)<', response.content.decode())[1]


def test_it_shows_the_whole_token_once_and_never_again(superuser: Client, alpha: Any) -> None:
    response = create(superuser, alpha, can_infer="on")
    whole = whole_token_on(response)
    token = AccessToken.objects.get()
    assert token.scopes == {"read", "infer"}
    assert "no-store" in response.headers["Cache-Control"]
    secret = whole.split("_", 2)[2]
    for address in (LIST, f"{LIST}{token.pk}/change/", f"{LIST}{token.pk}/history/"):
        assert secret not in superuser.get(address).content.decode()


def test_the_token_that_it_shows_opens_the_workspace(superuser: Client, package: Any, alpha: Any, ask: Any) -> None:
    assert ask("shapes/1", whole_token_on(create(superuser, alpha))).status_code == 200


def test_it_keeps_no_copy_of_the_secret_in_the_session_or_the_trail(superuser: Client, alpha: Any) -> None:
    secret = whole_token_on(create(superuser, alpha)).split("_", 2)[2]
    assert secret not in str(dict(superuser.session))
    assert secret not in str(list(AuditEvent.objects.values()))


def test_it_records_the_creation_once(superuser: Client, alpha: Any) -> None:
    create(superuser, alpha)
    event = AuditEvent.objects.get(action="token.created")
    assert (event.actor, event.workspace_id) == ("root", alpha.pk)


def test_it_refuses_a_token_without_a_scope(superuser: Client, alpha: Any) -> None:
    response = superuser.post(ADD, {"workspace": alpha.pk, "name": "robot"})
    assert "A token needs at least one scope." in response.content.decode()
    assert not AccessToken.objects.exists()


def test_a_token_needs_no_read_scope(superuser: Client, alpha: Any) -> None:
    superuser.post(ADD, {"workspace": alpha.pk, "name": "robot", "can_infer": "on"})
    assert AccessToken.objects.get().scopes == {"infer"}


def test_it_refuses_an_expiry_in_the_past(superuser: Client, alpha: Any) -> None:
    response = create(superuser, alpha, expires_at_0="2020-01-01", expires_at_1="00:00:00")
    assert "This moment has passed already." in response.content.decode()
    assert not AccessToken.objects.exists()


def test_only_the_name_of_a_token_can_be_changed(superuser: Client, alpha: Any) -> None:
    token, _ = create_token(alpha, "robot", ["read"])
    forged = {"name": "renamed", "digest": "0" * 64, "can_admin": "on", "prefix": "0" * 10}
    superuser.post(f"{LIST}{token.pk}/change/", forged)
    changed = AccessToken.objects.get()
    assert (changed.name, changed.digest, changed.scopes) == ("renamed", token.digest, {"read"})


def test_revoking_asks_first_and_is_a_post(superuser: Client, alpha: Any, ask: Any, package: Any) -> None:
    token, whole = create_token(alpha, "robot", ["read"])
    page = superuser.get(f"{LIST}{token.pk}/revoke/")
    assert "Revoke robot?" in page.content.decode()
    assert ask("shapes/1", whole).status_code == 200
    superuser.post(f"{LIST}{token.pk}/revoke/", {"confirm": "1"})
    assert ask("shapes/1", whole).status_code == 401
    assert AuditEvent.objects.filter(action="token.revoked", actor="root").count() == 1


def test_several_tokens_can_be_revoked_from_the_list(superuser: Client, alpha: Any) -> None:
    tokens = [create_token(alpha, f"robot {number}", ["read"])[0].pk for number in range(3)]
    response = superuser.post(LIST, {"action": "revoke_selected", "_selected_action": tokens[:2]}, follow=True)
    assert messages_of(response) == ["Revoked: 2."]
    assert AccessToken.objects.filter(revoked_at=None).count() == 1


def test_the_admin_of_a_workspace_makes_tokens_for_it(admin_of_alpha: Client, alpha: Any) -> None:
    assert create(admin_of_alpha, alpha).status_code == 200
    assert AccessToken.objects.get().created_by == admin_of_alpha.person


def test_the_admin_of_one_workspace_makes_no_token_for_another(admin_of_alpha: Client, beta: Any) -> None:
    assert "Select a valid choice" in create(admin_of_alpha, beta).content.decode()
    assert not AccessToken.objects.exists()


def test_a_stranger_does_not_see_or_revoke_a_token(stranger: Client, alpha: Any) -> None:
    token, _ = create_token(alpha, "secret-robot", ["read"])
    assert "secret-robot" not in stranger.get(LIST).content.decode()
    stranger.post(f"{LIST}{token.pk}/revoke/", {"confirm": "1"})
    stranger.post(LIST, {"action": "revoke_selected", "_selected_action": [token.pk]})
    assert AccessToken.objects.get().revoked_at is None


@pytest.mark.parametrize("role", ["viewer", "curator"])
def test_viewers_and_curators_have_nothing_to_do_with_tokens(log_in: Any, alpha: Any, role: str) -> None:
    client = log_in(role, (alpha, role))
    assert client.get(LIST).status_code == 403
    assert create(client, alpha).status_code == 403


def test_the_list_takes_a_fixed_number_of_queries(superuser: Client, alpha: Any, count_queries: Any) -> None:
    create_token(alpha, "first", ["read"])
    few = count_queries(superuser, LIST)
    for number in range(20):
        create_token(alpha, f"robot {number}", ["read", "infer"])
    assert count_queries(superuser, LIST) == few


def test_the_form_says_of_scopes_that_they_open_nothing_yet() -> None:
    fields = TokenForm().fields
    silent = [name for name, field in fields.items() if "Opens nothing yet" not in str(field.help_text)]
    assert {"can_read", "can_infer", "can_admin"} <= set(silent)
    assert not {"can_publish", "can_trust"} & set(silent)
