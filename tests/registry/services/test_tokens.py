from __future__ import annotations

import hmac
import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from registry.errors import InsufficientScope, InvalidToken, TokenExpired, TokenRevoked
from registry.models import AccessToken, AuditEvent, Scope
from registry.services.audit import Actor
from registry.services.tokens import ANONYMOUS, check_token, create_token, revoke_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def created(alpha: Any) -> tuple[AccessToken, str]:
    return create_token(alpha, "camera", ["read", "infer"], actor=Actor(name="curator"))


def test_a_token_is_shown_once_and_only_a_keyed_hash_is_kept(created: tuple[AccessToken, str], settings: Any) -> None:
    token, raw = created
    assert re.fullmatch(r"wb_[0-9a-z]{10}_[A-Za-z0-9_-]{43}", raw)
    secret = raw.split("_", 2)[2]
    row = AccessToken.objects.values().get()
    assert secret not in str(row)
    assert token.prefix == raw.split("_", 2)[1]


def test_a_token_identifies_its_workspace_and_scopes(created: tuple[AccessToken, str], alpha: Any) -> None:
    identity = check_token(created[1])
    assert identity.workspace_id == alpha.pk
    assert identity.has("read")
    assert identity.has("infer")
    assert not identity.has("publish")
    with pytest.raises(InsufficientScope, match="publish"):
        identity.require("publish")


def test_nobody_has_no_scope() -> None:
    assert not any(ANONYMOUS.has(scope) for scope in Scope.values)
    assert ANONYMOUS.workspace_id is None


def test_creation_is_audited_without_the_secret(created: tuple[AccessToken, str]) -> None:
    event = AuditEvent.objects.get(action="token.created")
    assert (event.actor, event.details) == ("curator", {"scopes": ["infer", "read"]})
    assert created[1].split("_", 2)[2] not in f"{event.subject} {event.details}"


@pytest.mark.parametrize("scopes", [[], ["everything"], ["read", "everything"]])
def test_it_rejects_scopes_that_there_are_not(alpha: Any, scopes: list[str]) -> None:
    with pytest.raises(ValueError):
        create_token(alpha, "camera", scopes)
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: "",
        lambda raw: raw[:-1],
        lambda raw: raw + "x",
        lambda raw: raw.upper(),
        lambda raw: raw[3:],
        lambda raw: f" {raw}",
        lambda raw: raw.rpartition("_")[0] + "_",
        lambda raw: raw[:13],
        lambda raw: raw + "\x00",
        lambda raw: "wb_0123456789_" + raw[14:],
        lambda raw: raw[:14] + "x" * 10_000,
        lambda raw: raw[:14] + "\u00e9" * 43,
    ],
)
def test_it_rejects_a_wrong_token(created: tuple[AccessToken, str], change: Any) -> None:
    with pytest.raises(InvalidToken):
        check_token(change(created[1]))


def test_digests_are_compared_in_constant_time(created: tuple[AccessToken, str], monkeypatch: Any) -> None:
    compared: list[Any] = []
    monkeypatch.setattr(hmac, "compare_digest", lambda *pair: compared.append(pair) or False)
    with pytest.raises(InvalidToken):
        check_token(created[1])
    assert compared == [(created[0].digest, created[0].digest)]


def test_nothing_is_compared_when_no_token_has_the_prefix(created: tuple[AccessToken, str], monkeypatch: Any) -> None:
    compared: list[Any] = []
    monkeypatch.setattr(hmac, "compare_digest", lambda *pair: compared.append(pair) or True)
    with pytest.raises(InvalidToken):
        check_token("wb_0123456789_" + created[1].split("_", 2)[2])
    assert compared == []


def test_an_expired_token_is_refused(alpha: Any) -> None:
    now = timezone.now()
    check_token(create_token(alpha, "camera", ["read"], expires_at=now + timedelta(minutes=1))[1])
    with pytest.raises(TokenExpired):
        check_token(create_token(alpha, "camera", ["read"], expires_at=now - timedelta(minutes=1))[1])


def test_a_revoked_token_is_refused_at_once(created: tuple[AccessToken, str]) -> None:
    revoke_token(created[0])
    assert created[0].revoked_at is not None
    with pytest.raises(TokenRevoked):
        check_token(created[1])


def test_revoking_twice_keeps_the_first_time(created: tuple[AccessToken, str]) -> None:
    revoke_token(created[0])
    first = created[0].revoked_at
    revoke_token(created[0])
    assert created[0].revoked_at == first
    assert AuditEvent.objects.filter(action="token.revoked").count() == 1


@pytest.mark.parametrize("state", ["expired", "revoked"])
def test_that_a_token_is_expired_or_revoked_is_told_only_to_its_owner(
    created: tuple[AccessToken, str], state: str
) -> None:
    past = timezone.now() - timedelta(minutes=1)
    AccessToken.objects.update(**{f"{'expires' if state == 'expired' else 'revoked'}_at": past})
    with pytest.raises(InvalidToken):
        check_token(created[1][:-1])


def test_tokens_outlive_a_change_of_the_secret_key_while_it_is_a_fallback(
    created: tuple[AccessToken, str], settings: Any
) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of enough characters, surely"
    check_token(created[1])
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidToken):
        check_token(created[1])


def test_use_is_noted_at_most_once_a_minute(created: tuple[AccessToken, str], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        check_token(created[1])
    first = AccessToken.objects.get().last_used_at
    assert first is not None
    with django_assert_num_queries(1):
        check_token(created[1])
    AccessToken.objects.update(last_used_at=first - timedelta(minutes=2))
    check_token(created[1])
    assert AccessToken.objects.get().last_used_at >= first
