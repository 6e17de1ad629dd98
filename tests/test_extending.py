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

from tests.backends.networks import config, constant_network, raw_detections, write_package
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


def python(tree: Path, data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env=environment(data_dir),
        capture_output=True,
        text=True,
        timeout=100,
    )


def run(tree: Path, data_dir: Path, *arguments: str) -> str:
    done = python(tree, data_dir, "manage.py", *arguments)
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


@pytest.mark.timeout(300)
def test_a_made_up_backend_goes_all_the_way(tree: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    run(tree, data_dir, "migrate", "-v0")  # a server that is there already
    assert follow("A backend", tree) == ["negotiation/manifests/abacus.py", "backends/abacus/__init__.py"]
    assert "No changes detected" in run(tree, data_dir, "makemigrations", "--check", "--dry-run")
    run(tree, data_dir, "migrate", "-v0")
    run(tree, data_dir, "check", "--database", "default")
    incomplete = push(tree, data_dir, abacus_package(tmp_path / "small", 0.5))
    assert incomplete.returncode != 0
    assert "Enter the number of GPUs." in incomplete.stderr
    for name, gpus, score in (("small", 0, 0.5), ("large", 2, 0.75)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"gpus": gpus, "dynamic_batch_size": True}))
        package = abacus_package(tmp_path / name, score)
        pushed = push(tree, data_dir, package, "--manifest", os.fspath(tmp_path / f"{name}.json"))
        assert pushed.returncode == 0, pushed.stdout + pushed.stderr
        assert "is published" in pushed.stdout
    shutil.copy(ROOT / "tests" / "made_up_backend.py", tree)
    told = run(tree, data_dir, "shell", "-v0", "-c", "import made_up_backend; made_up_backend.main()")
    assert "everything is there" in told
    _, image = cv2.imencode(".png", np.zeros((40, 30, 3), np.uint8))
    response = answer(tree, data_dir, "/api/v1/models/beads/1/infer", image.tobytes())
    assert response.status_code == 200, response.text
    assert response.json()["package"]["backend"] == "abacus"
    assert [entry["confidence"] for entry in response.json()["predictions"]] == [0.5]


def abacus_package(directory: Path, score: float) -> Path:
    """A network of ONNX under the name that the made-up backend gives to it."""
    found = raw_detections((32, 32, 20, 20, 0, score))
    write_package(directory, constant_network([found]))
    os.replace(directory / "weights.onnx", directory / "weights.abacus")
    kind = {"model_architecture": "yolov8", "task_type": "object-detection", "backend_type": "abacus"}
    (directory / "model_config.json").write_text(json.dumps(kind))
    return directory


def push(tree: Path, data_dir: Path, package: Path, *more: str) -> subprocess.CompletedProcess[str]:
    options = ["--model", "beads/1", "--public", "--trust", "--publish", *more]
    return python(tree, data_dir, "manage.py", "push", os.fspath(package), *options)
