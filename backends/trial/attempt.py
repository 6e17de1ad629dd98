"""The trial itself, in the child: load the package as the model host would, and run one synthetic image."""

from __future__ import annotations

import gc
import json
import logging
import os
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from backends.errors import (
    BackendError,
    DeviceUnavailable,
    OutOfMemory,
    OutputNotFinite,
    RuntimeMissing,
    RuntimeTooOld,
    UnsupportedPackage,
)
from backends.memory import anonymous_memory, trim
from backends.model import WARM_UP_SIDE, WARM_UP_TEXT, LoadedModel
from backends.parameters import InferenceParameters
from backends.registry import find_implementation, load_package, prepare_package
from backends.session import Array, NetworkFiles, SessionOptions, TensorSpec
from backends.trial import remedies
from backends.trial.conditions import conditions_of
from backends.trial.request import TrialRequest
from backends.trial.result import FAILED, NOT_TRIED, PASSED, Trial, plain
from backends.trial.runtimes import import_runtime

_NETWORK_OF_TENSORS = "weights.onnx"
_CONFIDENCE = 0.05


log = logging.getLogger("backends.trial")


class _NoReader(Exception):
    """Nothing here knows which of the package's files to load."""


def attempt(request: TrialRequest, prepared: Path) -> Trial:
    """Load and run, within whatever limits the process has. Raises nothing but what ends the process.

    ``prepared`` is an empty folder for what later loads on this machine may map.
    """
    runtime = import_runtime(request.backend)
    try:
        unreadable = _unreadable(request.directory)
        if unreadable:
            return Trial(
                NOT_TRIED, "unreadable", plain(f"The process of the trial may not read {unreadable}."), again=True
            )
        return replace(_run(request, prepared), runtime=runtime)
    except _NoReader as error:
        return Trial(NOT_TRIED, "package-unsupported", plain(str(error)), runtime=runtime)
    except (RuntimeMissing, RuntimeTooOld, DeviceUnavailable) as error:
        return Trial(NOT_TRIED, error.code, plain(error.message), runtime=runtime, cause=plain(error.message))
    except UnsupportedPackage as error:
        # An engine is for one version of its runtime and one kind of device, which are those of other machines.
        outcome = NOT_TRIED if request.backend == "trt" else FAILED
        return _refusal(error, outcome, runtime)
    except OutOfMemory as error:
        # On a device the memory may be with others at this moment; here it is a limit that holds every time.
        on_cpu = request.device == "cpu"
        return _refusal(error, FAILED if on_cpu else NOT_TRIED, runtime, again=not on_cpu)
    except BackendError as error:
        return _refusal(error, FAILED, runtime)
    except MemoryError:
        return _refusal(OutOfMemory("There is not enough memory to load and run the network."), FAILED, runtime)
    except Exception as error:
        # A family met what nobody had thought of. Requests would meet it too.
        traceback.print_exc()
        cause = f"this server cannot read its answers ({type(error).__name__})."
        return remedies.failed("trial-died", cause, runtime=runtime)


def _run(request: TrialRequest, prepared: Path) -> Trial:
    """A trial that passed, perhaps with something to say of it."""
    options = request.session_options()
    try:
        find_implementation(request.architecture, request.task, request.backend, request.features)
    except UnsupportedPackage as error:
        if not (request.directory / _NETWORK_OF_TENSORS).is_file():
            raise _NoReader(error.message) from None
        return Trial(PASSED, reason=_run_tensors(request.directory, options))
    package = {name: getattr(request, name) for name in ("architecture", "task", "backend", "features")}
    has_files = _prepare(request.directory, prepared, package, options)
    with load_package(request.directory, **package, options=options, prepared=prepared if has_files else None) as model:
        loaded = anonymous_memory()
        if request.examined:
            _run_image(model)
        else:
            model.warm_up()
        working_bytes = max(0, anonymous_memory() - loaded)
    return Trial(PASSED, conditions=conditions_of(request), working_bytes=working_bytes)


def _prepare(directory: Path, prepared: Path, package: Mapping[str, Any], options: SessionOptions) -> bool:
    """Whether the folder has files to load from now. Without them the package is loaded as it is, and says why not."""
    try:
        return prepare_package(directory, prepared, **package, options=options)
    except (BackendError, OSError, MemoryError) as error:
        log.warning("a package could not be prepared: %s", error)
        for entry in prepared.iterdir():
            entry.unlink()
        return False
    finally:
        # What the preparation had in memory is not part of what a run takes.
        gc.collect()
        trim()


