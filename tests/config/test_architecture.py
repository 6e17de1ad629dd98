"""The drawing of the rooms in docs/architecture.md has the arrows that the code has."""

from __future__ import annotations

import re
import tomllib
from functools import cache

import grimp
from django.conf import settings

TEXT = (settings.BASE_DIR / "docs" / "architecture.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
ROOMS = PROJECT["tool"]["importlinter"]["root_packages"]
# What puts the rooms together, and is imported by nobody.
ENTRANCE = "config.asgi"


@cache
def arrows() -> set[tuple[str, str]]:
    """Which room imports which."""
    graph = grimp.build_graph(*ROOMS, cache_dir=None)
    imports = {
        (importer.partition(".")[0], imported.partition(".")[0])
        for importer in graph.modules
        if importer != ENTRANCE
        for imported in graph.find_modules_directly_imported_by(importer)
    }
    return {(importer, imported) for importer, imported in imports if importer != imported}


def test_every_arrow_is_drawn_and_no_other() -> None:
    drawing = re.findall(r"```mermaid\n(.*?)```", TEXT, re.DOTALL)[0]
    assert set(re.findall(r"^ +(\w+) --> (\w+)$", drawing, re.MULTILINE)) == arrows()


def test_no_arrow_leads_back() -> None:
    left = set(arrows())
    while left:
        lowest = {imported for _, imported in left} - {importer for importer, _ in left}
        assert lowest, f"There is a circle among {sorted(left)}."
        left = {(importer, imported) for importer, imported in left if imported not in lowest}


def test_nobody_imports_the_entrance() -> None:
    graph = grimp.build_graph(*ROOMS, cache_dir=None)
    assert graph.find_modules_that_directly_import(ENTRANCE) == set()


def test_every_room_has_a_row() -> None:
    assert set(ROOMS) <= set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE))


def test_files_that_are_named_exist() -> None:
    rooms = "|".join(ROOMS)
    named = set(re.findall(rf"`((?:{rooms}|static|templates|bench|docs)/[\w/.-]+)`", TEXT))
    assert named
    assert [path for path in named if not (settings.BASE_DIR / path).exists()] == []
