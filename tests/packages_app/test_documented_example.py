"""The example of docs/packages.md, done as it is written: its commands, and its two JSON files."""

from __future__ import annotations

import re
import shlex
import subprocess
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.core.management import call_command

from packages_app.models import Package, State
from packages_app.services import trials
from tests.backends.networks import constant_network

EXAMPLE = (settings.BASE_DIR / "docs" / "packages.md").read_text().partition("## An example")[2].partition("\n## ")[0]
JSON_BLOCKS = re.findall(r"```json\n(.*?)```", EXAMPLE, re.DOTALL)
COMMANDS = re.findall(r"```sh\n(.*?)```", EXAMPLE, re.DOTALL)
SIDE = 640

pytestmark = pytest.mark.django_db


def write_export(path: Path) -> None:
    """What Ultralytics exports: a raw head of 8400 places, and the names as a Python dictionary."""
    head = np.zeros((4 + 2, 8400), dtype=np.float32)
    head[:, 0] = [320, 320, 100, 50, 0.9, 0.1]
    network = constant_network([head], batch=1, side=SIDE)
    for key, value in {"names": "{0: 'scratch', 1: 'dent'}", "imgsz": "[640, 640]", "task": "detect"}.items():
        network.metadata_props.add(key=key, value=value)
    path.write_bytes(network.SerializeToString())


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The directory `defects` of the example, in a place with a blank in its name."""
    place = tmp_path / "a place"
    place.mkdir()
    (place / ".venv").symlink_to(settings.BASE_DIR / ".venv")
    write_export(place / "best.onnx")
    for command in COMMANDS[:2]:
        subprocess.run(["bash", "-eu", "-c", command], cwd=place, check=True)
    model_config, inference_config = JSON_BLOCKS
    (place / "defects" / "model_config.json").write_text(model_config)
    (place / "defects" / "inference_config.json").write_text(inference_config)
    return place / "defects"


def test_the_export_says_the_class_names(directory: Path) -> None:
    assert (directory / "class_names.txt").read_text() == "scratch\ndent\n"


def test_it_is_tried_and_published(directory: Path, trial_runs: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(directory.parent)
    push, token = COMMANDS[2:4]
    interpreter, script, *arguments = shlex.split(push)
    assert (interpreter, script) == (".venv/bin/python", "manage.py")
    call_command(*arguments, stdout=StringIO())
    package = Package.objects.get()
    assert (package.state, package.trusted, package.model.model_id) == (State.PUBLISHED, True, "defects/1")
    assert package.model.class_names == ["scratch", "dent"]
    assert trials.of(package)["outcome"] == trials.PASSED
    out = StringIO()
    call_command(*shlex.split(re.search(r"manage\.py ([^)]*)", token)[1]), stdout=out)
    assert out.getvalue().startswith("wb_")
