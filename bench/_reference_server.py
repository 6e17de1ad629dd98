"""The reference server as an ASGI application, for `uvicorn bench._reference_server:app` in .venvs/peer."""

from __future__ import annotations

from inference.core.interfaces.http.http_api import HttpInterface
from inference.core.managers.base import ModelManager
from inference.core.managers.decorators.fixed_size_cache import WithFixedSizeCache
from inference.core.registries.roboflow import RoboflowModelRegistry
from inference.models.utils import ROBOFLOW_MODEL_TYPES

manager = WithFixedSizeCache(ModelManager(model_registry=RoboflowModelRegistry(ROBOFLOW_MODEL_TYPES)), max_size=64)
manager.init_pingback()
app = HttpInterface(manager).app
