"""Who uses the admin in tests: one person for each role in alpha, one of beta, one superuser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

# A name that runs code in every page that forgets to escape it.
HOSTILE = '"><img src=x onerror=alert(1)>'


@pytest.fixture
def log_in(db: None) -> Callable[..., Any]:
    """Make a person and return a browser in which they are logged in: `log_in("ann", (alpha, "curator"))`."""
    from django.contrib.auth.models import User
    from django.test import Client

    from registry.models import Membership

    def make(name: str, *memberships: tuple[Any, str], superuser: bool = False, **options: Any) -> Any:
        user = User.objects.create_user(name, is_staff=True, is_superuser=superuser)
        for workspace, role in memberships:
            Membership.objects.create(workspace=workspace, user=user, role=role)
        client = Client(**options)
        client.force_login(user)
        client.person = user
        return client

    return make


@pytest.fixture
def superuser(log_in: Callable[..., Any]) -> Any:
    return log_in("root", superuser=True)


@pytest.fixture
def viewer(log_in: Callable[..., Any], alpha: Any) -> Any:
    return log_in("viewer", (alpha, "viewer"))


@pytest.fixture
def curator(log_in: Callable[..., Any], alpha: Any) -> Any:
    return log_in("curator", (alpha, "curator"))


@pytest.fixture
def admin_of_alpha(log_in: Callable[..., Any], alpha: Any) -> Any:
    return log_in("alpha-admin", (alpha, "admin"))


@pytest.fixture
def stranger(log_in: Callable[..., Any], beta: Any) -> Any:
    """An admin, of another workspace."""
    return log_in("stranger", (beta, "admin"))


@pytest.fixture
def count_queries() -> Callable[[Any, str], int]:
    """How many queries a page takes: `count_queries(client, address)`."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(client: Any, address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    return count


def messages_of(response: Any) -> list[str]:
    """What the person is told on the page that they end up on; follow redirects to get there."""
    return [str(message) for message in response.context["messages"]]


def answer_to(client: Any, address: str) -> dict[str, str]:
    """What the button of the page at ``address`` sends: it stands for what the page was about."""
    found = re.search(r'name="confirm" value="([0-9a-f]+)"', client.get(address).content.decode())
    assert found is not None
    return {"confirm": found[1]}
