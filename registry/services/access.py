"""Which models an identity can see."""

from __future__ import annotations

import re

from django.db.models import Q, QuerySet

from registry.errors import ModelNotFound, TokenRequired
from registry.limits import MODEL_ID_LENGTH
from registry.models import Model
from registry.services.lookups import Lookup
from registry.services.tokens import Identity

MOST_SHOWN = 80
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def visible_models(identity: Identity) -> QuerySet[Model]:
    """Public models, and those of the token's workspace."""
    return _visible_to(identity.workspace_id)


def find_readable_model(name: str, identity: Identity) -> Model:
    """As `find_model`, for whoever wants to read. Raises InsufficientScope for a token that may not."""
    if identity.token is not None:
        identity.require("read")
    return find_model(name, identity)


def _can_be_an_id(name: str) -> bool:
    """Whether a database takes ``name`` at all; JSON can hold a NUL, and half of a character (a lone surrogate)."""
    return 0 < len(name) <= MODEL_ID_LENGTH and _NO_TEXT.search(name) is None


def _visible_to(workspace_id: int | None) -> QuerySet[Model]:
    visible = Q(is_public=True)
    if workspace_id is not None:
        visible |= Q(workspace_id=workspace_id)
    return Model.objects.filter(visible)


_PUBLIC_BY_ID = Lookup(lambda name: _visible_to(None).filter(model_id=name), name=str)
_PUBLIC_BY_ALIAS = Lookup(lambda name: _visible_to(None).filter(aliases__alias=name), name=str)
_BY_ID = Lookup(lambda name, workspace: _visible_to(workspace).filter(model_id=name), name=str, workspace=int)
_BY_ALIAS = Lookup(lambda name, workspace: _visible_to(workspace).filter(aliases__alias=name), name=str, workspace=int)


def shown(name: str) -> str:
    """What somebody took for an id, as a message repeats it."""
    return repr(name if len(name) <= MOST_SHOWN else f"{name[:MOST_SHOWN]}…")


def find_model(name: str, identity: Identity) -> Model:
    """The model with this id or alias, if ``identity`` can see it.

    An id wins over nothing: ids and aliases share one namespace. Raises ModelNotFound, or TokenRequired for
    an anonymous request; both are the same for a model that does not exist and for one that is not visible,
    so that nobody learns which private models there are.
    """
    model = None
    if _can_be_an_id(name):
        workspace = identity.workspace_id
        if workspace is None:
            model = _PUBLIC_BY_ID.first(name=name) or _PUBLIC_BY_ALIAS.first(name=name)
        else:
            model = _BY_ID.first(name=name, workspace=workspace) or _BY_ALIAS.first(name=name, workspace=workspace)
    if model is not None:
        return model
    if identity.token is None:
        raise TokenRequired("No public model has this id. If it is a private one, send an access token.")
    raise ModelNotFound("No model with this id is visible to your access token.")


def require_run(model: Model, identity: Identity) -> None:
    """Raises InsufficientScope unless ``identity``, who sees ``model``, may run it: anybody may run a public one.

    A token that was shown is held to its scopes all the same.
    """
    if identity.token is not None or not model.is_public:
        identity.require("infer")
