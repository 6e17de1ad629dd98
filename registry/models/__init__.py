"""Who and what: one file a noun."""

from __future__ import annotations

from registry.models.audit import AuditEvent
from registry.models.model import Model, ModelAlias, ModelDependency
from registry.models.token import AccessToken, Scope
from registry.models.workspace import Membership, Workspace

__all__ = ["AccessToken", "AuditEvent", "Membership", "Model", "ModelAlias", "ModelDependency", "Scope", "Workspace"]
