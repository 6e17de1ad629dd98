"""The small texts of a package, read once: class names, configuration, and the other JSON documents."""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backends.errors import PackageConfigInvalid
from backends.inference_config import InferenceConfig, parse_inference_config
from backends.package_files import parse_class_names
from packages_app.contracts.contract import CLASS_NAMES, CONFIG

MAX_TEXT_BYTES = 4 * 1024**2


@dataclass
class Texts:
    """What was read. ``gaps`` say of each file that cannot be read as what it should be why not."""

    class_names: tuple[str, ...] | None = None
    config: InferenceConfig | None = None
    documents: dict[str, Any] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_texts(files: Mapping[str, Path]) -> Texts:
    """``files`` gives for each handle where its bytes lie."""
    texts = Texts()
    for handle, path in files.items():
        if handle != CLASS_NAMES and not handle.endswith(".json"):
            continue
        if path.stat().st_size > MAX_TEXT_BYTES:
            if "/" not in handle and not handle.startswith(("tokenizer", "vocab")):
                texts.problems.append(f"`{handle}` is larger than text of its kind can be.")
            continue
        _read(texts, handle, path.read_bytes())
    return texts


def _read(texts: Texts, handle: str, data: bytes) -> None:
    if data.startswith(codecs.BOM_UTF8):
        # Clients take it for a part of the first class name, and refuse JSON with it.
        texts.gaps.append(f"{handle} begins with a byte order mark. Save it as UTF-8 without one.")
    try:
        if handle == CLASS_NAMES:
            texts.class_names = parse_class_names(data)
        elif handle == CONFIG:
            texts.config = parse_inference_config(data)
            if json.loads(data).get("forward_pass", {}) is None:
                texts.gaps.append(f"{CONFIG}, forward_pass: clients refuse null. Leave it out, or write {{}}.")
        else:
            texts.documents[handle] = json.loads(data.decode("utf-8-sig"))
    except PackageConfigInvalid as error:
        texts.gaps.append(error.message)
    except (ValueError, RecursionError):
        texts.gaps.append(f"{handle} is not valid JSON. Correct it or take it out.")
