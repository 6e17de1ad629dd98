"""The modules of the host are few, and know few of each other."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

# Part of import-linter, which is not in the environments of the clients.
grimp = pytest.importorskip("grimp")

HOST = "backends.host"
MOST_ARROWS = 40
MOST_IN_A_ROOM = 7


@pytest.fixture(scope="module")
def graph() -> Any:
    return grimp.build_graph("backends", cache_dir=None)


def modules(graph: Any) -> set[str]:
    return {HOST, *graph.find_descendants(HOST)}


def test_there_are_few_arrows_between_them(graph: Any) -> None:
    inside = modules(graph)
    arrows = [
        f"{importer} -> {imported}"
        for importer in sorted(inside)
        for imported in sorted(graph.find_modules_directly_imported_by(importer) & inside)
    ]
    assert len(arrows) <= MOST_ARROWS, "\n".join(arrows)


def test_no_room_is_crowded(graph: Any) -> None:
    rooms = Counter(module.rpartition(".")[0] for module in modules(graph) if not graph.find_children(module))
    assert max(rooms.values()) <= MOST_IN_A_ROOM
    assert {room for room in rooms if room != "backends"} == {
        HOST, f"{HOST}.transport", f"{HOST}.models", f"{HOST}.scheduling", f"{HOST}.process",
    }  # fmt: skip
