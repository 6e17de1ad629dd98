from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from registry.checks import check_triggers
from registry.triggers import drop_triggers, install_triggers, missing_triggers

pytestmark = pytest.mark.django_db


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
