"""The documentation of settings keeps up with the settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

SOURCE = (settings.BASE_DIR / "config" / "settings.py").read_text()
VARIABLES = sorted(set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', SOURCE)))
DOCUMENT = (settings.BASE_DIR / "docs" / "settings.md").read_text()


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_setting_is_described(variable: str) -> None:
    assert f"`{variable}`" in DOCUMENT


def test_no_setting_is_described_that_does_not_exist() -> None:
    described = set(re.findall(r"`([A-Z0-9]+(?:_[A-Z0-9]+)+|DEBUG)`", DOCUMENT))
    assert described - {"NAME_FILE"} <= set(VARIABLES)


@pytest.mark.parametrize("page", ["README.md", *[f"docs/{name}.md" for name in ("architecture", "settings", "api")]])
def test_links_between_pages_lead_somewhere(page: str) -> None:
    path = Path(settings.BASE_DIR) / page
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_pages_that_errors_mention_exist() -> None:
    from registry.errors import explanations

    mentioned = {page for entry in explanations().values() for page in re.findall(r"docs/[a-z_-]+\.md", entry.advice)}
    assert mentioned
    assert [page for page in mentioned if not (settings.BASE_DIR / page).exists()] == []
