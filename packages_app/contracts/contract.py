"""What one implementation of the client needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from packages_app.contracts.reading import Reading
from packages_app.facts import Tensor

# What a head answers: why the client would misread these outputs, or None. Dimensions that are not known prove nothing.
Head = Callable[[tuple[Tensor, ...], Reading], str | None]
# What a check of a JSON document answers: a sentence for each thing that is wrong.
DocumentCheck = Callable[[Any, Reading], Iterator[str]]

CONFIG = "inference_config.json"
CLASS_NAMES = "class_names.txt"
KEY_POINTS = "keypoints_metadata.json"


class ClassNames(Enum):
    """What the client does with class_names.txt."""

    NEEDED = "needed"
    WITH_BACKGROUND = "with background"
    NOT_READ = "not read"


@dataclass(frozen=True)
class Contract:
    """``weights`` are the files with the network; the first of them is the one that manifests describe.

    ``needed`` are further files; in a tuple of several names any one will do. ``documents`` checks those of JSON.
    ``post_processing`` is the type that the configuration has to name, ``may_be_fused`` whether the client reads a head
    with that step inside. ``initialization``: keys of ``model_initialization`` that must be there, with their types.
    ``sized_by_file``: a fixed input size of the network goes before the configuration's. ``side``: pixels of the square
    that the client makes of every image. ``batch``: how many images it feeds at once, whatever the network takes.
    """

    weights: tuple[str, ...]
    needed: tuple[tuple[str, ...], ...] = ()
    class_names: ClassNames = ClassNames.NEEDED
    has_config: bool = True
    post_processing: str | None = None
    may_be_fused: bool = True
    needs_static_batch: bool = False
    needs_dynamic_batch: bool = False
    needs_scaling: bool = False
    needs_class_removal: bool = False
    sized_by_file: bool = False
    side: int | None = None
    batch: int | None = None
    initialization: Mapping[str, type] = field(default_factory=dict)
    head: Head | None = None
    documents: Mapping[str, DocumentCheck] = field(default_factory=dict)
    dependency: str | None = None
    notice: str | None = None

    @property
    def files(self) -> tuple[tuple[str, ...], ...]:
        """Every file that the client looks for, each as the names that will do."""
        names = [(name,) for name in self.weights] + list(self.needed)
        if self.class_names is not ClassNames.NOT_READ:
            names.append((CLASS_NAMES,))
        if self.has_config:
            names.append((CONFIG,))
        return tuple(names)
