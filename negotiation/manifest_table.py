"""The part of the documentation that is read from the manifests: ``python -m negotiation.manifest_table FILE.md``.

It replaces what stands between the two marks in the file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from negotiation.manifests import BACKENDS
from negotiation.manifests.asked import Asked

BEGIN, END = "<!-- from the manifests: begin -->", "<!-- from the manifests: end -->"


def tables() -> str:
    """The backends, and the fields of their manifests, in Markdown."""
    return "\n".join([*_backends(), "", _batch_sentence(), "", *_fields()])


def with_tables(text: str) -> str:
    """A document with what stands between the marks made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


def _backends() -> Iterator[str]:
    yield "| backend | name | on the wire | the network's file, as a rule | this server runs it with |"
    yield "| --- | --- | --- | --- | --- |"
    for backend, manifest in BACKENDS.items():
        library = manifest.library.title if manifest.library else "-"
        files = " or ".join(f"`{name}`" for name in manifest.files) or "-"
        yield f"| `{backend}` | {manifest.title} | `{manifest.wire_type}` | {files} | {library} |"


def _batch_sentence() -> str:
    without = [f"`{backend}`" for backend, manifest in BACKENDS.items() if not manifest.has_batch]
    return f"Every backend but {_listed(without)} needs either `dynamic_batch_size: true` or a `static_batch_size`."


def _fields() -> Iterator[str]:
    yield "| field | backend | meaning |"
    yield "| --- | --- | --- |"
    for backend, manifest in BACKENDS.items():
        for meaning, alike in groupby(manifest.asked.values(), key=_meaning):
            names = ", ".join(f"`{one.name}`" for one in alike)
            yield f"| {names} | `{backend}` | {meaning} |"


def _meaning(one: Asked) -> str:
    choices = f" (one of {_listed([f'`{name}`' for name in one.choices])})" if one.choices else ""
    return f"{one.meaning}{choices}"


def _listed(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(with_tables(file.read_text(encoding="utf-8")), encoding="utf-8")
