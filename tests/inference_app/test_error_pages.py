"""Statuses of the errors of the pure packages."""

from __future__ import annotations

from backends.errors import InferenceFailed, OutputNotFinite, PackageDamaged
from inference_app.error_pages import PAGES, as_weighbridge_error

DEFECTS = {"backend-error", "host-protocol-error", "host-fault", "invalid-negotiation-policy"}


def test_only_a_defect_of_the_server_is_a_500() -> None:
    assert {code for code, (status, _, _) in PAGES.items() if status == 500} == DEFECTS


def test_packages_and_networks_have_statuses_of_their_own() -> None:
    errors = (PackageDamaged("."), InferenceFailed("."), OutputNotFinite("."))
    assert [as_weighbridge_error(error).status for error in errors] == [503, 422, 422]
