"""Networks as TensorRT engines on an NVIDIA GPU."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import numpy as np

from backends.errors import DeviceUnavailable, InferenceFailed, OutOfMemory, PackageDamaged
from backends.session import (
    Array,
    NetworkFiles,
    Session,
    SessionOptions,
    TensorSpec,
    check_tensors,
    closed,
)
from backends.tensorrt.config import read_batch_policy
from backends.tensorrt.device_memory import DeviceMemory, open_device_memory
from backends.tensorrt.engine_header import read_engine_header
from backends.tensorrt.library import deserialize, import_tensorrt
from backends.tensorrt.profiles import Profile, choose_profile, combine


class TensorRtSession(Session):
    """An engine with one input, of static or dynamic shape.

    Each optimisation profile that requests need gets an execution context, made when it is first needed. Runs take
    turns on one stream: copy in, run, copy out, wait. Inputs and outputs keep the engine's own data types.
    """

    runs_code = True

    def __init__(self, files: NetworkFiles, options: SessionOptions) -> None:
        path = files.directory / files.weights
        header = read_engine_header(path)
        wanted = read_batch_policy(files.directory)
        tensorrt = import_tensorrt()
        if not options.on_gpu:
            raise DeviceUnavailable("TensorRT engines run on an NVIDIA GPU only.")
        self._memory: DeviceMemory = open_device_memory(options.device_index)
        self._turn = threading.Lock()
        self._contexts: dict[int, Any] = {}
        self._memory.enter()
        try:
            # The engine belongs to the device that is current while it is made.
            self._runtime, self._engine = deserialize(tensorrt, path.read_bytes(), header, options.trusted)
            self._tensorrt = tensorrt
            self.inputs, self.outputs = self._describe(files.output_names)
            self._profiles = self._read_profiles()
        finally:
            self._memory.leave()
        self.batch_policy = combine(wanted, self._profiles)
        self._file_bytes = path.stat().st_size

    def run_tensors(self, tensors: Mapping[str, Array]) -> dict[str, Array]:
        check_tensors(self.inputs, tensors)
        name = self.inputs[0].name
        batch = np.ascontiguousarray(tensors[name])
        with self._turn:
            if self._engine is None:
                raise closed()
            self._memory.enter()
            try:
                return self._run(name, batch)
            finally:
                self._memory.leave()

    def close(self) -> None:
        with self._turn:
            self._contexts.clear()
            self._engine = self._runtime = None
            self._memory.close()

    @property
    def memory_estimate(self) -> int:
        engine = self._engine
        if engine is None:
            return 0
        # TensorRT 11 has only the second name, the early 10.x only the first.
        v2 = hasattr(engine, "device_memory_size_v2")
        scratch = engine.device_memory_size_v2 if v2 else engine.device_memory_size
        return self._file_bytes + int(scratch) * max(len(self._contexts), 1)

    def _describe(self, wanted: tuple[str, ...]) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
        engine, tensorrt = self._engine, self._tensorrt
        inputs: list[TensorSpec] = []
        outputs: list[TensorSpec] = []
        for index in range(engine.num_io_tensors):
            name = engine.get_tensor_name(index)
            shape = tuple(None if side < 0 else int(side) for side in engine.get_tensor_shape(name))
            spec = TensorSpec(name, np.dtype(tensorrt.nptype(engine.get_tensor_dtype(name))).name, shape)
            is_input = engine.get_tensor_mode(name) == tensorrt.TensorIOMode.INPUT
            (inputs if is_input else outputs).append(spec)
        if len(inputs) != 1:
            raise PackageDamaged("The engine must have exactly one input.")
        by_name = {spec.name: spec for spec in outputs}
        missing = [name for name in wanted if name not in by_name]
        if missing:
            raise PackageDamaged(f"The engine has no output named {missing[0]}.")
        # An engine does not keep the order of outputs, so families that read several name them.
        return tuple(inputs), tuple(by_name[name] for name in wanted) or tuple(outputs)

    def _read_profiles(self) -> tuple[Profile, ...]:
        name, shape = self.inputs[0].name, self.inputs[0].shape
        if None not in shape:
            fixed = tuple(side for side in shape if side is not None)
            return (Profile(0, fixed, fixed, fixed),)
        profiles = []
        for index in range(self._engine.num_optimization_profiles):
            least, best, most = (tuple(shape) for shape in self._engine.get_tensor_profile_shape(name, index))
            profiles.append(Profile(index, least, best, most))
        return tuple(profiles)

    def _context(self, profile: Profile) -> Any:
        context = self._contexts.get(profile.index)
        if context is None:
            context = self._engine.create_execution_context()
            if context is None:
                raise OutOfMemory("There is not enough memory on the GPU to run the model.")
            if not context.set_optimization_profile_async(profile.index, self._memory.stream):
                raise InferenceFailed("TensorRT refused the optimisation profile.")
            self._contexts[profile.index] = context
        return context

    def _run(self, name: str, batch: Array) -> dict[str, Array]:
        context = self._context(choose_profile(self._profiles, batch.shape))
        memory = self._memory
        if not context.set_input_shape(name, batch.shape):
            raise InferenceFailed("TensorRT refused the input's shape.")
        context.set_tensor_address(name, memory.reserve(name, batch.nbytes))
        memory.upload(name, batch)
        answers: dict[str, Array] = {}
        for index in range(self._engine.num_io_tensors):
            output = self._engine.get_tensor_name(index)
            if output == name:
                continue
            dtype = self._tensorrt.nptype(self._engine.get_tensor_dtype(output))
            answers[output] = np.empty(tuple(context.get_tensor_shape(output)), dtype=dtype)
            context.set_tensor_address(output, memory.reserve(output, answers[output].nbytes))
        if not context.execute_async_v3(memory.stream):
            raise InferenceFailed("TensorRT failed to run the network.")
        for spec in self.outputs:
            memory.download(spec.name, answers[spec.name])
        memory.synchronize()
        return {spec.name: answers[spec.name] for spec in self.outputs}
