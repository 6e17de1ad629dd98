"""Holding a package to its contract: what the client would refuse or misread, a sentence each with its remedy."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from backends.inference_config import InferenceConfig
from packages_app.contracts.advice import read_right_as
from packages_app.contracts.contract import CLASS_NAMES, CONFIG, KEY_POINTS, ClassNames, Contract
from packages_app.contracts.documents import key_points_count
from packages_app.contracts.heads import Unplaced
from packages_app.contracts.reading import Reading
from packages_app.facts import Facts, Tensor

BACKGROUND = "background"
# What the client casts its images to; see `models/common/onnx.py` of client 0.39.6.
IMAGE_TYPES = frozenset({"float", "float16", "double"})
CHANNELS = 3
SHOWN_NAMES = 5
UNPLACED = "Check the architecture, the task and class_names.txt."
# Endings under which people have the same kind of file.
KINDS = ({"onnx"}, {"torchscript", "pt", "ts"}, {"pth", "pt", "ckpt"}, {"plan", "engine", "trt"})


@dataclass(frozen=True)
class Content:
    """What a package holds, as far as it was read.

    ``documents`` are the JSON files by handle; one that cannot be read is not in it. ``exported_names`` are class names
    that the network's own file carries. ``facts`` are those of the file that is loaded.
    """

    handles: frozenset[str]
    facts: Facts = field(default_factory=Facts)
    class_names: tuple[str, ...] | None = None
    config: InferenceConfig | None = None
    documents: Mapping[str, Any] = field(default_factory=dict)
    exported_names: tuple[str, ...] = ()
    features: Collection[str] = ()


def objections(contract: Contract, key: tuple[str, str, str], content: Content) -> list[str]:
    """Everything that keeps the client from loading the package, or from reading its answers right."""
    found = list(_missing(contract, content))
    found += _of_class_names(contract, content)
    found += _of_config(contract, content)
    reading = _reading(contract, key, content)
    for handle, check in contract.documents.items():
        if handle in content.documents:
            found += check(content.documents[handle], reading)
    if not found:
        # Only now: names and configuration that are wrong would have the network blamed for it.
        found += _of_network(contract, content, reading, key[2])
    return found


def remarks(contract: Contract, content: Content) -> list[str]:
    """What whoever publishes should know, though the client loads the package."""
    found = [contract.notice] if contract.notice else []
    for operation in (content.config.class_names_operations if content.config else None) or ():
        if content.class_names and operation.class_name not in content.class_names:
            found.append(
                f"{CONFIG} removes the class {operation.class_name[:40]!r}, which {CLASS_NAMES} does not name."
            )
    for handle in sorted(content.handles):
        if handle.endswith(".onnx") and "/" not in handle and contract.weights and handle not in contract.weights:
            found.append(
                f"{handle} is not what clients load, which is {contract.weights[0]}; every device would download it. "
                "Take it out unless something needs it."
            )
    return found


def _missing(contract: Contract, content: Content) -> Iterator[str]:
    wanted = {name for names in contract.files for name in names}
    for names in contract.files:
        if any(name in content.handles for name in names):
            continue
        name, ending = names[0], names[0].rpartition(".")[2]
        endings = next((kind for kind in KINDS if ending in kind), {ending})
        others = sorted(handle for handle in content.handles - wanted if handle.rpartition(".")[2].lower() in endings)
        sentence = f"The client needs {' or '.join(names)}"
        if name == CLASS_NAMES and content.exported_names:
            given = _names(content.exported_names)
            yield f"{sentence}, a class name a line; the network's own file would give {given}."
        elif name in contract.weights and len(others) == 1:
            yield f"{sentence}; yours is {others[0]}. Rename it."
        elif name in contract.weights and others:
            yield f"{sentence}; the package has {' and '.join(others)}. Give the right one that name."
        elif others and ending != "json":
            yield f"{sentence}; rename {others[0]} if that is it."
        else:
            yield f"{sentence}. Add it."


def _of_class_names(contract: Contract, content: Content) -> Iterator[str]:
    names = content.class_names
    if names is None or contract.class_names is not ClassNames.WITH_BACKGROUND:
        return
    if BACKGROUND not in {name.lower() for name in names} or len(names) < 2:
        yield f"class_names.txt needs the class {BACKGROUND} and another one for this task. Add it where it belongs."


def _of_config(contract: Contract, content: Content) -> Iterator[str]:
    config = content.config
    if config is None or not contract.has_config:
        return
    wanted, given = contract.post_processing, config.post_processing
    if wanted and (given is None or given.type != wanted):
        yield f'{CONFIG} needs post_processing with type "{wanted}" and fused; the client reads nothing without it.'
    if given is not None and given.fused and not contract.may_be_fused:
        yield f"{CONFIG} says that suppression is inside (fused), which the client does not read. Export without it."
    if contract.post_processing == "nms" and "nms_fused" in content.features and not (given and given.fused):
        yield f"The model features say nms_fused, and {CONFIG} says that suppression is not inside. Make them agree."
    if contract.needs_static_batch and config.forward_pass.static_batch_size is None:
        yield f"{CONFIG} needs forward_pass.static_batch_size, which the client takes for TorchScript."
    if contract.needs_scaling and config.network_input.scaling_factor is None:
        yield f"{CONFIG} needs network_input.scaling_factor, usually 255: an engine would be fed bytes without it."
    if contract.needs_class_removal and not config.class_names_operations:
        yield (
            f"{CONFIG} needs class_names_operations: without one the client fails at every image. Remove a class "
            'that the network was not trained on, such as [{"type": "class_name_removal", "class_name": "background"}].'
        )
    for name, kind in contract.initialization.items():
        if type((config.model_initialization or {}).get(name)) is not kind:
            yield (
                f"{CONFIG} needs model_initialization.{name}, a {'number' if kind is int else 'text'}, from which the "
                "client builds the network. Add it."
            )


def _of_network(contract: Contract, content: Content, reading: Reading, backend: str) -> Iterator[str]:
    facts = content.facts
    if facts.inputs and not facts.problems:
        if len(facts.inputs) > 1:
            yield (
                f"The network takes {len(facts.inputs)} inputs, and clients feed the first alone. Export it with the "
                "images as its only input."
            )
        yield from _of_input(contract, content, facts.inputs[0])
        yield from _of_batch(contract, content)
    if contract.head is not None and facts.outputs and not facts.problems:
        problem = contract.head(facts.outputs, reading)
        if isinstance(problem, Unplaced):
            yield f"{problem} {read_right_as(contract, facts.outputs, reading, backend) or UNPLACED}"
        elif problem is not None:
            yield problem
        elif facts.outputs[0].dtype not in IMAGE_TYPES:
            yield (
                f"The network's output `{facts.outputs[0].name[:40]}` is of type {facts.outputs[0].dtype}, and clients "
                "read numbers with a fraction there. Export it without what turns them into whole ones."
            )


def _of_input(contract: Contract, content: Content, tensor: Tensor) -> Iterator[str]:
    if tensor.dtype not in IMAGE_TYPES:
        yield (
            f"The network's input `{tensor.name[:40]}` is of type {tensor.dtype}, and clients feed images as numbers "
            "with a fraction: they refuse it on every device. Export it with an input of float32."
        )
        return
    shape = tensor.shape
    if shape and len(shape) != 4:
        yield (
            f"The network's input has {len(shape)} dimensions, and clients feed images with four: batch, channels, "
            "height, width."
        )
        return
    if shape and isinstance(shape[1], int) and shape[1] not in {0, CHANNELS}:
        last = " Yours has them last: export it with channels first." if shape[3] == CHANNELS else ""
        yield f"The network's input has {shape[1]} channels where clients feed {CHANNELS}.{last}"
        return
    if contract.sized_by_file or not shape:
        return
    found = tuple(side if isinstance(side, int) and side > 0 else None for side in shape[2:])
    if contract.side is not None and any(side not in {None, contract.side} for side in found):
        yield (
            f"The network takes images of {_side(found[0])}x{_side(found[1])} (height, width), and the client makes "
            f"them {contract.side}x{contract.side}. Export it for that size."
        )
    if content.config is None or not contract.has_config:
        return
    size = content.config.network_input.training_input_size
    if size is None:
        if any(found):
            yield (
                f"The network takes images of {_side(found[0])}x{_side(found[1])} (height, width) alone, and "
                f"{CONFIG} says that it takes any size. Write network_input.training_input_size."
            )
        return
    if any(side not in {None, wanted} for side, wanted in zip(found, (size.height, size.width), strict=True)):
        yield (
            f"The network takes images of {_side(found[0])}x{_side(found[1])} (height, width), and {CONFIG} says "
            f"{size.height}x{size.width} in network_input.training_input_size. Correct the configuration."
        )


def _of_batch(contract: Contract, content: Content) -> Iterator[str]:
    facts, config = content.facts, content.config
    if contract.needs_dynamic_batch and facts.static_batch_size is not None:
        yield (
            f"The network takes {facts.static_batch_size} at once, and the client feeds it as many as there are. "
            "Export it with a dynamic batch."
        )
    if contract.batch is not None and facts.static_batch_size not in {None, contract.batch}:
        yield (
            f"The network takes {facts.static_batch_size} images at once, and the client feeds it {contract.batch}. "
            f"Export it with a batch of {contract.batch}."
        )
    stated = config.forward_pass.static_batch_size if config else None
    if stated is not None and facts.static_batch_size not in {None, stated}:
        yield (
            f"The network takes {facts.static_batch_size} images at once, and {CONFIG} says {stated} in "
            "forward_pass.static_batch_size. Correct the configuration."
        )


def _reading(contract: Contract, key: tuple[str, str, str], content: Content) -> Reading:
    config, names = content.config, content.class_names
    post_processing = config.post_processing if config else None
    size = config.network_input.training_input_size if config else None
    return Reading(
        architecture=key[0],
        task=key[1],
        classes=len(names) if names and contract.class_names is not ClassNames.NOT_READ else None,
        fused=post_processing is not None and post_processing.fused,
        key_points=key_points_count(content.documents.get(KEY_POINTS)),
        size=(size.height, size.width) if size else None,
    )


def _names(names: tuple[str, ...]) -> str:
    shown = ", ".join(name[:40] for name in names[:SHOWN_NAMES])
    return shown if len(names) <= SHOWN_NAMES else f"{shown} and {len(names) - SHOWN_NAMES} more"


def _side(size: int | None) -> str:
    return "?" if size is None else str(size)
