"""Choosing the package that this server runs, and how long a choice holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inference_app.services import choosing, inference
from packages_app.models import PackageFailure
from packages_app.services import publishing
from registry.errors import NothingPublished

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_host")]


@pytest.fixture
def chosen(push_demo: Callable[..., Any]) -> Callable[[], Any]:
    """The package that a request for the demo model would run now, remembered choices included."""
    dynamic = push_demo()
    push_demo("onnx-static")
    return lambda: inference._choice(dynamic.model, None).candidates[0]


def test_the_dynamic_package_goes_before_the_static_one(chosen: Callable[[], Any]) -> None:
    assert chosen().dynamic_batch_size


def test_a_choice_holds_while_nothing_changes(chosen: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    first = chosen()
    monkeypatch.setattr(inference, "choose", lambda *_: pytest.fail("The packages are the same as before."))
    assert chosen() == first


def test_a_withdrawal_takes_effect_with_the_next_request(chosen: Callable[[], Any]) -> None:
    publishing.withdraw(chosen())
    assert not chosen().dynamic_batch_size


def test_a_package_that_is_set_aside_is_passed_over_with_the_next_request(chosen: Callable[[], Any]) -> None:
    PackageFailure.objects.create(package=chosen(), reason="It ended the host.")
    assert not chosen().dynamic_batch_size


def test_where_all_are_set_aside_the_best_is_tried_again(chosen: Callable[[], Any]) -> None:
    best = chosen()
    for package in best.model.packages.all():
        PackageFailure.objects.create(package=package, reason="It ended the host.")
    assert chosen() == best


def test_a_package_of_a_model_without_published_ones_is_not_chosen(push_demo: Callable[..., Any]) -> None:
    package = push_demo(publish=False)
    with pytest.raises(NothingPublished):
        choosing.choose(package.model)


def test_looking_whether_a_choice_still_holds_takes_one_query(
    chosen: Callable[[], Any], django_assert_num_queries: Callable[[int], Any]
) -> None:
    chosen()
    with django_assert_num_queries(1):
        chosen()
