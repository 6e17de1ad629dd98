"""What a person sees as a link, that person may open."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from packages_app.services import publishing
from registry.models import ModelAlias
from registry.services import audit

_LINK = re.compile(r"""<a\b[^>]*\bhref=["']([^"'#]*)""")
MAX_PAGES = 200


@pytest.fixture
def everything(alpha: Any, model: Any, make_package: Any, make_token: Any, make_model: Any, beta: Any) -> None:
    """A row of each table, and packages in each state."""
    ModelAlias.objects.create(model=model, alias="latest")
    make_package(model)
    for state in ("draft", "ready"):
        make_package(model, state=state, trusted=False)
    publishing.withdraw(make_package(model, quantization="unknown"))
    publishing.quarantine(make_package(model, state="draft"), "Not what it seems.")
    make_model("public/1", workspace=beta, is_public=True)
    make_token(alpha, "read")
    audit.record("thing.done", "subject", workspace=alpha)


def pages_of(client: Client, start: str = "/admin/") -> dict[str, tuple[int, str]]:
    """Status and first referrer of every page that links lead to, from ``start`` on; each with one query only."""
    found: dict[str, tuple[int, str]] = {}
    queue = [(start, "")]
    while queue and len(found) < MAX_PAGES:
        address, referrer = queue.pop(0)
        path = urlsplit(address).path
        if path in found:
            continue
        response = client.get(address, follow=True)
        found[path] = (response.status_code, referrer)
        if response.status_code != 200 or not response.headers["Content-Type"].startswith("text/html"):
            continue
        for link in _LINK.findall(response.content.decode()):
            target = urljoin(address, unescape(link))
            if target.startswith("/") and not urlsplit(target).path.startswith("/admin/logout"):
                queue.append((target, address))
    return found


@pytest.mark.timeout(300)
@pytest.mark.parametrize("person", ["viewer", "curator", "admin_of_alpha", "superuser"])
def test_every_link_that_a_person_sees_answers_them(
    person: str, everything: None, request: pytest.FixtureRequest
) -> None:
    pages = pages_of(request.getfixturevalue(person))
    assert any(address.startswith("/admin/packages_app/package/") for address in pages)
    assert {address: seen for address, seen in pages.items() if seen[0] != 200} == {}
