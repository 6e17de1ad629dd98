"""Deleting a package or saying why it stays, publishing a withdrawn one again, and what a refused one shows."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from packages_app.models import Package, State
from packages_app.services import drafting, publishing
from packages_app.services.push import push_directory
from registry.models import AuditEvent
from registry.services.audit import Actor
from tests.admin_personas import answer_to
from tests.conftest import ONNX_FILES
from tests.job_queue import work_off

LIST = "/admin/packages_app/package/"


@pytest.fixture
def draft(model: Any, make_package: Any) -> Any:
    return make_package(model, state="draft", trusted=False)


@pytest.fixture
def pushed(alpha: Any) -> Package:
    """A published, trusted package with real files."""
    directory = settings.BASE_DIR / "demo" / "packages" / "onnx-dynamic"
    return push_directory(
        directory, model_id="shapes/1", workspace=alpha, actor=Actor(name="test"), trusted=True, publish=True
    )


def delete_page(package: Any) -> str:
    return f"{LIST}{package.pk}/delete/"


def test_deleting_a_draft_says_what_it_frees(curator: Client, draft: Any, make_package: Any, model: Any) -> None:
    own = make_package(model, state="draft", files={**ONNX_FILES, "more.bin": bytes(5000)})
    assert "It frees 4.9\xa0KB:" in curator.get(delete_page(own)).content.decode()
    curator.post(delete_page(own), answer_to(curator, delete_page(own)))
    assert not Package.objects.filter(pk=own.pk).exists()
    assert AuditEvent.objects.filter(action="package.deleted", details__model="shapes/1").exists()


def test_deleting_a_package_with_the_files_of_another_frees_nothing(
    curator: Client, draft: Any, make_package: Any, model: Any
) -> None:
    same = make_package(model, state="draft")
    make_package(model, state="draft")
    assert "It frees no space" in curator.get(delete_page(same)).content.decode()


def test_deleting_a_published_package_leads_to_its_withdrawal(curator: Client, package: Any) -> None:
    text = curator.get(delete_page(package)).content.decode()
    assert "Withdraw it first" in text
    assert f'href="{LIST}{package.pk}/withdraw/"' in text
    assert 'name="confirm"' not in text
    curator.post(delete_page(package), {"confirm": "1"})
    assert Package.objects.exists()


def test_deleting_a_withdrawn_package_leads_to_its_purge(curator: Client, admin_of_alpha: Client, package: Any) -> None:
    publishing.withdraw(package)
    purge = f'href="{LIST}{package.pk}/purge/"'
    assert purge in admin_of_alpha.get(delete_page(package)).content.decode()
    assert purge not in curator.get(delete_page(package)).content.decode()


def test_a_viewer_deletes_nothing(viewer: Client, draft: Any) -> None:
    assert viewer.post(delete_page(draft), {"confirm": "1"}).status_code == 403
    assert Package.objects.exists()


def again_page(package: Any) -> str:
    return f"{LIST}{package.pk}/again/"


def test_a_withdrawn_package_is_published_again_under_the_same_id(admin_of_alpha: Client, pushed: Any) -> None:
    publishing.withdraw(pushed)
    assert again_page(pushed) in admin_of_alpha.get(f"{LIST}{pushed.pk}/change/").content.decode()
    admin_of_alpha.post(again_page(pushed), {"confirm": "1"})
    assert work_off() == 1
    draft = Package.objects.exclude(pk=pushed.pk).get()
    assert draft.state == State.READY
    assert publishing.publish(draft).package_id == pushed.package_id
    pushed.refresh_from_db()
    assert pushed.state == State.WITHDRAWN


def test_who_may_not_trust_makes_a_draft_without_trust(curator: Client, pushed: Any) -> None:
    publishing.withdraw(pushed)
    assert "Only who may mark packages as trusted" in curator.get(again_page(pushed)).content.decode()
    curator.post(again_page(pushed), {"confirm": "1"})
    assert not Package.objects.exclude(pk=pushed.pk).get().trusted


def test_only_a_withdrawn_package_is_published_again(curator: Client, package: Any) -> None:
    curator.post(again_page(package), {"confirm": "1"})
    assert Package.objects.count() == 1


def test_a_refused_package_shows_what_was_found_and_no_demand_beside(
    curator: Client, model: Any, make_blob: Any
) -> None:
    package = drafting.create_draft(model, "onnx")
    drafting.add_file(package, "best.zip", make_blob(b"PK"))
    curator.post(f"{LIST}{package.pk}/inspect/")
    assert work_off() == 1
    text = curator.get(f"{LIST}{package.pk}/change/").content.decode()
    assert "Refused by the inspection" in text
    assert "<code>best.zip</code> is an archive; unpack it and add the files in it instead." in text
    assert "Enter the ONNX opset" not in text
    assert "batch size is dynamic, or which" not in text
