"""`manage.py` from its beginning to its exit status: what the operator can mend is one line, and exit status 1."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

# Commands that ask no database, or that make one.
WITHOUT_DATABASE = frozenset(
    {
        "check", "collectstatic", "describe_compute_environment", "diffsettings", "environment", "findstatic", "help",
        "makemigrations", "migrate", "serve", "spectacular", "version",
    }
)  # fmt: skip


def main(arguments: Sequence[str]) -> None:
    """Run the command that ``arguments`` name, as `sys.argv` has them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    try:
        _require_database(arguments)
        execute_from_command_line(list(arguments))
    except ImproperlyConfigured as error:
        sys.exit(_one_line(error))
    except DatabaseError as error:
        sys.exit(_sentence_about(error))


def command_prefix() -> str:
    """How a shell anywhere on this machine calls `manage.py` for this installation: `DATA_DIR=... python manage.py`."""
    from django.conf import settings

    words = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    return f"DATA_DIR={shlex.quote(str(settings.DATA_DIR))} {shlex.join(words)}"


def _require_database(arguments: Sequence[str]) -> None:
    """Raises ImproperlyConfigured where a command would make an empty database, to fail in it right after."""
    from config.data_directory import database_file

    name = arguments[1] if len(arguments) > 1 else "help"
    if name in WITHOUT_DATABASE or name.startswith("-") or {"-h", "--help"} & set(arguments):
        return
    file = database_file()
    if file is not None and not file.exists():
        raise ImproperlyConfigured(f"There is no database in {file.parent}. {_how_to_make_one()}")


def _how_to_make_one() -> str:
    return f"Correct DATA_DIR, or make one: {command_prefix()} migrate"


def _sentence_about(error: Exception) -> str:
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        behind = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return f"The database does not answer: {_one_line(error)}"
    if behind:
        return f"The database lacks tables, or has those of an earlier version. Mend it: {command_prefix()} migrate"
    raise error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
