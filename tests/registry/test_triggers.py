from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from registry.checks import check_triggers
from registry.models import Model, ModelAlias, ModelDependency, Workspace
from registry.triggers import drop_triggers, install_triggers, missing_triggers

pytestmark = pytest.mark.django_db


def _at_the_same_time(first: Callable[[], object], second: Callable[[], object]) -> BaseException | None:
    """What ``second`` raises that begins while the transaction of ``first`` is not at its end."""
    failure: list[BaseException] = []
    begun = threading.Event()

    def other() -> None:
        begun.set()
        try:
            with transaction.atomic():
                second()
        except IntegrityError as error:
            failure.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=other)
    with transaction.atomic():
        first()
        thread.start()
        begun.wait()
        # It waits for us; how long it is given only makes the test sharper.
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(30)
    return failure[0] if failure else None


def _model(model_id: str) -> Model:
    workspace, _ = Workspace.objects.get_or_create(name="One", slug="one")
    return Model.objects.create(
        workspace=workspace, model_id=model_id, architecture="yolov8", task_type="object-detection"
    )


@pytest.mark.django_db(transaction=True)
def test_of_an_id_and_an_alias_that_are_made_at_once_the_second_is_refused() -> None:
    other = _model("one/other")
    raised = _at_the_same_time(
        lambda: _model("one/same"), lambda: ModelAlias.objects.create(model=other, alias="one/same")
    )
    assert isinstance(raised, IntegrityError)


@pytest.mark.django_db(transaction=True)
def test_of_dependencies_that_are_made_at_once_one_of_two_levels_is_refused() -> None:
    first, second, third = (_model(f"one/{name}") for name in ("first", "second", "third"))
    raised = _at_the_same_time(
        lambda: ModelDependency.objects.create(model=first, depends_on=second, name="a"),
        lambda: ModelDependency.objects.create(model=second, depends_on=third, name="b"),
    )
    assert isinstance(raised, IntegrityError)


def test_every_trigger_is_installed_by_migrate() -> None:
    assert missing_triggers(connection) == []


def test_missing_triggers_are_told_with_what_to_do() -> None:
    drop_triggers()
    (warning,) = check_triggers(None, databases=["default"])
    assert warning.id == "registry.W002"
    assert "migrate" in warning.hint
    install_triggers()
    assert check_triggers(None, databases=["default"]) == []


def test_installing_twice_is_no_error() -> None:
    install_triggers()
    install_triggers()
    assert missing_triggers(connection) == []


def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
