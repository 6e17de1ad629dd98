"""Which packages can be run here, and how to load one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from backends.errors import UnsupportedPackage
from backends.families import implementations as implementations
from backends.families.implementation import Implementation
from backends.inference_config import InferenceConfig, read_inference_config
from backends.model import LoadedModel
from backends.package_files import read_class_names, require_files
from backends.parameters import RecommendedParameters
from backends.session import DEFAULT_OPTIONS, NetworkFiles, SessionOptions


def find_implementation(architecture: str, task: str, backend: str, features: Collection[str] = ()) -> Implementation:
    """The implementation for a package. Raises UnsupportedPackage, which says what is missing.

    ``features``: names of the model features that the package's metadata set.
    """
    for item in implementations():
        if (item.architecture, item.task, item.backend) == (architecture, task, backend):
            break
    else:
        raise UnsupportedPackage(f"This server cannot run {architecture} for {task} on {backend}.")
    unknown = sorted(set(features) - item.supported_features - item.required_features)
    if unknown:
        raise UnsupportedPackage(f"The package needs features that are not supported: {', '.join(unknown)}.")
    missing = sorted(item.required_features - set(features))
    if missing:
        raise UnsupportedPackage(f"The package lacks the features {', '.join(missing)}.")
    return item


def load_package(
    directory: Path,
    *,
    architecture: str,
    task: str,
    backend: str,
    features: Collection[str] = (),
    options: SessionOptions = DEFAULT_OPTIONS,
    recommended: RecommendedParameters | None = None,
) -> LoadedModel:
    """Loads the package whose files lie in ``directory``, named by their file handles.

    Raises UnsupportedPackage, PackageDamaged (PackageConfigInvalid), RuntimeMissing, DeviceUnavailable or
    OutOfMemory. The files must have been verified by the caller: a network is a program.
    """
    (model,) = load_package_for_each(
        directory,
        [options.threads],
        architecture=architecture,
        task=task,
        backend=backend,
        features=features,
        options=options,
        recommended=recommended,
    )
    return model


def load_package_for_each(
    directory: Path,
    threads: Sequence[int],
    *,
    architecture: str,
    task: str,
    backend: str,
    features: Collection[str] = (),
    options: SessionOptions = DEFAULT_OPTIONS,
    recommended: RecommendedParameters | None = None,
) -> list[LoadedModel]:
    """As `load_package`, once for each number of threads that a run may use, in place of that in ``options``."""
    item = find_implementation(architecture, task, backend, features)
    require_files(directory, item.files)
    config = item.family.adapt(read_inference_config(directory))
    family = item.family(config, read_class_names(directory), recommended)
    files = NetworkFiles(
        directory=directory,
        weights=item.weights,
        static_batch_size=config.forward_pass.static_batch_size,
        max_dynamic_batch_size=config.forward_pass.max_dynamic_batch_size,
        input_size=_input_size(config),
        dynamic_size=config.network_input.dynamic_spatial_size_supported,
        output_names=item.family.output_names,
        build_module=family.build_module,
    )
    sessions = item.session.load_each(files, options, threads)
    try:
        for session in sessions:
            family.check_session(session)
    except BaseException:
        for session in sessions:
            session.close()
        raise
    return [LoadedModel(session, family, config) for session in sessions]


def _input_size(config: InferenceConfig) -> tuple[int, int] | None:
    size = config.network_input.training_input_size
    return None if size is None else (size.height, size.width)
