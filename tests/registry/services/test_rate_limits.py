from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from registry.errors import TooManyRequests
from registry.models import AccessToken
from registry.services import rate_limits
from registry.services.rate_limits import consume
from tests.helpers import assert_error, bearer


class Clock:
    """What the module takes for the time: it stands still until it is set."""

    def __init__(self, now: float) -> None:
        self.now = now

    def time(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    cache.clear()
    # Fifteen seconds into a window.
    clock = Clock(60 * 1000 + 15.5)
    monkeypatch.setattr(rate_limits, "time", clock)
    return clock


@pytest.fixture
def token(alpha: Any, make_token: Callable[..., str]) -> AccessToken:
    make_token(alpha)
    return AccessToken.objects.get()


def test_one_request_more_than_the_limit_is_refused(token: AccessToken, settings: Any) -> None:
    settings.RATE_LIMIT_PER_MINUTE = 3
    for _ in range(3):
        consume(token)
    with pytest.raises(TooManyRequests, match="3 requests a minute"):
        consume(token)


def test_the_refusal_says_when_the_next_window_begins(token: AccessToken, settings: Any, clock: Clock) -> None:
    settings.RATE_LIMIT_PER_MINUTE = 1
    consume(token)
    with pytest.raises(TooManyRequests) as refused:
        consume(token)
    assert refused.value.retry_after == 45
    clock.now += refused.value.retry_after
    consume(token)


def test_the_wait_is_never_zero(token: AccessToken, settings: Any, clock: Clock) -> None:
    settings.RATE_LIMIT_PER_MINUTE = 1
    clock.now = 60 * 1000 + 59.99
    consume(token)
    with pytest.raises(TooManyRequests) as refused:
        consume(token)
    assert refused.value.retry_after == 1


def test_refused_requests_do_not_prolong_the_wait(token: AccessToken, settings: Any, clock: Clock) -> None:
    settings.RATE_LIMIT_PER_MINUTE = 1
    for _ in range(5):
        try:
            consume(token)
        except TooManyRequests:
            continue
    clock.now += 60
    consume(token)


@pytest.mark.parametrize("of_token, of_settings, limit", [(2, 5, 2), (5, 2, 5), (None, 2, 2)])
def test_the_limit_of_the_token_goes_before_that_of_the_settings(
    token: AccessToken, settings: Any, of_token: int | None, of_settings: int, limit: int
) -> None:
    token.requests_per_minute = of_token
    settings.RATE_LIMIT_PER_MINUTE = of_settings
    for _ in range(limit):
        consume(token)
    with pytest.raises(TooManyRequests):
        consume(token)


@pytest.mark.parametrize("of_token, of_settings", [(0, 1), (None, 0)])
def test_zero_means_as_many_as_it_likes(
    token: AccessToken, settings: Any, of_token: int | None, of_settings: int
) -> None:
    token.requests_per_minute = of_token
    settings.RATE_LIMIT_PER_MINUTE = of_settings
    for _ in range(20):
        consume(token)


def test_each_token_is_counted_alone(
    token: AccessToken, alpha: Any, make_token: Callable[..., str], settings: Any
) -> None:
    settings.RATE_LIMIT_PER_MINUTE = 1
    make_token(alpha)
    other = AccessToken.objects.exclude(pk=token.pk).get()
    consume(token)
    consume(other)
    with pytest.raises(TooManyRequests):
        consume(other)


def test_a_client_over_its_limit_is_told_429_and_when_to_come_back(
    package: Any, alpha_token: str, settings: Any
) -> None:
    settings.RATE_LIMIT_PER_MINUTE = 2
    address = f"/models/v1/external/weights?modelId={package.model.model_id}"
    answers = [Client().get(address, headers=bearer(alpha_token)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert_error(answers[2], "too-many-requests", 429)
    assert answers[2].headers["Retry-After"] == "45"


def test_who_comes_without_a_token_is_not_counted(public_package: Any, settings: Any) -> None:
    settings.RATE_LIMIT_PER_MINUTE = 1
    address = f"/models/v1/external/weights?modelId={public_package.model.model_id}"
    assert [Client().get(address).status_code for _ in range(3)] == [200] * 3
