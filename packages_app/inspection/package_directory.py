"""All files of a package together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from negotiation import known_models
from packages_app.contracts import Contract, contract_for
from packages_app.contracts.documents import trt_config
from packages_app.contracts.gate import Content, objections, remarks
from packages_app.contracts.reading import Reading
from packages_app.contracts.table import TRT_CONFIG
from packages_app.facts import Facts
from packages_app.inspection.archives import is_archive
from packages_app.inspection.client_loading import TorchLoading, torch_loading
from packages_app.inspection.texts import read_texts
from packages_app.inspection.torch_file import (
    inspect_safetensors,
    inspect_torch,
    inspect_torch_script,
    stray_pickle_problem,
)

NOT_CHECKED = (
    "The files were not checked: what the client needs of {architecture} for {task} on {backend} is not written down."
)
RUN_BY_CLIENTS = "`{}`: Clients run this file as a program, on each device that loads the package."
# A directory to Core ML, which the client unpacks.
PACKED = frozenset({"weights.mlpackage.zip"})
# TensorRT's serialised engines begin with this tag.
TENSORRT_TAGS = (b"ftrt", b"ptrt")


def inspect_files(
    backend: str,
    files: Mapping[str, Path],
    *,
    architecture: str = "",
    task: str = "",
    features: Collection[str] = (),
) -> Facts:
    """Facts of a package. ``files`` gives for each handle where its bytes lie; ``features`` are its model features."""
    archives = sorted(handle for handle in files if is_archive(handle) and handle not in PACKED)
    if archives:
        return Facts(problems=(f"`{archives[0]}` is an archive; unpack it and add the files in it instead.",))
    contract = contract_for(architecture, task, backend)
    loading = torch_loading(architecture, backend)
    facts = _inspect_weights(backend, files, loading, contract)
    problems = list(dict.fromkeys([*facts.problems, *_stray_pickles(backend, files)]))
    texts = read_texts(files)
    problems += texts.problems
    forward_pass = texts.config.forward_pass if texts.config else None
    if backend in {"torch-script", "torch"}:
        facts = _with_batch(facts, forward_pass.static_batch_size if forward_pass else None)
    if backend == "trt" and not any(trt_config(texts.documents.get(TRT_CONFIG), Reading(architecture, task))):
        facts = _with_batch_of_engine(facts, texts.documents[TRT_CONFIG])
    gaps, notices = list(texts.gaps), list(facts.notices)
    if loading.program in files:
        notices.append(RUN_BY_CLIENTS.format(loading.program))
    content = Content(
        handles=frozenset(files),
        facts=facts,
        class_names=texts.class_names,
        config=texts.config,
        documents=texts.documents,
        exported_names=() if "class_names.txt" in files else facts.exported_class_names,
        features=features,
    )
    if (unknown := unknown_to_clients(architecture, task, backend)) is not None:
        gaps.append(unknown)
    elif contract is not None:
        gaps += objections(contract, (architecture, task, backend), content)
        notices += remarks(contract, content)
    else:
        notices.append(NOT_CHECKED.format(architecture=architecture, task=task, backend=backend))
    return replace(
        facts,
        class_names=texts.class_names,
        exported_class_names=(),  # judged here, and of no use afterwards
        problems=tuple(dict.fromkeys(problems)),
        gaps=tuple(dict.fromkeys(gaps)),
        notices=tuple(notices),
    )


def unknown_to_clients(architecture: str, task: str, backend: str) -> str | None:
    """Why no client loads such a package, or None."""
    problems = known_models.model_problems(architecture, task)
    return next(iter(problems.values()), None) or known_models.backend_problem(architecture, task, backend)


def _inspect_weights(
    backend: str, files: Mapping[str, Path], loading: TorchLoading, contract: Contract | None
) -> Facts:
    """Facts of the file that is loaded, with the problems of every other one that some reader might take."""
    handles = frozenset(files)
    if backend == "onnx":
        # Not a module-level import: packages of other backends need no ONNX.
        from packages_app.inspection.onnx_file import inspect_onnx

        models = sorted(handle for handle in files if handle.endswith(".onnx") and "/" not in handle)
        sizes = {handle: path.stat().st_size for handle, path in files.items()}
        networks = {name: inspect_onnx(files[name], handles, sizes) for name in models}
        facts = _of_the_loaded(networks, contract)
        # Of the two that CLIP has, a device must be able to read both.
        loaded = [networks[name] for name in (contract.weights if contract else ()) if name in networks]
        second = loaded[1] if len(loaded) > 1 else Facts()
        return replace(
            facts,
            opset=_newest("opset", facts, *loaded),
            ir_version=_newest("ir_version", facts, *loaded),
            other_inputs=second.inputs,
            other_outputs=second.outputs,
        )
    if backend == "torch-script":
        scripts = sorted(handle for handle in files if handle.endswith((".torchscript", ".pt")))
        found = {name: inspect_torch_script(files[name], f"`{name}`") for name in scripts}
        return _of_the_loaded(found, contract)
    if backend == "torch":
        weights = sorted(filter(_is_torch_file, files))
        return _of_the_loaded(_inspect_torch_files(files, weights, loading), contract)
    if backend == "hugging-face":
        tensors = sorted(handle for handle in files if handle.endswith(".safetensors"))
        found = {name: inspect_safetensors(files[name], f"`{name}`") for name in tensors}
        pickled = _inspect_torch_files(files, sorted(filter(_is_torch_file, files)), loading)
        return _of_the_loaded({**found, **pickled}, contract)
    if backend == "trt" and "engine.plan" in files:
        with files["engine.plan"].open("rb") as file:
            if file.read(4) not in TENSORRT_TAGS:
                return Facts(problems=("`engine.plan` is not a TensorRT engine.",))
    return Facts()


def _of_the_loaded(found: Mapping[str, Facts], contract: Contract | None) -> Facts:
    """The facts of the contract's own file, else of the first; problems of all, and notices of Torch files."""
    if not found:
        return Facts()
    loaded = next((name for name in (contract.weights if contract else ()) if name in found), next(iter(found)))
    problems = tuple(dict.fromkeys(problem for facts in found.values() for problem in facts.problems))
    notices = tuple(dict.fromkeys(notice for facts in found.values() for notice in facts.notices))
    return replace(found[loaded], problems=problems, notices=notices)


