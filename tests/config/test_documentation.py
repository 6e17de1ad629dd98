"""The documentation of settings keeps up with the settings."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

SOURCE = (settings.BASE_DIR / "config" / "settings.py").read_text()
VARIABLES = sorted(set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', SOURCE)))
DOCS = settings.BASE_DIR / "docs"
DOCUMENT = (settings.BASE_DIR / "docs" / "settings.md").read_text()


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_setting_is_described(variable: str) -> None:
    assert f"`{variable}`" in DOCUMENT


def test_no_setting_is_described_that_does_not_exist() -> None:
    described = set(re.findall(r"`([A-Z0-9]+(?:_[A-Z0-9]+)+|DEBUG)`", DOCUMENT))
    assert described - {"NAME_FILE"} <= set(VARIABLES)


@pytest.mark.parametrize(
    "page", ["README.md", *[f"docs/{name}.md" for name in ("architecture", "extending", "settings", "api")]]
)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    path = Path(settings.BASE_DIR) / page
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


PAGES = ["README.md", "CONTRIBUTING.md", "demo/README.md", *[f"docs/{path.name}" for path in DOCS.glob("*.md")]]
BLOCKS = [
    (page, block)
    for page in PAGES
    for block in re.findall(r"```sh\n(.*?)```", (settings.BASE_DIR / page).read_text(), re.DOTALL)
]
# A command of ours, up to where the shell takes over again.
OURS = re.compile(r"\S*python3? manage\.py ([^)|;\n]*)")


def commands_of_ours(block: str) -> list[list[str]]:
    return [shlex.split(found) for found in OURS.findall(block.replace("\\\n", " "))]


@pytest.mark.parametrize(("page", "block"), BLOCKS)
def test_what_is_to_be_pasted_is_whole(page: str, block: str) -> None:
    """A shell reads it, nothing in it is to be filled in first, and what it names is there."""
    assert subprocess.run(["bash", "-n", "-c", block], check=False, capture_output=True).stderr == b""
    assert re.search(r"wb_\.\.\.|(?<![\w$])(?:DIR|FILE|ID|NAME)(?!\w)", block) is None
    images = [name.strip('"') for name in re.findall(r"--data-binary @(\S+)", block)]
    assert [name for name in images if name not in {"-", "$IMAGE"} and not (settings.BASE_DIR / name).exists()] == []


@pytest.mark.parametrize(("page", "block"), [entry for entry in BLOCKS if "manage.py" in entry[1]])
def test_commands_of_ours_name_the_interpreter_and_options_that_there_are(page: str, block: str) -> None:
    assert block.count("manage.py") == block.count(".venv/bin/python manage.py")
    for name, *arguments in commands_of_ours(block):
        command = load_command_class(get_commands()[name], name)
        command.create_parser("manage.py", name).parse_args(arguments)


@pytest.mark.parametrize(("page", "block"), BLOCKS)
def test_no_line_relies_on_the_system_s_python_or_pip(page: str, block: str) -> None:
    """Many systems have no `python`, and let pip install nothing outside an environment."""
    assert re.findall(r"(?:^|[\s;&|(])(?:python|pip)3? .*", block) == []


@pytest.mark.parametrize("page", PAGES)
def test_targets_of_make_that_are_mentioned_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (settings.BASE_DIR / "Makefile").read_text(), re.MULTILINE))
    text = (settings.BASE_DIR / page).read_text()
    mentioned = re.findall(r"^make ([a-z-]+)", "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)), re.MULTILINE)
    assert set(mentioned) | set(re.findall(r"`make ([a-z-]+)", text)) <= targets


def test_pages_that_errors_mention_exist() -> None:
    from registry.errors import explanations

    mentioned = {page for entry in explanations().values() for page in re.findall(r"docs/[a-z_-]+\.md", entry.advice)}
    assert mentioned
    assert [page for page in mentioned if not (settings.BASE_DIR / page).exists()] == []
