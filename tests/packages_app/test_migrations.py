"""A database of the first revision, filled by its services, becomes one of today and loses nothing.

`tests/data/databases/first.*.sql` are dumps of it, one for each engine, triggers included: workspaces, models with
aliases and a dependency, published packages of several backends, a withdrawn one, drafts, and the audit trail.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from packages_app.models import Package, PackageFile, State
from packages_app.services.client_rules import content_id
from packages_app.services.completeness import effective_parameters
from registry.models import AuditEvent, ModelAlias
from registry.triggers import missing_triggers

DUMPS = Path(__file__).parent.parent / "data" / "databases"
ALIAS = "first"
PUBLISHED = {"333dcf765bdae68d085e37afb60ecfbb", "3b1bca7e0fafdb79b9e38ef52867fc54", "ea0fbb02d10ca8622e903699dafbbb06"}
WITHDRAWN = {"3fe2e612fde6982b487c874174d9003e"}


@pytest.fixture
def database(tmp_path: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[BaseDatabaseWrapper]:
    """A database of the first revision, beside that of the tests, on the same engine."""
    with django_db_blocker.unblock():
        yield from _database(tmp_path)


def _database(tmp_path: Path) -> Iterator[BaseDatabaseWrapper]:
    settings = dict(connections[connection.alias].settings_dict)
    on_sqlite = connection.vendor == "sqlite"
    name = str(tmp_path / "first.db") if on_sqlite else f"{settings['NAME']}_first"
    if not on_sqlite:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}"')
    connections.databases[ALIAS] = {**settings, "NAME": name}
    database = connections[ALIAS]
    try:
        _fill(database)
        yield database
    finally:
        database.close()
        del connections[ALIAS]
        del connections.databases[ALIAS]
        if not on_sqlite:
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}"')


def _fill(database: BaseDatabaseWrapper) -> None:
    dump = (DUMPS / f"first.{database.vendor}.sql").read_text(encoding="utf-8")
    if database.vendor == "sqlite":
        # Not through Django, which has foreign keys checked from the first row on.
        with closing(sqlite3.connect(database.settings_dict["NAME"])) as file:
            file.executescript(dump)
        return
    with database.cursor() as cursor:
        cursor.execute(dump)
    # The dump sets what holds for this connection only.
    database.close()


def _migrate(*target: str) -> None:
    call_command("migrate", *target, database=ALIAS, verbosity=0, interactive=False)


def _sql(database: BaseDatabaseWrapper, statement: str) -> Any:
    with database.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def _ids(state: State) -> set[str]:
    return set(Package.objects.using(ALIAS).filter(state=state).values_list("package_id", flat=True))


def test_packages_keep_their_ids_and_states(database: BaseDatabaseWrapper) -> None:
    _migrate()
    assert _ids(State.PUBLISHED) == PUBLISHED
    assert _ids(State.WITHDRAWN) == WITHDRAWN
    assert Package.objects.using(ALIAS).filter(package_id="").count() == 3


def test_the_ids_are_those_that_the_same_content_gets_today(database: BaseDatabaseWrapper) -> None:
    _migrate()
    published = list(Package.objects.using(ALIAS).filter(state=State.PUBLISHED).select_related("model"))
    for package in published:
        files = list(package.files.select_related("blob"))
        assert content_id(package, files, effective_parameters(package)) == package.package_id
    assert len(published) == len(PUBLISHED)


def test_files_aliases_and_the_audit_trail_stay(database: BaseDatabaseWrapper) -> None:
    kept = {PackageFile: "handle", ModelAlias: "alias", AuditEvent: "action"}
    tables = [(model, model._meta.db_table, column) for model, column in kept.items()]
    before = {model: set(_sql(database, f"SELECT id, {column} FROM {table}")) for model, table, column in tables}
    _migrate()
    after = {model: set(model.objects.using(ALIAS).values_list("id", column)) for model, column in kept.items()}
    assert all(before[model] and before[model] <= after[model] for model in kept)


def test_what_was_ready_by_the_rules_of_then_is_a_draft_again_and_the_trail_says_why(
    database: BaseDatabaseWrapper,
) -> None:
    ((ready,),) = _sql(database, "SELECT id FROM packages_app_package WHERE state = 'ready'")
    _migrate()
    package = Package.objects.using(ALIAS).get(pk=ready)
    assert (package.state, package.inspection, package.trusted) == (State.DRAFT, {}, True)
    event = AuditEvent.objects.using(ALIAS).get(action="package.reopened")
    assert event.subject == str(package)
    assert event.workspace_id == package.model.workspace_id


def test_of_old_packages_the_ir_version_is_not_known(database: BaseDatabaseWrapper) -> None:
    _migrate()
    assert set(Package.objects.using(ALIAS).values_list("ir_version", flat=True)) == {None}


def test_all_triggers_are_there_afterwards(database: BaseDatabaseWrapper) -> None:
    _migrate()
    assert missing_triggers(database) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE packages_app_package SET opset = 18 WHERE state = 'published'",
        "UPDATE packages_app_package SET ir_version = 8 WHERE state = 'published'",
        "UPDATE packages_app_package SET ir_version = 8 WHERE state = 'withdrawn'",
        "DELETE FROM packages_app_packagefile",
        "UPDATE packages_app_blob SET size = 1",
        "DELETE FROM registry_auditevent",
        "UPDATE registry_modelalias SET alias = 'parts'",
    ],
)
def test_what_could_not_change_still_cannot(database: BaseDatabaseWrapper, statement: str) -> None:
    _migrate()
    with pytest.raises(IntegrityError):
        _sql(database, statement)


def test_drafts_can_still_be_changed(database: BaseDatabaseWrapper) -> None:
    _migrate()
    drafts = Package.objects.using(ALIAS).filter(state=State.DRAFT)
    assert drafts.update(ir_version=8) == 2


def test_the_way_back_and_forth_keeps_everything(database: BaseDatabaseWrapper) -> None:
    """A column that a trigger names cannot be dropped on SQLite: the triggers are away by then."""
    _migrate()
    _migrate("packages_app", "0001")
    _migrate()
    assert _ids(State.PUBLISHED) == PUBLISHED
    assert missing_triggers(database) == []


def test_triggers_of_an_earlier_revision_go(database: BaseDatabaseWrapper) -> None:
    """One that is called otherwise today would end a migration of its table, and keep an old rule alive."""
    if database.vendor == "sqlite":
        create = "CREATE TRIGGER retired BEFORE UPDATE ON packages_app_package BEGIN SELECT 1; END"
    else:
        create = (
            "CREATE FUNCTION retired() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; "
            "CREATE TRIGGER retired BEFORE UPDATE ON packages_app_package FOR EACH ROW EXECUTE FUNCTION retired()"
        )
    _sql(database, create)
    _migrate()
    table, column = ("sqlite_master", "name") if database.vendor == "sqlite" else ("pg_trigger", "tgname")
    assert _sql(database, f"SELECT * FROM {table} WHERE {column} = 'retired'") == []


def test_after_a_migration_that_failed_the_next_one_brings_the_triggers_back(database: BaseDatabaseWrapper) -> None:
    _sql(database, "ALTER TABLE packages_app_package ADD COLUMN ir_version integer")
    with pytest.raises(DatabaseError):
        _migrate()
    database.close()
    assert "package_frozen" in missing_triggers(database)
    _sql(database, "ALTER TABLE packages_app_package DROP COLUMN ir_version")
    _migrate()
    assert missing_triggers(database) == []
