"""Networks in ONNX, run by ONNX Runtime on the CPU, CUDA, TensorRT or OpenVINO."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from backends.errors import PackageDamaged, RuntimeMissing, UnsupportedPackage
from backends.onnx import arena, prepared
from backends.onnx.external_data import check_external_files
from backends.onnx.providers import CPU, Provider, check_first_provider, choose_providers
from backends.onnx.refusals import input_of_type, load_error, run_error
from backends.onnx.weights import Weights, weights_of
from backends.session import (
    DEFAULT_BATCH_LIMIT,
    Array,
    BatchPolicy,
    NetworkFiles,
    Session,
    SessionOptions,
    TensorSpec,
    check_tensors,
    closed,
)

_DTYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    "tensor(uint8)": "uint8",
    "tensor(int8)": "int8",
    "tensor(uint16)": "uint16",
    "tensor(int16)": "int16",
    "tensor(uint32)": "uint32",
    "tensor(int32)": "int32",
    "tensor(uint64)": "uint64",
    "tensor(int64)": "int64",
    "tensor(bool)": "bool",
    "tensor(string)": "object",
}


class OnnxSession(Session):
    """An ONNX file in ONNX Runtime. Runs from several threads go in parallel."""

    def __init__(self, files: NetworkFiles, options: SessionOptions) -> None:
        runtime = _runtime()
        path = files.directory / files.weights
        if not path.is_file():
            raise PackageDamaged(f"The package has no file {files.weights}.")
        external = check_external_files(path)
        providers = choose_providers(options, runtime.get_available_providers())
        settings = _session_options(runtime, options)
        self._shares_arena = _is_cpu_alone(providers)
        if self._shares_arena:
            arena.share(runtime, settings)
        file: Path = path
        weights: Weights | None = None
        if files.prepared is not None:
            file = files.prepared / prepared.NETWORK.format(files.prepared_name)
            # All that there is to optimise was, and some of it would be undone.
            settings.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
            weights = weights_of(runtime, file, files.prepared / prepared.WEIGHTS.format(files.prepared_name))
        if weights is not None:
            weights.give_to(settings)
        session = _load(runtime, file, settings, providers, path)
        check_first_provider(providers, session.get_providers())
        # A run that goes on after `close` holds both.
        self._loaded: tuple[Any, Weights | None] | None = session, weights
        self.inputs = tuple(_spec(node, is_input=True) for node in session.get_inputs())
        self.outputs = tuple(_spec(node) for node in session.get_outputs())
        self.batch_policy = _batch_policy(self.inputs, files)
        self._weight_bytes = sum(item.stat().st_size for item in (path, *(path.parent / name for name in external)))

    @classmethod
    def prepare(cls, files: NetworkFiles, options: SessionOptions, target: Path) -> bool:
        runtime = _runtime()
        providers = choose_providers(options, runtime.get_available_providers())
        if not _is_cpu_alone(providers):
            return False
        path = files.directory / files.weights
        external = check_external_files(path)
        prepared.write(
            path,
            target,
            files.prepared_name,
            _session_options(runtime, options),
            lambda file, settings: _load(runtime, file, settings, providers, path),
            # Weights in other files are looked for beside the network's.
            rewrite=not external and prepared.rewrites_with(runtime.__version__, options.rewriting),
        )
        return True

    @classmethod
    def preparation_settings(cls, options: SessionOptions) -> str:
        return prepared.settings(_runtime().__version__, options.rewriting)

    def run_tensors(self, tensors: Mapping[str, Array]) -> dict[str, Array]:
        loaded = self._loaded
        if loaded is None:
            raise closed()
        session, _ = loaded
        check_tensors(self.inputs, tensors)
        names = [spec.name for spec in self.outputs]
        try:
            outputs = session.run(names, dict(tensors))
        except Exception as error:
            raise run_error(error) from None
        return dict(zip(names, outputs, strict=True))

    def close(self) -> None:
        loaded, self._loaded = self._loaded, None
        if loaded is not None and self._shares_arena:
            del loaded
            arena.shrink(_runtime())

    @property
    def memory_estimate(self) -> int:
        # Weights once as constants and once packed for the kernels; activations for one image are of the order of
        # the input's size times a few dozen channels.
        pixels = int(np.prod([side or 1 for side in self.inputs[0].shape]))
        return 2 * self._weight_bytes + 32 * 4 * pixels * self.batch_policy.minimum


def _runtime() -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise RuntimeMissing("ONNX Runtime is not installed here.") from None
    return onnxruntime


def _is_cpu_alone(providers: Sequence[Provider]) -> bool:
    return [name for name, _ in providers] == [CPU]


def _load(runtime: Any, file: Path, settings: Any, providers: Sequence[Provider], path: Path) -> Any:
    """A session of ``file``, which stands for the package's file at ``path``."""
    try:
        return runtime.InferenceSession(str(file), sess_options=settings, providers=providers)
    except Exception as error:
        raise load_error(error, runtime.__version__, path) from None


def _session_options(onnxruntime: Any, options: SessionOptions) -> Any:
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    # Several threads for one run are for a request that has the machine to itself. Woken for each operator they would
    # take a fifth longer than threads that spin; but they must not go on spinning after the run, when others work.
    spinning = options.threads > 1
    settings.add_session_config_entry("session.intra_op.allow_spinning", "1" if spinning else "0")
    settings.add_session_config_entry("session.force_spinning_stop", "1" if spinning else "0")
    settings.add_session_config_entry("session.inter_op.allow_spinning", "0")
    settings.log_severity_level = 3
    return settings


def _spec(node: Any, is_input: bool = False) -> TensorSpec:
    if node.type not in _DTYPES:
        if is_input and node.type.startswith("tensor("):
            raise input_of_type(node.name, node.type[7:-1])
        raise UnsupportedPackage("The network has inputs or outputs that are not plain tensors.")
    # ONNX Runtime names dynamic sides with strings, and gives None for those without a name.
    shape = tuple(side if isinstance(side, int) and side > 0 else None for side in node.shape)
    return TensorSpec(node.name, _DTYPES[node.type], shape)


def _batch_policy(inputs: tuple[TensorSpec, ...], files: NetworkFiles) -> BatchPolicy:
    """The file's own first side decides: a number is a static batch, anything else a dynamic one."""
    if not inputs or not inputs[0].shape:
        raise UnsupportedPackage("The network takes no images.")
    static = inputs[0].shape[0]
    if static is not None:
        return BatchPolicy.static(static)
    return BatchPolicy(1, files.max_dynamic_batch_size or DEFAULT_BATCH_LIMIT)
