"""One version, which everything that tells it reads from pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from config.version import read_version

PROJECT = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]


def test_it_is_that_of_the_project() -> None:
    assert read_version(settings.BASE_DIR) == settings.VERSION == PROJECT["version"]


def test_a_project_without_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "weighbridge"\n')
    with pytest.raises(LookupError):
        read_version(tmp_path)


def test_the_api_tells_it() -> None:
    schema = Client().get("/api/schema", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert schema.json()["info"]["version"] == settings.VERSION


@pytest.mark.parametrize("address", ["/info", "/v2"])
def test_the_dialects_tell_it(address: str) -> None:
    assert Client().get(address).json()["version"] == settings.VERSION


def test_the_image_is_labelled_with_it() -> None:
    dockerfile = (settings.BASE_DIR / "docker" / "Dockerfile").read_text()
    assert re.findall(r"image\.version=(\S+)", dockerfile) == [settings.VERSION]


def test_the_changelog_begins_with_it() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (settings.BASE_DIR / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert next(heading for heading in headings if heading != "Unreleased") == settings.VERSION
