from __future__ import annotations

from typing import Any

import pytest

from registry.errors import ModelNotFound, TokenRequired
from registry.models import ModelAlias
from registry.services.access import find_model, visible_models
from registry.services.tokens import ANONYMOUS, Identity, check_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def alpha_reader(alpha_token: str) -> Identity:
    return check_token(alpha_token)


@pytest.fixture
def beta_reader(beta_token: str) -> Identity:
    return check_token(beta_token)


def test_everybody_sees_public_models_and_a_token_those_of_its_workspace(
    make_model: Any, beta: Any, alpha_reader: Identity, beta_reader: Identity
) -> None:
    make_model("alpha/private")
    make_model("alpha/public", is_public=True)
    make_model("beta/private", workspace=beta)

    def seen(identity: Identity) -> set[str]:
        return set(visible_models(identity).values_list("model_id", flat=True))

    assert seen(ANONYMOUS) == {"alpha/public"}
    assert seen(alpha_reader) == {"alpha/public", "alpha/private"}
    assert seen(beta_reader) == {"alpha/public", "beta/private"}


def test_a_model_is_found_by_its_id_and_its_aliases(model: Any, alpha_reader: Identity) -> None:
    ModelAlias.objects.create(model=model, alias="shapes/latest")
    assert find_model("shapes/1", alpha_reader) == model
    assert find_model("shapes/latest", alpha_reader) == model


@pytest.mark.parametrize("name", ["", "SHAPES/1", "shapes/1 ", "shapes/1/", "a\x00b", "x" * 256])
def test_other_names_find_nothing(model: Any, alpha_reader: Identity, name: str) -> None:
    with pytest.raises(ModelNotFound):
        find_model(name, alpha_reader)


def test_what_one_may_not_see_cannot_be_told_from_what_there_is_not(model: Any, beta_reader: Identity) -> None:
    messages = set()
    for name in ("shapes/1", "no/such"):
        with pytest.raises(ModelNotFound) as refused:
            find_model(name, beta_reader)
        messages.add(refused.value.message)
        with pytest.raises(TokenRequired) as asked:
            find_model(name, ANONYMOUS)
        messages.add(asked.value.message)
    assert len(messages) == 2
