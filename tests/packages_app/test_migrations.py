"""A database of an earlier revision, filled by its services, becomes one of today and loses nothing.

`tests/data/databases` has dumps, one for each engine, triggers included. `first` is of the first revision: workspaces,
models with aliases and a dependency, published packages of several backends, a withdrawn one, drafts, and the audit
trail. `release` is of revision 9117ef1 and `columns` of the last that had a column for each field of a manifest: both
have drafts, ready, published and withdrawn packages of every backend, with every field filled in.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from negotiation.manifests import BACKENDS
from packages_app.models import Package, PackageFile, State
from packages_app.services.client_rules import content_id, entry_problems
from packages_app.services.completeness import effective_parameters
from packages_app.services.wire import manifest
from registry.models import AuditEvent, ModelAlias
from registry.triggers import missing_triggers

DUMPS = Path(__file__).parent.parent / "data" / "databases"
ALIAS = "earlier"
PUBLISHED = {"333dcf765bdae68d085e37afb60ecfbb", "3b1bca7e0fafdb79b9e38ef52867fc54", "ea0fbb02d10ca8622e903699dafbbb06"}
WITHDRAWN = {"3fe2e612fde6982b487c874174d9003e"}


@pytest.fixture
def database(tmp_path: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[BaseDatabaseWrapper]:
    """A database of the first revision, beside that of the tests, on the same engine."""
    with django_db_blocker.unblock():
        yield from _database(tmp_path, "first")


@pytest.fixture(params=["release", "columns"])
def full_database(
    request: Any, tmp_path: Path, django_db_setup: None, django_db_blocker: Any
) -> Iterator[BaseDatabaseWrapper]:
    """A database with everything that a manifest could say in columns."""
    with django_db_blocker.unblock():
        yield from _database(tmp_path, request.param)


def _database(tmp_path: Path, dump: str) -> Iterator[BaseDatabaseWrapper]:
    settings = dict(connections[connection.alias].settings_dict)
    on_sqlite = connection.vendor == "sqlite"
    name = str(tmp_path / "earlier.db") if on_sqlite else f"{settings['NAME']}_earlier"
    if not on_sqlite:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}"')
    connections.databases[ALIAS] = {**settings, "NAME": name}
    database = connections[ALIAS]
    try:
        _fill(database, dump)
        yield database
    finally:
        database.close()
        del connections[ALIAS]
        del connections.databases[ALIAS]
        if not on_sqlite:
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}"')


def _fill(database: BaseDatabaseWrapper, dump: str) -> None:
    statements = (DUMPS / f"{dump}.{database.vendor}.sql").read_text(encoding="utf-8")
    if database.vendor == "sqlite":
        # Not through Django, which has foreign keys checked from the first row on.
        with closing(sqlite3.connect(database.settings_dict["NAME"])) as file:
            file.executescript(statements)
        return
    with database.cursor() as cursor:
        cursor.execute(statements)
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
    assert _ids_of_today() == PUBLISHED | WITHDRAWN


def _ids_of_today() -> set[str]:
    """What the content of each package that has an id would be published under now."""
    packages = Package.objects.using(ALIAS).exclude(package_id="").select_related("model")
    return {
        content_id(package, list(package.files.select_related("blob")), effective_parameters(package))
        for package in packages
    }


@pytest.mark.parametrize("there_and_back", [False, True])
def test_every_id_of_every_backend_stays(full_database: BaseDatabaseWrapper, there_and_back: bool) -> None:
    before = _sql(full_database, "SELECT id, package_id, state FROM packages_app_package WHERE package_id <> ''")
    _migrate()
    if there_and_back:
        _migrate("packages_app", "0003")
        _migrate()
    packages = Package.objects.using(ALIAS)
    assert set(packages.exclude(package_id="").values_list("pk", "package_id", "state")) == set(before)
    assert set(packages.exclude(package_id="").values_list("backend", flat=True)) == set(BACKENDS)
    assert _ids_of_today() == {package_id for _, package_id, _ in before}


def test_every_field_of_a_package_is_in_its_manifest(full_database: BaseDatabaseWrapper) -> None:
    """Empty lists are there, and what says nothing is not."""
    columns = _columns(full_database)
    _migrate()
    for package in Package.objects.using(ALIAS):
        asked = BACKENDS[package.backend].asked
        was = {name: value for name, value in columns[package.pk].items() if name in asked}
        assert package.manifest == {name: value for name, value in was.items() if not asked[name].is_empty(value)}


def _columns(database: BaseDatabaseWrapper) -> dict[int, dict[str, Any]]:
    """What the columns of the packages hold, by primary key and name, as Python values."""
    with database.cursor() as cursor:
        cursor.execute("SELECT * FROM packages_app_package")
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        for name in ("incompatible_providers", "supported_device_types"):
            row[name] = json.loads(row[name]) if isinstance(row[name], str) else row[name]
        for name in ("same_cc_compatible", "trt_forward_compatible", "trt_lean_runtime_excluded"):
            row[name] = bool(row[name])
    return {row["id"]: row for row in rows}


def test_the_wire_says_what_the_columns_said(full_database: BaseDatabaseWrapper) -> None:
    columns = _columns(full_database)
    _migrate()
    engines = Package.objects.using(ALIAS).filter(backend="trt", state=State.PUBLISHED)
    for package in engines:
        row, told = columns[package.pk], manifest(package)
        assert (told["cudaDeviceCC"], told["trtVersion"]) == (row["cuda_device_cc"], row["trt_version"])
        assert told["machineType"] == row["machine_type"]
        assert told["machineSpecs"]["driverVersion"] == row["driver_version"]
        assert told["sameCCCompatible"] == row["same_cc_compatible"]
    assert len(engines) == 3


def test_a_published_package_of_then_is_announced_and_withdrawn(full_database: BaseDatabaseWrapper) -> None:
    _migrate()
    packages = Package.objects.using(ALIAS).filter(state=State.PUBLISHED)
    assert all(not entry_problems(package, package.files.select_related("blob")) for package in packages)
    withdrawn = packages.update(state=State.WITHDRAWN, withdrawn_at=timezone.now())
    assert withdrawn == 15


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
    manifests = Package.objects.using(ALIAS).values_list("manifest", flat=True)
    assert all("ir_version" not in manifest for manifest in manifests)


def test_all_triggers_are_there_afterwards(database: BaseDatabaseWrapper) -> None:
    _migrate()
    assert missing_triggers(database) == []


@pytest.mark.parametrize(
    "statement",
    [
        """UPDATE packages_app_package SET manifest = '{"opset": 18}' WHERE state = 'published'""",
        """UPDATE packages_app_package SET manifest = '{"ir_version": 8}' WHERE state = 'withdrawn'""",
        "UPDATE packages_app_package SET static_batch_size = 7 WHERE state = 'published'",
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
    assert drafts.update(manifest={"ir_version": 8}) == 2


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
