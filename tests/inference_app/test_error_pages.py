"""The errors of all rooms: what each says of itself, and the pages that are made of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from backends.error_wire import error_from_wire
from backends.errors import BackendError, HostBusy, InferenceFailed, OutputNotFinite, PackageDamaged
from inference_app.error_pages import as_weighbridge_error
from negotiation.errors import NegotiationError
from registry.errors import WeighbridgeError, explanations

DEFECTS = {"backend-error", "host-protocol-error", "host-fault", "invalid-negotiation-policy"}
BASES = (WeighbridgeError, BackendError, NegotiationError)


def family(base: type) -> Iterator[type]:
    for child in base.__subclasses__():
        yield child
        yield from family(child)


# Those that were made up at run time are no classes of any file.
NAMED = [cls for base in BASES for cls in family(base) if cls.__name__ not in {"RefusedByBackend", "ReportedError"}]


def test_the_errors_of_all_rooms_are_looked_at() -> None:
    rooms = {cls.__module__.partition(".")[0] for cls in NAMED}
    assert rooms >= {"registry", "packages_app", "inference_app", "backends", "negotiation"}


def test_the_errors_of_a_room_are_in_one_file() -> None:
    modules = {cls.__module__ for cls in NAMED if not cls.__module__.startswith("tests.")}
    assert modules == {f"{module.partition('.')[0]}.errors" for module in modules}


@pytest.mark.parametrize("error", NAMED, ids=lambda error: error.__name__)
def test_an_error_says_of_itself_what_it_is_and_what_to_do(error: type) -> None:
    assert {"code", "status", "title", "advice"} <= set(vars(error)), "Say all four in the class itself."
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", error.code)
    assert 400 <= error.status < 600
    assert error.title
    assert not error.title.endswith(".")
    assert error.advice.endswith((".", "`"))
    assert explanations()[error.code].advice == error.advice


def test_no_two_errors_have_the_same_code() -> None:
    codes = sorted(cls.code for cls in NAMED)
    assert codes == sorted(set(codes))


def test_only_a_defect_of_the_server_is_a_500() -> None:
    pure = {cls for base in (BackendError, NegotiationError) for cls in (base, *family(base))}
    assert {cls.code for cls in pure if cls.status == 500} == DEFECTS


def test_packages_and_networks_have_statuses_of_their_own() -> None:
    errors = (PackageDamaged("."), InferenceFailed("."), OutputNotFinite("."))
    assert [as_weighbridge_error(error).status for error in errors] == [503, 422, 422]


def test_an_error_that_says_when_to_come_back_is_answered_with_that() -> None:
    assert as_weighbridge_error(HostBusy("Full.", retry_after=7.2)).retry_after == 7


def test_an_error_of_a_later_host_is_explained_by_what_it_is_at_least() -> None:
    unknown = error_from_wire({"code": "made-up-later", "message": "Something new."})
    error = as_weighbridge_error(unknown)
    assert (error.code, error.status, error.message) == ("backend-error", 500, "Something new.")