def _is_torch_file(handle: str) -> bool:
    """Whether the name says what torch.save writes, in whatever case."""
    return handle.lower().endswith((".pth", ".pt"))


def _inspect_torch_files(files: Mapping[str, Path], handles: Sequence[str], loading: TorchLoading) -> dict[str, Facts]:
    return {
        handle: inspect_torch_script(files[handle], f"`{handle}`", as_weights=True)
        if handle == loading.script
        else inspect_torch(files[handle], f"`{handle}`", in_full=loading.in_full)
        for handle in handles
    }


def _stray_pickles(backend: str, files: Mapping[str, Path]) -> Iterator[str]:
    """Problems of pickles under names that say nothing of it: whoever opens a file goes by its content."""
    inspected = {"torch", "hugging-face"}
    for handle, path in files.items():
        if not (backend in inspected and _is_torch_file(handle)):
            problem = stray_pickle_problem(path, f"`{handle}`")
            if problem is not None:
                yield f"{problem} Or leave the file out, where no client needs it."


def _with_batch(facts: Facts, static: int | None) -> Facts:
    """TorchScript and Torch files do not say their batch size; `forward_pass` in the configuration does."""
    return replace(facts, dynamic_batch_size=static is None, static_batch_size=static)


def _with_batch_of_engine(facts: Facts, config: Mapping[str, int]) -> Facts:
    """A TensorRT engine does not say its batch without the library; trt_config.json does."""
    static = config.get("static_batch_size")
    if static is not None:
        return replace(facts, dynamic_batch_size=False, static_batch_size=static)
    return replace(
        facts,
        dynamic_batch_size=True,
        min_batch_size=config["dynamic_batch_size_min"],
        opt_batch_size=config["dynamic_batch_size_opt"],
        max_batch_size=config["dynamic_batch_size_max"],
    )


def _newest(name: str, *facts: Facts) -> int | None:
    return max((getattr(each, name) or 0 for each in facts), default=0) or None
