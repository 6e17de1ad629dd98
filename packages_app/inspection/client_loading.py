"""How the client opens Torch files, where its families differ. Source: client 0.39.6."""

from __future__ import annotations

from dataclasses import dataclass

# With `weights_only=False`, whatever lies in the file.
_IN_FULL = frozenset({"easy-ocr", "rfdetr"})
# By `torch.jit.load`, though the backend is Torch.
_AS_SCRIPT = {"clip": "model.pt"}
# By running them.
_AS_PROGRAM = {"grounding-dino": "config.py"}


@dataclass(frozen=True)
class TorchLoading:
    """``in_full``: files are opened with all that is in them. ``script``: the file that is a TorchScript archive.
    ``program``: the file that is run as Python.
    """

    in_full: bool = False
    script: str | None = None
    program: str | None = None


def torch_loading(architecture: str, backend: str) -> TorchLoading:
    """How packages of ``architecture`` are opened; weights only, unless the client does otherwise."""
    if backend != "torch":
        return TorchLoading()
    return TorchLoading(architecture in _IN_FULL, _AS_SCRIPT.get(architecture), _AS_PROGRAM.get(architecture))
