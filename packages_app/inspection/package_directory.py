"""All files of a package together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from packages_app.inspection.archives import is_archive
from packages_app.inspection.client_loading import TorchLoading, torch_loading
from packages_app.inspection.facts import Facts
from packages_app.inspection.torch_file import (
    inspect_safetensors,
    inspect_torch,
    inspect_torch_script,
    stray_pickle_problem,
)

MAX_TEXT_BYTES = 4 * 1024**2
# TensorRT's serialised engines begin with this tag.
TENSORRT_TAGS = (b"ftrt", b"ptrt")


def inspect_files(backend: str, files: Mapping[str, Path], *, architecture: str = "") -> Facts:
    """Facts of a package. ``files`` gives for each handle where its bytes lie."""
    archives = sorted(handle for handle in files if is_archive(handle))
    if archives:
        return Facts(problems=(f"`{archives[0]}` is an archive; unpack it and add the files in it instead.",))
    facts = _inspect_weights(backend, files, torch_loading(architecture, backend))
    problems = list(dict.fromkeys([*facts.problems, *_stray_pickles(backend, files)]))
    class_names = _class_names(files, problems)
    config = _json_object(files, "inference_config.json", problems)
    if backend in {"torch-script", "torch"}:
        facts = _with_batch_of_config(facts, config)
    return replace(facts, class_names=class_names, problems=tuple(problems))


def _inspect_weights(backend: str, files: Mapping[str, Path], loading: TorchLoading) -> Facts:
    handles = frozenset(files)
    if backend == "onnx":
        # Not a module-level import: packages of other backends need no ONNX.
        from packages_app.inspection.onnx_file import inspect_onnx

        models = sorted(handle for handle in files if handle.endswith(".onnx") and "/" not in handle)
        if not models:
            return Facts(problems=("An ONNX package needs a file that ends in `.onnx`.",))
        found = [inspect_onnx(files[handle], handles) for handle in models]
        problems = tuple(problem for facts in found for problem in facts.problems)
        return replace(
            found[-1], opset=max((facts.opset or 0 for facts in found), default=0) or None, problems=problems
        )
    if backend == "torch-script":
        scripts = sorted(handle for handle in files if handle.endswith((".torchscript", ".pt")))
        if not scripts:
            return Facts(problems=("A TorchScript package needs a file that ends in `.torchscript` or `.pt`.",))
        return inspect_torch_script(files[scripts[0]], f"`{scripts[0]}`")
    if backend == "torch":
        weights = sorted(filter(_is_torch_file, files))
        if not weights:
            return Facts(problems=("A Torch package needs a file that ends in `.pth` or `.pt`.",))
        return _inspect_all_torch(files, weights, loading)
    if backend == "hugging-face":
        tensors = sorted(handle for handle in files if handle.endswith(".safetensors"))
        pickled = _inspect_all_torch(files, sorted(filter(_is_torch_file, files)), loading)
        if not tensors:
            return pickled
        facts = inspect_safetensors(files[tensors[0]], f"`{tensors[0]}`")
        return replace(facts, problems=(*facts.problems, *pickled.problems))
    if backend == "trt":
        if "engine.plan" not in files:
            return Facts(problems=("A TensorRT package needs the file `engine.plan`.",))
        with files["engine.plan"].open("rb") as file:
            if file.read(4) not in TENSORRT_TAGS:
                return Facts(problems=("`engine.plan` is not a TensorRT engine.",))
    return Facts()


def _is_torch_file(handle: str) -> bool:
    """Whether the name says what torch.save writes, in whatever case."""
    return handle.lower().endswith((".pth", ".pt"))


def _inspect_all_torch(files: Mapping[str, Path], handles: Sequence[str], loading: TorchLoading) -> Facts:
    """Facts of the first, problems and notices of all: a client may open any of them."""
    found = [
        inspect_torch_script(files[handle], f"`{handle}`", as_weights=True)
        if handle == loading.script
        else inspect_torch(files[handle], f"`{handle}`", in_full=loading.in_full)
        for handle in handles
    ]
    problems = tuple(dict.fromkeys(problem for facts in found for problem in facts.problems))
    notices = tuple(notice for facts in found for notice in facts.notices)
    if loading.program in files:
        notices += (f"`{loading.program}`: Clients run this file as a program, on each device that loads the package.",)
    return replace(found[0], problems=problems, notices=notices) if found else Facts()


def _stray_pickles(backend: str, files: Mapping[str, Path]) -> Iterator[str]:
    """Problems of pickles under names that say nothing of it: whoever opens a file goes by its content."""
    inspected = {"torch", "hugging-face"}
    for handle, path in files.items():
        if not (backend in inspected and _is_torch_file(handle)):
            problem = stray_pickle_problem(path, f"`{handle}`")
            if problem is not None:
                yield f"{problem} Or leave the file out, where no client needs it."


def _with_batch_of_config(facts: Facts, config: Mapping[str, object]) -> Facts:
    """TorchScript and Torch files do not say their batch size; `forward_pass` in the configuration does."""
    forward_pass = config.get("forward_pass")
    size = forward_pass.get("static_batch_size") if isinstance(forward_pass, dict) else None
    if isinstance(size, int) and size > 0:
        return replace(facts, dynamic_batch_size=False, static_batch_size=size)
    return replace(facts, dynamic_batch_size=True)


def _class_names(files: Mapping[str, Path], problems: list[str]) -> tuple[str, ...] | None:
    text = _text(files, "class_names.txt", problems)
    if text is None:
        return None
    names = tuple(line.strip() for line in text.splitlines() if line.strip())
    if not names:
        problems.append("`class_names.txt` names no class.")
    return names


def _json_object(files: Mapping[str, Path], handle: str, problems: list[str]) -> Mapping[str, object]:
    text = _text(files, handle, problems)
    if text is None:
        return {}
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        problems.append(f"`{handle}` is not a JSON object.")
        return {}
    return document


def _text(files: Mapping[str, Path], handle: str, problems: list[str]) -> str | None:
    path = files.get(handle)
    if path is None:
        return None
    if path.stat().st_size > MAX_TEXT_BYTES:
        problems.append(f"`{handle}` is larger than text of its kind can be.")
        return None
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        problems.append(f"`{handle}` is not UTF-8 text.")
        return None
