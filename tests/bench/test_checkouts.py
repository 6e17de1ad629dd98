"""Older revisions beside the present working tree."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bench import _checkouts
from bench._checkouts import compared, environment_name, older


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two revisions, the first of them tagged `before`; environments are not made."""
    root = tmp_path / "repository"
    (root / "app").mkdir(parents=True)

    def git(*arguments: str) -> None:
        command = ["git", "-c", "user.name=Bench", "-c", "user.email=bench@example.org", *arguments]
        subprocess.run(command, cwd=root, check=True, capture_output=True)

    git("init", "--quiet")
    for text in ("before", "after"):
        (root / "app" / "module.py").write_text(f"VALUE = {text!r}\n")
        git("add", ".")
        git("commit", "--quiet", "--message", text)
        git("tag", text)
    monkeypatch.setattr(_checkouts, "ROOT", root)
    monkeypatch.setattr(_checkouts, "STORE", tmp_path / "store")
    monkeypatch.setattr(_checkouts, "environment_for", lambda _: Path("/usr/bin/env"))
    monkeypatch.setattr(_checkouts, "compile_modules", lambda *_: None)
    return root


def test_an_older_revision_is_laid_out_beside_the_working_tree(repository: Path) -> None:
    assert (older("before").root / "app" / "module.py").read_text() == "VALUE = 'before'\n"
    assert (repository / "app" / "module.py").read_text() == "VALUE = 'after'\n"


def test_a_revision_is_laid_out_once_under_all_of_its_names(repository: Path) -> None:
    (older("before").root / "left").touch()
    assert (older("after~1").root / "left").exists()


def test_a_revision_that_git_does_not_know_is_refused(repository: Path) -> None:
    with pytest.raises(SystemExit, match="no revision 'nowhere'"):
        older("nowhere")


def test_the_present_working_tree_comes_first(repository: Path) -> None:
    present, before = compared("before")
    assert (present.root, before.name) == (repository, "before")


def test_environments_are_shared_by_locks_that_differ_in_comments_alone() -> None:
    lock = b"django==5.2\n    # via -r base.in\n"
    assert environment_name(lock, (3, 11)) == environment_name(b"django==5.2\n    # via something\n", (3, 11))


@pytest.mark.parametrize("lock, version", [(b"django==5.3\n", (3, 11)), (b"django==5.2\n", (3, 12))])
def test_environments_of_other_locks_and_interpreters_are_others(lock: bytes, version: tuple[int, int]) -> None:
    assert environment_name(lock, version) != environment_name(b"django==5.2\n", (3, 11))
