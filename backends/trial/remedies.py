"""What helps against the refusal of a trial, for the person who exported or uploads the package."""

from __future__ import annotations

from backends.trial.result import FAILED, Trial, plain

_REMEDIES = {
    "operator-unsupported": "Export it with a lower opset, or without this operator.",
    "input-unsupported": "Export it with inputs of float32 or float16.",
    "network-mismatch": "Publish it under the architecture and task that it was exported for, or export it anew.",
    "package-config-invalid": "Correct that file.",
    "package-damaged": "Export or upload it anew.",
    "package-unsupported": "Export it anew for this architecture and task.",
    "inference-failed": "Check that it runs where it was exported, and export it anew.",
    "out-of-memory": "Export it smaller, or have the operator raise TRIAL_MEMORY_BYTES, and inspect it again.",
    "trial-too-slow": "Export it without loops, or have the operator raise TRIAL_SECONDS, and inspect it again.",
    "trial-died": "Check that it runs where it was exported, and export it anew.",
    "bad-tensor": "Export it for one batch of images, three channels first.",
}


def failed(code: str, cause: str, *, runtime: str = "", again: bool = False) -> Trial:
    """A trial that failed: cause and remedy, in plain characters."""
    reason = f"The trial run failed: {cause[:1].lower() + cause[1:]} {_REMEDIES.get(code, '')}".rstrip()
    return Trial(FAILED, code, plain(reason), again=again, runtime=runtime, cause=plain(cause[:1].upper() + cause[1:]))
