"""Rules that the database itself keeps, on SQLite and PostgreSQL alike.

Constraints cannot speak of the old row or of other tables; triggers can. They are installed after each
`migrate` rather than by a migration, because SQLite rebuilds a table to change it and loses its triggers; and they
are dropped before migrations are applied, because one that names the table ends the rebuilding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True)
class Dialect:
    """How a vendor spells what SQL leaves open."""

    vendor: str

    def differs(self, column: str) -> str:
        """The old and the new value differ, NULL being a value."""
        apart = "IS NOT" if self.vendor == "sqlite" else "IS DISTINCT FROM"
        return f"OLD.{column} {apart} NEW.{column}"

    def any_differs(self, columns: Iterable[str]) -> str:
        return "(" + " OR ".join(self.differs(column) for column in columns) + ")"

    def member(self, document: str, key: str) -> str:
        """A member of a JSON object as text; NULL where it is missing or null."""
        if self.vendor == "sqlite":
            return f"CAST(json_extract({document}, '$.{key}') AS TEXT)"
        return f"({document} ->> '{key}')"


@dataclass(frozen=True)
class Trigger:
    """Refuse ``event`` on a row of ``table`` when ``condition`` holds.

    ``event`` is INSERT, UPDATE or DELETE. ``condition`` is SQL over OLD and NEW, made by calling it with the vendor's
    dialect.
    A refused statement raises django.db.IntegrityError with ``message``.

    ``contended``: for a condition over other rows, SQL for a text over NEW. PostgreSQL shows a transaction no row that
    another is just writing, so those with the same text wait for each other. SQLite has one writer at a time anyhow.
    """

    name: str
    table: str
    event: str
    condition: Callable[[Dialect], str]
    message: str
    contended: str | None = None

    def statements(self, vendor: str) -> list[str]:
        """The SQL that installs the trigger, replacing an earlier one of the same name."""
        message = self.message.replace("'", "''")
        condition = self.condition(Dialect(vendor))
        if vendor == "sqlite":
            return [
                f"DROP TRIGGER IF EXISTS {self.name}",
                f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} FOR EACH ROW "
                f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END",
            ]
        row = "OLD" if self.event == "DELETE" else "NEW"
        wait = f"PERFORM pg_advisory_xact_lock(hashtext({self.contended})); " if self.contended else ""
        return [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN {wait}"
            f"IF {condition} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END IF; "
            f"RETURN {row}; END $body$",
            f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}",
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}()",
        ]


REGISTRY_TRIGGERS = [
    Trigger(
        name="audit_event_never_changes",
        table="registry_auditevent",
        event="UPDATE",
        condition=lambda sql: "1 = 1",
        message="Audit events cannot be changed.",
    ),
    Trigger(
        name="audit_event_never_goes",
        table="registry_auditevent",
        event="DELETE",
        condition=lambda sql: "1 = 1",
        message="Audit events cannot be deleted.",
    ),
    *(
        Trigger(
            name=f"alias_is_no_model_id_on_{event.lower()}",
            table="registry_modelalias",
            event=event,
            condition=lambda sql: "EXISTS (SELECT 1 FROM registry_model WHERE model_id = NEW.alias)",
            message="A model has this id.",
            contended="NEW.alias",
        )
        for event in ("INSERT", "UPDATE")
    ),
    *(
        Trigger(
            name=f"model_id_is_no_alias_on_{event.lower()}",
            table="registry_model",
            event=event,
            condition=lambda sql: "EXISTS (SELECT 1 FROM registry_modelalias WHERE alias = NEW.model_id)",
            message="A model has this id as an alias.",
            contended="NEW.model_id",
        )
        for event in ("INSERT", "UPDATE")
    ),
    *(
        Trigger(
            name=f"dependency_one_level_deep_on_{event.lower()}",
            table="registry_modeldependency",
            event=event,
            condition=lambda sql: (
                "EXISTS (SELECT 1 FROM registry_modeldependency WHERE model_id = NEW.depends_on_id) "
                "OR EXISTS (SELECT 1 FROM registry_modeldependency WHERE depends_on_id = NEW.model_id)"
            ),
            message="Dependencies are one level deep.",
            contended="'registry_modeldependency'",
        )
        for event in ("INSERT", "UPDATE")
    ),
]

_installed: list[Trigger] = list(REGISTRY_TRIGGERS)


def add_triggers(triggers: Iterable[Trigger]) -> None:
    """Called by apps above this one, from their `ready`, to have their triggers installed as well."""
    known = {trigger.name for trigger in _installed}
    _installed.extend(trigger for trigger in triggers if trigger.name not in known)


def install_triggers(sender: AppConfig | None = None, using: str = DEFAULT_DB_ALIAS, **_: object) -> None:
    """Install every trigger whose tables exist; called after `migrate`."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for trigger in _installed:
            if trigger.table in tables and _speaks_of_existing_tables(trigger, tables):
                for statement in trigger.statements(connection.vendor):
                    cursor.execute(statement)


def drop_before_migrations(plan: Sequence[object], using: str = DEFAULT_DB_ALIAS, **_: object) -> None:
    """Called before `migrate`. If a migration fails they stay away until the next `migrate`; a check tells so."""
    if plan:
        drop_triggers(using)


def missing_triggers(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of triggers that the database does not have; a system check tells the operator."""
    present = {name for name, _ in _present(connection)}
    return [trigger.name for trigger in _installed if trigger.name not in present]


def drop_triggers(using: str = DEFAULT_DB_ALIAS) -> None:
    """Remove all triggers, those of earlier revisions too; `install_triggers` brings back those of this one."""
    connection = connections[using]
    on_table = "" if connection.vendor == "sqlite" else " ON {table}"
    with connection.cursor() as cursor:
        for name, table in _present(connection):
            cursor.execute(f"DROP TRIGGER {name}{on_table.format(table=table)}")


def _present(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """Name and table of each of our triggers, this revision's or an earlier one's, that the database has."""
    # On PostgreSQL an operator may have triggers too; ours call functions of their own names.
    query = (
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
        "JOIN pg_proc ON pg_proc.oid = tgfoid WHERE proname = tgname AND pg_table_is_visible(tgrelid)"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [(name, table) for name, table in cursor.fetchall() if table.startswith(_APP_PREFIXES)]


def _speaks_of_existing_tables(trigger: Trigger, tables: set[str]) -> bool:
    condition = trigger.condition(Dialect("sqlite"))
    words = condition.replace("(", " ").replace(")", " ").split()
    return {word for word in words if word.startswith(_APP_PREFIXES)} <= tables


_APP_PREFIXES = ("registry_", "packages_app_", "inference_app_")
