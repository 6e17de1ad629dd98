"""What a preparation depends on beside the package's files: the machine, the runtime, and how it is used."""

from __future__ import annotations

import json

from backends.processor import processor
from backends.registry import find_implementation
from backends.trial.request import TrialRequest
from backends.trial.result import plain
from backends.trial.runtimes import import_runtime


def conditions_of(request: TrialRequest) -> dict[str, str]:
    """What a preparation of the package on this machine and by this interpreter depends on, beside its files.

    Raises UnsupportedPackage and RuntimeMissing.
    """
    item = find_implementation(request.architecture, request.task, request.backend, request.features)
    values = {
        "runtime": import_runtime(request.backend),
        "processor": processor(),
        "device": request.device,
        "providers": json.dumps(request.providers),
        "settings": item.session.preparation_settings(request.session_options()),
    }
    return {name: plain(value) for name, value in values.items()}
