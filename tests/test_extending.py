"""The recipes of docs/extending.md, followed word by word in a copy of this project."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest

from tests.backends.networks import config, constant_network, write_package
from tests.commands import ROOT, environment
from tests.config.test_command_line import free_port

RECIPES = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
BLOCK = re.compile(
    r'^```\w+ title="(?P<file>[^"]+)"(?: after="(?P<after>(?:[^"\\]|\\.)+)")?\n(?P<text>.*?)^```', re.M | re.S
)
NOT_COPIED = {"tests", "bench", "demo", "data"}
START_SECONDS = 100


def follow(heading: str, tree: Path) -> list[str]:
    """Write what the recipe below ``heading`` says into ``tree``; returns the files that it names."""
    (recipe,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", RECIPES, re.M | re.S)
    files = []
    for block in BLOCK.finditer(recipe):
        path, after, text = tree / block["file"], block["after"], block["text"]
        files.append(block["file"])
        if after is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            assert not path.exists()
            path.write_text(text)
            continue
        line = json.loads(f'"{after}"') + "\n"
        before = path.read_text()
        assert before.count(line) == 1, f"{path} has another line than {after}"
        path.write_text(before.replace(line, line + text))
    return files


def run(tree: Path, data_dir: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=tree,
        env=environment(data_dir),
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def answer(tree: Path, data_dir: Path, path: str, image: bytes) -> httpx.Response:
    """What a server of ``tree`` answers to ``image``."""
    port = free_port()
    log = data_dir / "serve.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=tree,
            env=environment(data_dir),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and server.poll() is None:
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.2)
        else:
            raise AssertionError(log.read_text())
        headers = {"Content-Type": "image/png"}
        return httpx.post(f"http://127.0.0.1:{port}{path}", content=image, headers=headers, timeout=60)
    finally:
        server.terminate()
        server.wait(60)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the server is made of."""
    copy = tmp_path / "tree"
    copy.mkdir()
    rooms = [path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name not in NOT_COPIED]
    for folder in [*rooms, ROOT / "templates", ROOT / "static"]:
        shutil.copytree(folder, copy / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("manage.py", "pyproject.toml"):
        shutil.copy(ROOT / name, copy)
    return copy


@pytest.mark.timeout(300)
def test_a_made_up_family_answers_over_http(tree: Path, tmp_path: Path) -> None:
    files = follow("A family", tree)
    assert [name for name in files if name.startswith("backends/")] == [
        "backends/families/bookmaker/__init__.py",
        "backends/families/bookmaker/classification.py",
    ]
    document = {**config(), "post_processing": {"type": "softmax", "fused": True}}
    package = write_package(tmp_path / "package", constant_network([np.array([3.0, 1.0])]), document)
    kind = {"model_architecture": "bookmaker", "task_type": "classification", "backend_type": "onnx"}
    (package / "model_config.json").write_text(json.dumps(kind))
    data_dir = tmp_path / "data"
    run(tree, data_dir, "migrate", "-v0")
    said = run(tree, data_dir, "push", os.fspath(package), "--model", "races/1", "--public", "--trust", "--publish")
    assert "is published" in said
    _, image = cv2.imencode(".png", np.zeros((40, 30, 3), np.uint8))
    response = answer(tree, data_dir, "/api/v1/models/races/1/infer", image.tobytes())
    assert response.status_code == 200, response.text
    found = {entry["class"]: entry["confidence"] for entry in response.json()["predictions"]}
    assert found == {"cat": 0.75, "dog": 0.5}
