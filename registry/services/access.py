"""Which models an identity can see."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from registry.errors import ModelNotFound, TokenRequired
from registry.limits import MODEL_ID_LENGTH
from registry.models import Model
from registry.services.tokens import Identity


def visible_models(identity: Identity) -> QuerySet[Model]:
    """Public models, and those of the token's workspace."""
    visible = Q(is_public=True)
    if identity.workspace_id is not None:
        visible |= Q(workspace_id=identity.workspace_id)
    return Model.objects.filter(visible)


def find_model(name: str, identity: Identity) -> Model:
    """The model with this id or alias, if ``identity`` can see it.

    An id wins over nothing: ids and aliases share one namespace. Raises ModelNotFound, or TokenRequired for
    an anonymous request; both are the same for a model that does not exist and for one that is not visible,
    so that nobody learns which private models there are.
    """
    model = None
    if 0 < len(name) <= MODEL_ID_LENGTH and "\x00" not in name:
        model = visible_models(identity).filter(model_id=name).first()
        if model is None:
            model = visible_models(identity).filter(aliases__alias=name).first()
    if model is not None:
        return model
    if identity.token is None:
        raise TokenRequired("No public model has this id. If it is a private one, send an access token.")
    raise ModelNotFound("No model with this id is visible to your access token.")
