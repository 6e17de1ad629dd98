"""Queries that every request makes, with their SQL written once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


class Lookup(Generic[Row]):
    """The first row of a query that is always the same but for some values.

    Django writes the SQL of a query anew each time, which takes several times as long as the database takes to answer
    one that uses an index. Here it is written at the first use. Rows are read at every use, so none is ever stale.

    ``query`` takes the values by name and must use each as it is, in an exact comparison; ``names`` are their types.
    """

    def __init__(self, query: Callable[..., QuerySet[Row]], **names: type[str] | type[int]) -> None:
        self._query = query
        # Values that no query has on its own account.
        self._placeholders: dict[str, str | int] = {
            name: f"value of {name}" if kind is str else -(10**15) - number
            for number, (name, kind) in enumerate(names.items())
        }
        self._written: tuple[type[Row], str, tuple[object, ...]] | None = None

    def first(self, **values: str | int) -> Row | None:
        """The first row for these values, or None."""
        model, sql, parameters = self._written or self._write()
        by_placeholder = {self._placeholders[name]: value for name, value in values.items()}
        rows = model._default_manager.raw(sql, [by_placeholder.get(parameter, parameter) for parameter in parameters])
        return next(iter(rows), None)

    def _write(self) -> tuple[type[Row], str, tuple[object, ...]]:
        query = self._query(**self._placeholders)[:1]
        sql, parameters = query.query.sql_with_params()
        missing = [name for name, value in self._placeholders.items() if value not in parameters]
        if missing:
            raise ValueError(f"The query does not use {', '.join(missing)} as it is.")
        self._written = (query.model, sql, tuple(parameters))
        return self._written