def _run_image(model: LoadedModel) -> None:
    """One image through all three stages, and all values that the family reads looked at."""
    height, width = model.input_size or (WARM_UP_SIDE, WARM_UP_SIDE)
    parameters = InferenceParameters(confidence=_CONFIDENCE)
    prepared = model.preprocess(synthetic_image(height, width), parameters)
    outputs = model.run(prepared.tensor[None])
    model.postprocess([output[0] for output in outputs], prepared, parameters)
    if model.takes_texts:
        # Its answer is looked at where it is made.
        model.embed_text(WARM_UP_TEXT)
    for name, output in zip(model.outputs_read, outputs, strict=False):
        if not np.isfinite(output).all():
            raise OutputNotFinite(
                f"The network's output {name[:80]} is not finite for a synthetic image. Export it anew; in half "
                "precision, keep the layers that overflow in float32."
            )


def _run_tensors(directory: Path, options: SessionOptions) -> str:
    """A network that no family here reads, on tensors of the shapes that it names."""
    from backends.onnx.session import OnnxSession

    session = OnnxSession(NetworkFiles(directory, _NETWORK_OF_TENSORS), options)
    try:
        size = _configured_size(directory)
        guessed = any(_is_guess(spec, size) for spec in session.inputs)
        try:
            outputs = session.run_tensors({spec.name: _synthetic_tensor(spec, size) for spec in session.inputs})
        except OutOfMemory:
            raise
        except BackendError:
            if not guessed:
                raise
            return "It was loaded, but not run: its inputs have no fixed size."
    finally:
        session.close()
    note = "It was run on bare tensors: this server has no reader for its answers."
    # Masks of attention may well be infinite; without a reader nobody knows.
    endless = [name for name, output in outputs.items() if output.dtype.kind == "f" and not np.isfinite(output).all()]
    return plain(f"{note} Not all values of {endless[0]} are finite.") if endless else note


def synthetic_image(height: int, width: int) -> Array:
    """uint8 (height, width, 3): a slope of grey, noise and a bright square; the same each time."""
    slope = np.linspace(40, 200, width, dtype=np.float32)[None, :, None]
    noise = np.random.default_rng(0).normal(0, 12, (height, width, 3)).astype(np.float32)
    image: Array = np.clip(slope + noise, 0, 255).astype(np.uint8)
    image[height // 4 : height // 2, width // 4 : width // 2] = (40, 60, 230)
    return image


def _synthetic_tensor(spec: TensorSpec, size: tuple[int, int] | None) -> Array:
    shape = [side if side is not None else 1 for side in spec.shape]
    if len(shape) == 4:
        for axis, default in ((2, 0), (3, 1)):
            if spec.shape[axis] is None:
                shape[axis] = size[default] if size else WARM_UP_SIDE
    dtype = np.dtype(spec.dtype)
    if dtype.kind == "f":
        values: Array = np.random.default_rng(0).random(shape, dtype=np.float32)
        return values.astype(dtype)
    # Whole numbers are most often indices, of which 1 exists where anything does.
    ones: Array = np.full(shape, "" if dtype.kind == "O" else 1, dtype=dtype)
    return ones


def _is_guess(spec: TensorSpec, size: tuple[int, int] | None) -> bool:
    """Whether more than the batch is open, and nobody says how large it is."""
    open_sides = [axis for axis, side in enumerate(spec.shape) if side is None and axis > 0]
    return bool(open_sides) and not (size and len(spec.shape) == 4 and set(open_sides) <= {2, 3})


def _configured_size(directory: Path) -> tuple[int, int] | None:
    """(height, width) of inference_config.json, if there is one that says so; other families have other fields."""
    try:
        document = json.loads((directory / "inference_config.json").read_bytes())
        size = document["network_input"]["training_input_size"]
        height, width = size["height"], size["width"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return (height, width) if type(height) is int and type(width) is int and 0 < height * width < 2**26 else None


def _unreadable(directory: Path) -> str:
    """The first file that this process may not read: without its owner's privileges root is nobody in particular."""
    for path in directory.rglob("*"):
        if not os.access(path, os.R_OK):
            return path.relative_to(directory).as_posix()
    return "" if os.access(directory, os.R_OK | os.X_OK) else "the package"


def _refusal(error: BackendError, outcome: str, runtime: str, again: bool = False) -> Trial:
    return replace(remedies.failed(error.code, error.message, runtime=runtime), outcome=outcome, again=again)
