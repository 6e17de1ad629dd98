"""Damage done to a package on purpose, in the ways in which people and scripts do it without one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONFIG = "model_config.json"
# Families that people mix up: the same task, another head.
OTHER_FAMILIES = {
    "object-detection": ("yolov8", "yolov10", "yolo26", "yolov5", "yolonas", "rfdetr"),
    "instance-segmentation": ("yolov8", "yolo26", "yolov5", "yolov7", "yolact", "rfdetr"),
    "keypoint-detection": ("yolov8", "yolo26", "rfdetr"),
    "semantic-segmentation": ("yolo26", "deep-lab-v3-plus", "rfdetr"),
    "classification": ("yolov8", "resnet", "vit"),
}
OTHER_TASKS = ("object-detection", "instance-segmentation", "classification", "semantic-segmentation")


@dataclass(frozen=True)
class Damage:
    """``apply`` changes the package directory that it is given."""

    name: str
    apply: Callable[[Path], None]


def damages(package: Path) -> Iterator[Damage]:
    """Everything that can be done to the package in this directory; each leaves its other files as they are."""
    yield Damage("intact", lambda directory: None)
    for handle in _handles(package):
        yield Damage(f"without-{handle}", lambda directory, handle=handle: (directory / handle).unlink())
        yield Damage(f"renamed-{handle}", lambda directory, handle=handle: _rename(directory / handle))
    config = json.loads((package / CONFIG).read_text())
    for family in OTHER_FAMILIES.get(config["task_type"], ()):
        if family != config["model_architecture"]:
            yield Damage(f"as-{family}", lambda directory, f=family: _change(directory / CONFIG, model_architecture=f))
    for task in OTHER_TASKS:
        if task != config["task_type"]:
            yield Damage(f"for-{task}", lambda directory, task=task: _change(directory / CONFIG, task_type=task))
    if (package / "class_names.txt").exists():
        yield Damage("class-names-one-short", lambda directory: _shorten(directory / "class_names.txt"))
        yield Damage("class-names-empty", lambda directory: (directory / "class_names.txt").write_text("\n"))
    if (package / "inference_config.json").exists():
        yield Damage("other-size", lambda directory: _resize(directory / "inference_config.json"))
        yield Damage("config-cut-off", lambda directory: _cut(directory / "inference_config.json"))
        for key in ("network_input", "post_processing"):
            yield Damage(
                f"config-without-{key}",
                lambda directory, key=key: _change(directory / "inference_config.json", **{key: None}),
            )


def copy(package: Path, target: Path) -> Path:
    """The package, writable, in ``target``."""
    return Path(shutil.copytree(package, target, copy_function=shutil.copyfile))


def _handles(package: Path) -> list[str]:
    files = (path for path in sorted(package.rglob("*")) if path.is_file() and path.name != CONFIG)
    return [path.relative_to(package).as_posix() for path in files]


def _rename(path: Path) -> None:
    path.rename(path.with_name(f"best{path.suffix}"))


def _change(path: Path, **values: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def _shorten(path: Path) -> None:
    path.write_text("\n".join(path.read_text().splitlines()[:-1]))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _resize(path: Path) -> None:
    document = json.loads(path.read_text())
    size = document["network_input"]["training_input_size"]
    document["network_input"]["training_input_size"] = {name: 2 * value for name, value in size.items()}
    path.write_text(json.dumps(document))
