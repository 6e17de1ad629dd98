"""Which packages can be run here, and how to load one."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from backends.errors import UnsupportedPackage
from backends.families import implementations as implementations
from backends.families.family import Family
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
    prepared: Path | None = None,
) -> LoadedModel:
    """Loads the package whose files lie in ``directory``, named by their file handles.

    ``prepared``: a folder that `prepare_package` filled here from the same package, which is then loaded in a fraction
    of the time. Raises UnsupportedPackage, PackageDamaged (PackageConfigInvalid), RuntimeMissing, DeviceUnavailable or
    OutOfMemory. The files must have been verified by the caller: a network is a program.
    """
    item = find_implementation(architecture, task, backend, features)
    config = _configuration(item, directory)
    family = item.family(config, read_class_names(directory), recommended)
    session = item.session(_network_files(item, directory, config, family, prepared), options)
    try:
        family.check_session(session)
    except BaseException:
        session.close()
        raise
    return LoadedModel(session, family, config)


def prepare_package(
    directory: Path,
    target: Path,
    *,
    architecture: str,
    task: str,
    backend: str,
    features: Collection[str] = (),
    options: SessionOptions = DEFAULT_OPTIONS,
) -> bool:
    """Fills the folder ``target`` with what `load_package` loads sooner, as `Session.prepare` does; raises likewise."""
    item = find_implementation(architecture, task, backend, features)
    config = _configuration(item, directory)
    family = item.family(config, read_class_names(directory), None)
    return item.session.prepare(_network_files(item, directory, config, family), options, target)


def _configuration(item: Implementation, directory: Path) -> InferenceConfig:
    require_files(directory, item.files)
    return item.family.adapt(read_inference_config(directory))


def _network_files(
    item: Implementation, directory: Path, config: InferenceConfig, family: Family, prepared: Path | None = None
) -> NetworkFiles:
    return NetworkFiles(
        directory=directory,
        weights=item.weights,
        static_batch_size=config.forward_pass.static_batch_size,
        max_dynamic_batch_size=config.forward_pass.max_dynamic_batch_size,
        input_size=_input_size(config),
        dynamic_size=config.network_input.dynamic_spatial_size_supported,
        output_names=item.family.output_names,
        build_module=family.build_module,
        prepared=prepared,
    )


def _input_size(config: InferenceConfig) -> tuple[int, int] | None:
    size = config.network_input.training_input_size
    return None if size is None else (size.height, size.width)
