"""What an inspection finds, and what the contracts judge."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Tensor:
    """An input or output of a network: ``shape`` holds a number for each known dimension, else its name or None."""

    name: str
    dtype: str
    shape: tuple[int | str | None, ...]


@dataclass(frozen=True)
class Facts:
    """What the files prove. None: they say nothing of it.

    ``problems`` are damage and danger, for which the package is set aside; ``gaps`` are what the client would miss or
    misread, which a curator can mend.

    ``other_inputs`` and ``other_outputs`` are those of a second network, where clients load two.

    ``quantization`` is in the words of the wire; ``stored_types`` are the types that weights have, the most frequent
    first. ``exported_class_names`` are those that an exporter wrote into the network. ``notices`` are for whoever
    decides whether to trust the package.
    """

    opset: int | None = None
    ir_version: int | None = None
    dynamic_batch_size: bool | None = None
    static_batch_size: int | None = None
    min_batch_size: int | None = None
    opt_batch_size: int | None = None
    max_batch_size: int | None = None
    quantization: str | None = None
    stored_types: tuple[str, ...] = ()
    supported_device_types: tuple[str, ...] | None = None
    torch_version: str | None = None
    inputs: tuple[Tensor, ...] = ()
    outputs: tuple[Tensor, ...] = ()
    other_inputs: tuple[Tensor, ...] = ()
    other_outputs: tuple[Tensor, ...] = ()
    external_data: tuple[str, ...] = ()
    class_names: tuple[str, ...] | None = None
    exported_class_names: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value not in (None, ())}
