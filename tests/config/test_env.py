from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


def test_a_text_is_read_or_its_default(monkeypatch: Any) -> None:
    assert env.text("SOME_NAME", "fallback") == "fallback"
    monkeypatch.setenv("SOME_NAME", "value")
    assert env.text("SOME_NAME", "fallback") == "value"


def test_a_secret_is_read_from_a_file(monkeypatch: Any, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    monkeypatch.setenv("SOME_NAME_FILE", str(tmp_path / "secret"))
    assert env.text("SOME_NAME", "fallback") == "from a file"


def test_a_secret_file_that_cannot_be_read_stops_the_start_without_telling_where_it_is(
    monkeypatch: Any, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOME_NAME_FILE", str(tmp_path / "missing"))
    with pytest.raises(ImproperlyConfigured, match="SOME_NAME_FILE") as caught:
        env.text("SOME_NAME", "fallback")
    assert str(tmp_path) not in str(caught.value)


def test_a_value_and_a_file_at_once_are_refused(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("SOME_NAME", "value")
    monkeypatch.setenv("SOME_NAME_FILE", str(tmp_path))
    with pytest.raises(ImproperlyConfigured):
        env.text("SOME_NAME")


@pytest.mark.parametrize(
    ("text", "expected"), [("1", True), ("TRUE", True), (" yes ", True), ("off", False), ("", False), ("0", False)]
)
def test_a_flag_is_read(monkeypatch: Any, text: str, expected: bool) -> None:
    monkeypatch.setenv("SOME_NAME", text)
    assert env.flag("SOME_NAME", default=not expected) is expected


def test_a_flag_has_a_default() -> None:
    assert env.flag("SOME_NAME", default=True) is True
    assert env.flag("SOME_NAME") is False


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (env.flag, "perhaps"),
        (lambda name: env.integer(name, 1), "many"),
        (lambda name: env.integer(name, 1), "1.5"),
        (lambda name: env.integer(name, 1, minimum=1), "0"),
        (lambda name: env.number(name, 1.0), "much"),
        (lambda name: env.database(name, ""), "mysql://localhost/x"),
        (lambda name: env.database(name, ""), "weighbridge.db"),
    ],
)
def test_a_malformed_value_stops_the_start_and_names_the_variable(monkeypatch: Any, reader: Any, text: str) -> None:
    monkeypatch.setenv("SOME_NAME", text)
    with pytest.raises(ImproperlyConfigured, match="SOME_NAME"):
        reader("SOME_NAME")


def test_numbers_and_lists_are_read(monkeypatch: Any) -> None:
    monkeypatch.setenv("SOME_NAME", "42")
    assert env.integer("SOME_NAME", 1, minimum=42) == 42
    assert env.number("SOME_NAME", 1.0) == 42.0
    monkeypatch.setenv("SOME_NAME", " a, b ,,c ")
    assert env.words("SOME_NAME") == ["a", "b", "c"]
    assert env.words("OTHER_NAME") == []


def test_a_sqlite_address_names_a_file() -> None:
    assert env.database("SOME_NAME", "sqlite:////srv/data/x.db")["NAME"] == "/srv/data/x.db"
    assert env.database("SOME_NAME", "sqlite:///x%20y.db")["NAME"] == "x y.db"


def test_a_postgresql_address_is_taken_apart() -> None:
    settings = env.database("SOME_NAME", "postgresql://user:p%40ss@db.example:6432/weigh?sslmode=require")
    expected = {"NAME": "weigh", "USER": "user", "PASSWORD": "p@ss", "HOST": "db.example", "PORT": "6432"}
    assert expected.items() <= settings.items()
    assert settings["OPTIONS"] == {"sslmode": "require"}


def test_a_postgresql_address_without_a_host_is_the_local_socket() -> None:
    settings = env.database("SOME_NAME", "postgresql:///weigh")
    assert (settings["NAME"], settings["HOST"], settings["PORT"]) == ("weigh", "", "")
