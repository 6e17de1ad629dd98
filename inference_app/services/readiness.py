"""Whether this server is ready for work."""

from __future__ import annotations

from django.db import DatabaseError

from backends.errors import BackendError
from inference_app.services import preload
from registry.models import Workspace


def problems() -> list[str]:
    """What is missing, in sentences for anybody: the database answers, and the pinned models are loaded."""
    try:
        Workspace.objects.exists()
    except DatabaseError:
        return ["The database does not answer."]
    try:
        missing = len(preload.not_loaded_yet())
    except BackendError as error:
        return [error.message]
    if missing:
        # How many and not which: anybody may ask, and private models are nobody's business.
        return [f"Pinned models that are not loaded yet: {missing}. The log tells what stands in the way."]
    return []
