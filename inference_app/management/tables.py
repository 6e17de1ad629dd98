"""Tables that commands print: fitted to the terminal, whole where the output goes into a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH_OF_FILES = 160


def console(stream: Any) -> Console:
    """A console on a command's ``self.stdout``; markup in what people typed is not obeyed."""
    target: TextIO = getattr(stream, "_out", stream)
    is_terminal = target is sys.stdout and target.isatty()
    return Console(file=target, markup=False, highlight=False, width=None if is_terminal else WIDTH_OF_FILES)


def facts_table(facts: Iterable[tuple[str, Any]]) -> Table:
    """Names and values, one a line; those without a value are left out."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts:
        if value not in (None, "", [], {}):
            table.add_row(name, plain(value))
    return table


def rows_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """A table with a header; cells fold rather than lose their end."""
    table = Table(title=plain(title), title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(plain(value) for value in row))
    return table


def plain(value: Any) -> Text:
    """The value as text that cannot steer a terminal."""
    match value:
        case None:
            text = ""
        case bool():
            text = "yes" if value else "no"
        case str():
            text = value
        case list() | tuple() if all(isinstance(item, str) for item in value):
            text = ", ".join(value)
        case dict() | list() | tuple():
            text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        case _:
            text = str(value)
    return Text("".join(character if character.isprintable() or character == "\n" else "�" for character in text))


def write_json(stream: Any, document: Any) -> None:
    stream.write(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def readable_bytes(count: int) -> str:
    """``1536`` is ``1.5 KiB``."""
    size = float(count)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    raise AssertionError("unreachable")
