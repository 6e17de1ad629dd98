from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from registry.limits import RESERVED_FIRST_SEGMENTS
from registry.models import AccessToken, Membership, Model, ModelAlias, ModelDependency, Workspace
from registry.models.model import (
    proposed_model_id,
    validate_class_names,
    validate_model_id,
    validate_recommended_parameters,
)

pytestmark = pytest.mark.django_db


def refused(work: Any) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        work()


@pytest.mark.parametrize("model_id", ["1", "shapes/1", "a/b/c", "x" * 255, "administration/1", "My_model-2.1"])
def test_an_id_that_every_client_can_ask_for_is_taken(model_id: str) -> None:
    validate_model_id(model_id)


@pytest.mark.parametrize(
    "model_id",
    [
        "",
        " ",
        " a",
        "a ",
        "a\nb",
        "a\x00b",
        "a\x7f",
        *sorted(RESERVED_FIRST_SEGMENTS),
        "admin/1",
        "API/2",
        "models/x",
        "shapes 1",
        "\u2605",
        "a//b",
        "/a",
        "a/",
        "a/..",
        "./a",
        "a?b",
        "a#b",
        "a%20b",
        "a/infer",
        "a/b/ready",
    ],
)
def test_an_id_that_some_client_cannot_ask_for_or_that_is_an_address_of_ours_is_refused(model_id: str) -> None:
    with pytest.raises(ValidationError):
        validate_model_id(model_id)


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("My Defects v1", "my-defects/1"), ("Défauts", "defauts"), ("defects version 2.1", "defects/2.1"),
        ("shapes 1", "shapes-1"), (" a/b ", "a/b"), ("a//b", "a/b"), ("admin/1", "my-admin/1"),
        ("a/infer", "a/infer-1"), ("../secret", "secret"), ("?", None), ("\u2605", None),
    ],
)  # fmt: skip
def test_an_id_is_proposed_that_can_be_taken(value: str, meant: str | None) -> None:
    assert proposed_model_id(value) == meant
    if meant is not None:
        validate_model_id(meant)


@pytest.mark.parametrize("value", ["circle", None, [""], [" "], ["a\nb"], [1], ["x" * 256], ["a"] * 20_001, {}])
def test_bad_class_names_are_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        validate_class_names(value)


@pytest.mark.parametrize(
    "value",
    [
        [], "0.3", {"iou": 0.5}, {"confidence": "0.3"}, {"confidence": True}, {"confidence": 1.1}, {"confidence": -0.1},
        {"confidence": float("nan")}, {"perClassConfidence": [0.3]}, {"perClassConfidence": {"circle": "0.3"}},
    ],
)  # fmt: skip
def test_bad_recommended_parameters_are_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        validate_recommended_parameters(value)


@pytest.mark.parametrize("value", [None, {}, {"confidence": 0.3}, {"perClassConfidence": {"circle": 1}}])
def test_good_recommended_parameters_are_taken(value: Any) -> None:
    validate_recommended_parameters(value)


@pytest.mark.parametrize("field", ["model_id", "architecture", "task_type"])
def test_the_database_refuses_a_model_without(make_model: Any, field: str) -> None:
    refused(lambda: make_model(**{field: ""}))


def test_the_database_refuses_a_second_model_of_the_same_id(make_model: Any, beta: Any) -> None:
    make_model("shapes/1")
    refused(lambda: make_model("shapes/1", workspace=beta))


def test_the_database_refuses_an_alias_that_is_a_model_id(make_model: Any) -> None:
    make_model("shapes/1")
    other = make_model("shapes/2")
    alias = ModelAlias.objects.create(model=other, alias="latest")
    refused(lambda: ModelAlias.objects.create(model=other, alias="shapes/1"))
    refused(lambda: ModelAlias.objects.filter(pk=alias.pk).update(alias="shapes/1"))
    with pytest.raises(ValidationError):
        ModelAlias(model=other, alias="shapes/1").full_clean()


def test_the_database_refuses_a_model_id_that_is_an_alias(make_model: Any) -> None:
    ModelAlias.objects.create(model=make_model("shapes/1"), alias="latest")
    other = make_model("shapes/2")
    refused(lambda: make_model("latest"))
    refused(lambda: Model.objects.filter(pk=other.pk).update(model_id="latest"))


def test_the_database_keeps_dependencies_one_level_deep(make_model: Any) -> None:
    grandchild, child, parent = make_model("c"), make_model("b"), make_model("a")
    ModelDependency.objects.create(model=child, name="inner", depends_on=grandchild)
    refused(lambda: ModelDependency.objects.create(model=parent, name="inner", depends_on=child))
    refused(lambda: ModelDependency.objects.create(model=grandchild, name="inner", depends_on=parent))
    with pytest.raises(ValidationError):
        ModelDependency(model=parent, name="inner", depends_on=child).full_clean()


def test_the_database_refuses_a_model_that_depends_on_itself(make_model: Any) -> None:
    model = make_model()
    refused(lambda: ModelDependency.objects.create(model=model, name="inner", depends_on=model))


def test_the_database_refuses_two_dependencies_of_one_name(make_model: Any) -> None:
    parent = make_model("a")
    ModelDependency.objects.create(model=parent, name="inner", depends_on=make_model("b"))
    other = make_model("c")
    refused(lambda: ModelDependency.objects.create(model=parent, name="inner", depends_on=other))


def test_a_model_that_another_needs_is_not_deleted(make_model: Any) -> None:
    inner = make_model("b")
    ModelDependency.objects.create(model=make_model("a"), name="inner", depends_on=inner)
    with pytest.raises(IntegrityError), transaction.atomic():
        inner.delete()


def test_the_database_refuses_a_workspace_without_a_name(alpha: Any) -> None:
    refused(lambda: Workspace.objects.create(name="", slug="gamma"))
    refused(lambda: Workspace.objects.create(name="Gamma", slug=""))
    refused(lambda: Workspace.objects.create(name="Gamma", slug="alpha"))


def test_the_database_refuses_an_unknown_role_and_a_second_membership(alpha: Any, django_user_model: Any) -> None:
    user = django_user_model.objects.create(username="curator")
    refused(lambda: Membership.objects.create(workspace=alpha, user=user, role="owner"))
    Membership.objects.create(workspace=alpha, user=user, role="curator")
    refused(lambda: Membership.objects.create(workspace=alpha, user=user, role="viewer"))


def test_the_database_refuses_a_token_without_a_scope_or_with_a_digest_cut_short(alpha: Any) -> None:
    whole = {"workspace": alpha, "name": "camera", "prefix": "0123456789", "digest": "a" * 64}
    refused(lambda: AccessToken.objects.create(**whole, can_read=False))
    refused(lambda: AccessToken.objects.create(**{**whole, "digest": "a" * 63}))
    refused(lambda: AccessToken.objects.create(**{**whole, "prefix": "012345678"}))
    AccessToken.objects.create(**whole)
    refused(lambda: AccessToken.objects.create(**whole))
