"""Lookups answer as the query that they were written from."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Q

from registry.models import Model, Workspace
from registry.services.lookups import Lookup, ValuesLookup

pytestmark = pytest.mark.django_db


@pytest.fixture
def models() -> list[Model]:
    workspaces = [Workspace.objects.create(slug=slug, name=slug) for slug in ("one", "two")]
    return [
        Model.objects.create(
            workspace=workspace,
            model_id=f"shapes/{workspace.slug}",
            architecture="yolov8",
            task_type="object-detection",
            class_names=["circle", "square"],
        )
        for workspace in workspaces
    ]


def visible(name: str, workspace: int) -> Any:
    return Model.objects.filter(Q(is_public=True) | Q(workspace_id=workspace), model_id=name)


def test_it_finds_the_row_of_the_values(models: list[Model]) -> None:
    lookup = Lookup(visible, name=str, workspace=int)

    found = [lookup.first(name=model.model_id, workspace=model.workspace_id) for model in models]

    assert found == models


def test_it_reads_fields_as_the_query_does(models: list[Model]) -> None:
    found = Lookup(visible, name=str, workspace=int).first(name="shapes/one", workspace=models[0].workspace_id)

    assert found is not None
    assert (found.class_names, found.created_at) == (models[0].class_names, models[0].created_at)


def test_it_finds_nothing_where_the_query_finds_nothing(models: list[Model]) -> None:
    assert Lookup(visible, name=str, workspace=int).first(name="shapes/one", workspace=models[1].workspace_id) is None


def test_it_takes_a_value_for_a_value_whatever_it_holds(models: list[Model]) -> None:
    lookup = Lookup(visible, name=str, workspace=int)

    assert lookup.first(name="' OR 1=1 --%s", workspace=models[0].workspace_id) is None


def test_it_sees_a_change_at_the_next_use(models: list[Model]) -> None:
    lookup = Lookup(visible, name=str, workspace=int)
    lookup.first(name="shapes/one", workspace=models[0].workspace_id)
    Model.objects.filter(pk=models[0].pk).update(class_names=["star"])

    found = lookup.first(name="shapes/one", workspace=models[0].workspace_id)

    assert found is not None
    assert found.class_names == ["star"]


def test_it_refuses_a_query_that_changes_a_value() -> None:
    lookup = Lookup(lambda name: Model.objects.filter(model_id__icontains=name), name=str)

    with pytest.raises(ValueError, match="name"):
        lookup.first(name="shapes")


def test_values_are_those_of_all_rows_in_their_order(models: list[Model]) -> None:
    lookup = ValuesLookup(
        lambda workspace: (
            Model.objects.filter(workspace_id=workspace).order_by("-model_id").values_list("model_id", "class_names")
        ),
        workspace=int,
    )
    Model.objects.filter(pk=models[1].pk).update(workspace=models[0].workspace)

    classes = ["circle", "square"]
    assert lookup.all(workspace=models[0].workspace_id) == [("shapes/two", classes), ("shapes/one", classes)]
    assert lookup.all(workspace=models[1].workspace_id) == []
