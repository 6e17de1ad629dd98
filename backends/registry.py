"""Which packages can be run here, and how to load one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from backends.errors import UnsupportedPackage
from backends.families import implementations as implementations
from backends.families.family import Family
from backends.families.implementation import Implementation
from backends.inference_config import InferenceConfig
from backends.model import LoadedModel
from backends.package_files import require_files
from backends.parameters import RecommendedParameters
from backends.session import DEFAULT_OPTIONS, NetworkFiles, Session, SessionOptions

# What the prepared files of a second network are called.
TEXTS = "texts"


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


def check_texts(architecture: str, task: str, texts: Sequence[str]) -> None:
    """Raises BadText for texts that such models do not take here: to be asked before one is loaded for them."""
    family = next(
        (item.family for item in implementations() if (item.architecture, item.task) == (architecture, task)), Family
    )
    family.check_texts(texts)


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
    family = _family(item, directory, recommended)
    with ExitStack() as opened:
        # All networks of a package together: no request waits for the second one, or fails for want of memory, and what
        # is wrong with it is found before a request finds it.
        sessions: list[Session] = []
        for files in _networks(item, directory, family, prepared):
            sessions.append(item.session(files, options))
            opened.callback(sessions[-1].close)
        family.fit(sessions[0])
        for text_session in sessions[1:]:
            family.check_text_session(text_session, sessions[0])
        model = LoadedModel(sessions[0], family, family.config, *sessions[1:])
        opened.pop_all()
    return model


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
    networks = _networks(item, directory, _family(item, directory))
    # Whether there is anything to prepare is a question of the runtime, and the same for all of them.
    return all(item.session.prepare(files, options, target) for files in networks)


def _family(item: Implementation, directory: Path, recommended: RecommendedParameters | None = None) -> Family:
    require_files(directory, item.files)
    return item.family.read(directory, recommended)


def _networks(
    item: Implementation, directory: Path, family: Family, prepared: Path | None = None
) -> list[NetworkFiles]:
    """The package's network, and after it the one for texts where it has one."""
    config = family.config
    first = NetworkFiles(
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
    if not item.text_weights:
        return [first]
    return [first, replace(first, weights=item.text_weights, input_size=None, prepared_name=TEXTS)]


def _input_size(config: InferenceConfig) -> tuple[int, int] | None:
    size = config.network_input.training_input_size
    return None if size is None else (size.height, size.width)
