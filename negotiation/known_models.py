"""What clients know how to load: architectures, their tasks, and the backends of both.

A model of any other architecture or task can be announced but never be loaded. The data is the newest client's own
table, in ``policies/``, and what backends say of themselves, in ``manifests/``; this only asks them, and finds what
somebody meant by a name that is in neither.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache

from negotiation.manifests import BACKENDS
from negotiation.policy import Policy

# Names that trainers and exporters use, where the client has another one.
_TASKS_ELSEWHERE = {
    "detect": "object-detection",
    "detection": "object-detection",
    "od": "object-detection",
    "bbox": "object-detection",
    "segment": "instance-segmentation",
    "segmentation": "instance-segmentation",
    "seg": "instance-segmentation",
    "semantic": "semantic-segmentation",
    "semseg": "semantic-segmentation",
    "classify": "classification",
    "cls": "classification",
    "multilabel": "multi-label-classification",
    "pose": "keypoint-detection",
    "keypoints": "keypoint-detection",
    "depth": "depth-estimation",
    "ocr": "structured-ocr",
    "embeddings": "embedding",
    "gaze": "gaze-detection",
}
_YOLO = re.compile(r"yolov?(\d+)")


def architectures() -> tuple[str, ...]:
    """Every architecture that the client knows, in alphabetical order."""
    return tuple(sorted({architecture for architecture, _ in _implementations()}))


def tasks(architecture: str | None = None) -> tuple[str, ...]:
    """The tasks that the client knows ``architecture`` for, or all of them; none for an unknown architecture."""
    return tuple(sorted({task for name, task in _implementations() if architecture in (None, name)}))


def backends(architecture: str, task: str) -> tuple[str, ...]:
    """The backends with which the client loads such a model, in alphabetical order; none if it does not know it."""
    return tuple(sorted(_implementations().get((architecture, task), ())))


def closest_architecture(typed: str) -> str | None:
    """The architecture that somebody probably meant: "YOLO v8" and "yolov8n-seg" are `yolov8`."""
    known = architectures()
    if typed in known:
        return typed
    plain = _plain(typed)
    yolo = _YOLO.match(plain)
    if yolo:
        named = next((name for name in (f"yolov{yolo[1]}", f"yolo{yolo[1]}") if name in known), None)
        if named:
            return named
    return _closest(plain, known)


def closest_task(typed: str) -> str | None:
    """The task that somebody probably meant: "detect" is `object-detection`."""
    return _TASKS_ELSEWHERE.get(_plain(typed)) or _closest(_plain(typed), tasks())


def model_problems(architecture: str, task: str) -> dict[str, str]:
    """Why no client could load such a model, a sentence for the field ``architecture`` or ``task``; empty if it could.

    Each names the closest known value where there is one.
    """
    known = tasks(architecture)
    problems = {}
    if not known:
        problems["architecture"] = (
            f"No client knows the architecture `{architecture}`{_meant(closest_architecture(architecture))}."
        )
    if task not in tasks():
        problems["task"] = f"No client knows the task `{task}`{_meant(closest_task(task))}."
    elif known and task not in known:
        problems["task"] = f"Clients know `{architecture}` for {_listed(known)}, and not for `{task}`."
    return problems


def backend_problem(architecture: str, task: str, backend: str) -> str | None:
    """Why no client could load a package of ``backend`` of such a model, or None if it could or knows no such model."""
    known = backends(architecture, task)
    if not known or backend in known:
        return None
    return f"Clients load `{architecture}` for `{task}` from packages of {_listed(known)}, and not of `{backend}`."


@lru_cache(maxsize=1)
def _implementations() -> Mapping[tuple[str, str], Collection[str]]:
    """Backends by architecture and task: the newest client's, and what backends say of themselves beyond it."""
    known = {model: set(backends) for model, backends in Policy.for_client().implementations.items()}
    for manifest in BACKENDS.values():
        for model in manifest.models:
            known.setdefault(model, set()).add(manifest.backend)
    return known


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _closest(plain: str, known: Iterable[str]) -> str | None:
    names = {_plain(name): name for name in known}
    if plain in names:
        return names[plain]
    # A name with something behind it, such as the size of the network: the longest that it begins with.
    begun = max((name for name in names if plain.startswith(name)), key=len, default="")
    found = [begun] if begun else get_close_matches(plain, names, n=1)
    return names[found[0]] if found else None


def _meant(closest: str | None) -> str:
    return f"; the closest that they know is `{closest}`" if closest else ""


def _listed(names: Iterable[str]) -> str:
    *others, last = [f"`{name}`" for name in names]
    return f"{', '.join(others)} and {last}" if others else last
