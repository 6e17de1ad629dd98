"""Queries that every request makes, with their SQL written once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class _Written(Generic[Row]):
    """``converters`` are (column, functions, expression): what turns the database's value into the field's."""

    model: type[Row]
    sql: str
    parameters: Sequence[str | int]
    names: Sequence[str]
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]


class _WrittenOnce(Generic[Row]):
    """A query that is always the same but for some values.

    Django writes the SQL of a query anew each time. Here it is written at the first use. That saves 1.3 ms of processor
    time an inference, which is 7 % of one with a YOLOv8n and two thirds of what this process does for it
    (bench/request_path.py, two cores, 2026-12-01). Rows are read at every use, so none is ever stale.
    """

    _most_rows: int | None = None

    def __init__(self, query: Callable[..., QuerySet[Row, Any]], **names: type[str] | type[int]) -> None:
        """``query`` takes the values by name and must use each as it is, in an exact comparison; ``names`` are their
        types.
        """
        self._query = query
        # Values that no query has on its own account.
        self._placeholders: dict[str, str | int] = {
            name: f"value of {name}" if kind is str else -(10**15) - number
            for number, (name, kind) in enumerate(names.items())
        }
        self._kept: _Written[Row] | None = None

    @property
    def _written(self) -> _Written[Row]:
        if self._kept is None:
            self._kept = self._write()
        return self._kept

    def _rows(self, values: Mapping[str, str | int]) -> list[list[Any]]:
        written = self._written
        by_placeholder = {self._placeholders[name]: value for name, value in values.items()}
        with connection.cursor() as cursor:
            cursor.execute(written.sql, [by_placeholder.get(value, value) for value in written.parameters])
            rows = [list(row) for row in cursor.fetchall()]
        for column, functions, expression in written.converters:
            for row in rows:
                for convert in functions:
                    row[column] = convert(row[column], expression, connection)
        return rows

    def _write(self) -> _Written[Row]:
        rows = self._query(**self._placeholders)[: self._most_rows]
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        missing = [name for name, value in self._placeholders.items() if value not in parameters]
        if missing:
            raise ValueError(f"The query does not use {', '.join(missing)} as it is.")
        columns = [expression for expression, _, _ in compiler.select]
        converters = compiler.get_converters(columns)
        return _Written(
            model=rows.model,
            sql=sql,
            parameters=tuple(parameters),
            names=[column.target.attname for column in columns],
            converters=[(column, functions, expression) for column, (functions, expression) in converters.items()],
        )


class Lookup(_WrittenOnce[Row]):
    """The first row of a query."""

    _most_rows = 1

    def first(self, **values: str | int) -> Row | None:
        """The first row for these values, or None."""
        rows = self._rows(values)
        return self._written.model.from_db(DEFAULT_DB_ALIAS, self._written.names, rows[0]) if rows else None


class ValuesLookup(_WrittenOnce[Row]):
    """The values of all rows, of a query that ends in ``values_list`` of fields."""

    def all(self, **values: str | int) -> list[tuple[Any, ...]]:
        """One tuple a row for these values."""
        return [tuple(row) for row in self._rows(values)]
