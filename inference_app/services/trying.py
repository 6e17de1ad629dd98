"""Trying a package that is inspected: its files laid out as for the model host, and loaded in a child process.

What was laid out and passed stays in the cache with what the child prepared of it, so that the first request need not
fetch, verify or prepare it again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings

from backends.trial.request import TrialLimits, TrialRequest
from backends.trial.result import FAILED, NOT_TRIED, PASSED, Trial
from backends.trial.runner import try_package, why_not
from inference_app.errors import CacheFull
from inference_app.services.materialising import forget, materialise, preparation_folder
from packages_app.models import Package
from packages_app.services import trials

logger = structlog.get_logger("weighbridge.trial")


def run(package: Package, is_interrupted: Callable[[], bool] = lambda: False) -> dict[str, Any]:
    """What came of it, as `packages_app.services.trials` wants it.

    Raises BlobDamaged, BlobUnavailable and StorageFull.
    """
    features = [name for name, value in (package.model_features or {}).items() if value not in (None, False)]
    request = TrialRequest(
        directory=Path(),
        architecture=package.model.architecture,
        task=package.model.task_type,
        backend=package.backend,
        features=features,
        trusted=package.trusted,
        device=settings.MODEL_HOST_DEVICE,
        rewriting=settings.MODEL_HOST_GRAPH_REWRITING,
    )
    # Before its files are fetched and verified for nothing.
    untried = why_not(request)
    if untried is not None:
        return untried.summary()
    try:
        directory = materialise(package)
    except CacheFull:
        return trials.not_tried(CacheFull.code, "It is larger than this server's cache of models.")
    limits = TrialLimits(
        seconds=settings.TRIAL_SECONDS,
        memory_bytes=settings.TRIAL_MEMORY_BYTES,
        python=settings.MODEL_HOST_PYTHON or sys.executable,
    )
    trial = try_package(
        request.at(directory),
        limits,
        scratch=settings.STAGING_ROOT,
        keep=preparation_folder(directory),
        is_interrupted=is_interrupted,
    )
    if trial.outcome != PASSED and not directory.is_dir():
        trial = Trial(NOT_TRIED, "made-room", "Its files made room for others meanwhile. Inspect it again.", again=True)
    if trial.outcome == FAILED:
        # Nobody will ask for it, and it took the place of what somebody may.
        forget(package)
    if trial.unconfined:
        logger.warning("a trial could not be confined wholly", package=package.pk, not_given_up=trial.unconfined)
    return trial.summary()
