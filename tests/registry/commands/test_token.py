"""`manage.py token`."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from registry.errors import TokenRevoked
from registry.models import AccessToken, Workspace
from registry.services.tokens import check_token

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("token", *arguments, stdout=out)
    return out.getvalue().strip()


def test_it_prints_a_token_that_works() -> None:
    raw = run("create", "--workspace", "factory", "--create-workspace", "--scopes", "read,infer")
    identity = check_token(raw)
    assert identity.token is not None
    assert identity.token.scopes == {"read", "infer"}


def test_it_sets_an_expiry() -> None:
    run("create", "--workspace", "factory", "--create-workspace", "--expires-in-days", "3")
    assert AccessToken.objects.get().expires_at is not None


@pytest.mark.parametrize("arguments", [("--scopes", "fly"), ("--scopes", ""), ("--expires-in-days", "0")])
def test_it_refuses_what_makes_no_token(arguments: tuple[str, str]) -> None:
    with pytest.raises(CommandError):
        run("create", "--workspace", "factory", "--create-workspace", *arguments)
    assert not AccessToken.objects.exists()


def test_the_list_holds_no_secret() -> None:
    raw = run("create", "--workspace", "factory", "--create-workspace")
    listing = run("list")
    assert AccessToken.objects.get().prefix in listing
    assert raw.split("_", 2)[-1] not in listing


def test_it_revokes() -> None:
    raw = run("create", "--workspace", "factory", "--create-workspace")
    run("revoke", AccessToken.objects.get().prefix)
    with pytest.raises(TokenRevoked):
        check_token(raw)


def test_it_says_that_there_is_no_such_token() -> None:
    with pytest.raises(CommandError):
        run("revoke", "nothing")


@pytest.mark.parametrize("slug", ["", "two words", "a" * 61])
def test_it_refuses_what_is_no_slug(slug: str) -> None:
    with pytest.raises(CommandError):
        run("create", "--workspace", slug, "--create-workspace")
    assert not Workspace.objects.exists()


def test_a_refused_token_leaves_no_workspace_behind() -> None:
    with pytest.raises(CommandError):
        run("create", "--workspace", "factory", "--create-workspace", "--scopes", "fly")
    assert not Workspace.objects.exists()


def test_a_mistyped_workspace_is_not_made_and_those_there_are_come_closest_first() -> None:
    for slug in ("alpha", "factory"):
        Workspace.objects.create(slug=slug, name=slug)
    with pytest.raises(CommandError, match=r"no workspace factry; there are: factory, alpha.*--create-workspace"):
        run("create", "--workspace", "factry")
    assert not AccessToken.objects.exists()


def test_a_list_of_a_mistyped_workspace_is_no_empty_list() -> None:
    Workspace.objects.create(slug="factory", name="factory")
    with pytest.raises(CommandError, match="no workspace factry; there are: factory"):
        run("list", "--workspace", "factry")


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "made"), [("y\n", True), ("n\n", False), ("", False)])
def test_at_a_terminal_it_asks_before_it_makes_a_workspace(
    monkeypatch: pytest.MonkeyPatch, answer: str, made: bool
) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    monkeypatch.setattr("sys.stderr", screen)
    if made:
        run("create", "--workspace", "factory")
    else:
        with pytest.raises(CommandError):
            run("create", "--workspace", "factory")
    assert "There is no workspace factory yet. Make it? [y/N]" in screen.getvalue()
    assert Workspace.objects.exists() == made


def test_it_says_of_scopes_that_they_open_nothing_yet() -> None:
    out, errors = StringIO(), StringIO()
    arguments = ("create", "--workspace", "factory", "--create-workspace", "--scopes", "read,publish,trust")
    call_command("token", *arguments, stdout=out, stderr=errors)
    assert check_token(out.getvalue().strip()).has("publish")
    lines = errors.getvalue().splitlines()
    assert [line.partition(":")[0] for line in lines] == ["publish", "trust"]
    assert all("Opens nothing yet" in line for line in lines)
