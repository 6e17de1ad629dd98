from __future__ import annotations

import hashlib
import io
import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from negotiation.manifests import BACKENDS
from packages_app.models import Package, PackageFile
from packages_app.services import drafting, inspecting, publishing
from registry.models import AuditEvent
from tests.admin_personas import HOSTILE, answer_to, messages_of

LIST = "/admin/packages_app/package/"
CONFIRMED = {"confirm": "1"}


@pytest.fixture(autouse=True)
def inspected(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    packages: list[int] = []

    def enqueue(package: Package, *, actor: Any) -> None:
        packages.append(package.pk)

    monkeypatch.setattr(inspecting, "enqueue", enqueue)
    return packages


@pytest.fixture
def draft(model: Any, make_package: Any) -> Any:
    return make_package(model, state="draft", trusted=False)


@pytest.fixture
def ready(model: Any, make_package: Any) -> Any:
    return make_package(model, state="ready", trusted=False)


def page(package: Any, name: str = "change") -> str:
    return f"{LIST}{package.pk}/{name}/"


def state_of(package: Any) -> str:
    return Package.objects.get(pk=package.pk).state


def handles_of(package: Any) -> set[str]:
    return set(package.files.values_list("handle", flat=True))


def put(client: Client, package: Any, handle: str, content: bytes = b"bytes", **options: Any) -> Any:
    address = f"{page(package, 'files')}?handle={handle}"
    return client.put(address, content, content_type="application/octet-stream", **options)


# What the page shows


def test_the_page_shows_names_sizes_and_digests(curator: Client, draft: Any) -> None:
    text = curator.get(page(draft)).content.decode()
    for file in draft.files.select_related("blob"):
        assert {file.handle, file.blob.md5, file.blob.sha256} <= set(text.replace("<", ">").split(">"))


def test_the_page_says_in_words_what_is_missing(curator: Client, model: Any, make_package: Any) -> None:
    draft = make_package(model, state="draft", files={}, opset=None)
    text = curator.get(page(draft)).content.decode()
    assert "Add the files of the package." in text
    assert "Enter the ONNX opset." in text


def test_the_page_shows_what_the_inspection_found(curator: Client, draft: Any) -> None:
    tensor = {"name": "images", "dtype": "float32", "shape": [None, 3, 320, "width"]}
    Package.objects.filter(pk=draft.pk).update(inspection={"facts": {"opset": 19, "inputs": [tensor]}})
    text = curator.get(page(draft)).content.decode()
    assert "Input images" in text
    assert "float32 ? x 3 x 320 x width" in text


def test_what_a_client_opens_in_full_is_said_beside_the_trust_and_where_it_is_given(
    superuser: Client, draft: Any
) -> None:
    notice = "`weights.pth`: Clients open this file in full."
    Package.objects.filter(pk=draft.pk).update(inspection={"facts": {"notices": [notice]}})
    assert "Clients open this file in full." in superuser.get(page(draft)).content.decode()
    assert "Clients open this file in full." in superuser.get(page(draft, "trust")).content.decode()


def test_a_published_package_is_read_only_everywhere(superuser: Client, package: Any) -> None:
    text = superuser.get(page(package)).content.decode()
    assert 'name="notes"' not in text
    assert 'id="upload_form"' not in text
    assert superuser.post(page(package), {"notes": "changed"}).status_code == 403
    assert superuser.post(page(package, "delete"), CONFIRMED).status_code == 200  # why it stays
    assert put(superuser, package, "more.txt").status_code == 409
    superuser.post(page(package, "files/rename"), {"handle": "weights.onnx", "new_handle": "other.onnx"})
    superuser.post(page(package, "files/remove"), {"handle": "weights.onnx"})
    response = superuser.post(page(package, "trust"), answer_to(superuser, page(package, "trust")), follow=True)
    assert "cannot be changed" in messages_of(response)[0]
    assert "weights.onnx" in handles_of(package)


@pytest.mark.parametrize("state", ["draft", "published"])
def test_hostile_names_are_text_in_list_page_and_history(
    superuser: Client, make_model: Any, make_package: Any, state: str
) -> None:
    package = make_package(make_model(HOSTILE, class_names=[HOSTILE]), state="draft", notes=HOSTILE)
    # No service lets such a name in: what got into the table by another road must not run either.
    PackageFile.objects.filter(package=package, handle="weights.onnx").update(handle=f"{HOSTILE}.onnx")
    facts = {"class_names": [HOSTILE], "inputs": [{"name": HOSTILE, "dtype": "float32", "shape": [HOSTILE]}]}
    Package.objects.filter(pk=package.pk).update(
        inspection={"facts": facts, "problems": [HOSTILE]}, created_by=HOSTILE, quarantine_reason=HOSTILE
    )
    if state == "published":
        Package.objects.filter(pk=package.pk).update(state="ready")
        Package.objects.filter(pk=package.pk).update(
            state="published", package_id="a" * 32, published_at="2026-01-01T00:00:00Z", published_by=HOSTILE
        )
        publishing.withdraw(package, reason=HOSTILE)
    LogEntry.objects.log_actions(superuser.person.pk, [package], 2, change_message=HOSTILE)
    for address in (LIST, page(package), page(package, "history")):
        text = superuser.get(address).content.decode()
        assert "<img src=x" not in text, address
        assert "&lt;img src=x" in text, address
    assert "<img src=x" not in superuser.get(page(package, "publish")).content.decode()


# Changing a draft


def test_saving_a_field_makes_a_ready_package_a_draft_that_is_inspected(
    curator: Client, ready: Any, inspected: list[int]
) -> None:
    data = {"quantization": "fp32", "opset": "17", "dynamic_batch_size": "on", "notes": "from the workshop"}
    curator.post(page(ready), data)
    changed = Package.objects.get()
    assert (changed.notes, changed.state) == ("from the workshop", "draft")
    assert inspected == [ready.pk]
    assert AuditEvent.objects.get(action="package.changed").actor == "curator"


def test_batch_sizes_that_exclude_each_other_are_told(curator: Client, draft: Any) -> None:
    data = {"quantization": "fp32", "opset": "17", "dynamic_batch_size": "on", "static_batch_size": "4"}
    assert "a dynamic batch size or a static one, not both" in curator.post(page(draft), data).content.decode()


def test_a_file_is_taken_in_as_the_body_of_a_request(curator: Client, draft: Any) -> None:
    answer = put(curator, draft, "vit/config.json", b"{}")
    assert answer.status_code == 201
    assert answer.json() == {
        "handle": "vit/config.json", "size": 2,
        "md5": hashlib.md5(b"{}").hexdigest(), "sha256": hashlib.sha256(b"{}").hexdigest(),
    }  # fmt: skip
    assert "vit/config.json" in handles_of(draft)


@pytest.mark.parametrize("handle", ["", "../etc/passwd", "Weights.onnx", "a b", "model_config.json"])
def test_a_body_under_a_name_that_clients_refuse_is_refused(curator: Client, draft: Any, handle: str) -> None:
    answer = put(curator, draft, handle)
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert len(handles_of(draft)) == 3


def test_a_body_shorter_than_announced_is_refused(curator: Client, draft: Any) -> None:
    answer = put(curator, draft, "more.bin", CONTENT_LENGTH="100", **{"wsgi.input": io.BytesIO(b"x" * 10)})
    assert answer.status_code == 400
    assert "100 bytes were announced and 10 arrived." in answer.json()["message"]
    assert "more.bin" not in handles_of(draft)


def test_a_body_needs_the_csrf_token(log_in: Any, alpha: Any, draft: Any) -> None:
    client = log_in("ann", (alpha, "curator"), enforce_csrf_checks=True)
    assert put(client, draft, "more.txt").status_code == 403
    client.get(page(draft))
    token = client.cookies["csrftoken"].value
    assert put(client, draft, "more.txt", headers={"X-CSRFToken": token}).status_code == 201


def test_files_can_be_added_by_a_plain_form(curator: Client, draft: Any, inspected: list[int]) -> None:
    files = [SimpleUploadedFile("one.txt", b"1"), SimpleUploadedFile("bad name.txt", b"2")]
    response = curator.post(page(draft, "files"), {"files": files, "form_end": "1"}, follow=True)
    assert "one.txt" in handles_of(draft)
    told = messages_of(response)
    assert any(message.startswith("bad name.txt: ") for message in told)
    assert "Files added: 1." in told
    assert inspected == [draft.pk]


def test_a_file_can_be_renamed_into_a_folder_and_in_case_alone(curator: Client, draft: Any) -> None:
    curator.post(page(draft, "files/rename"), {"handle": "class_names.txt", "new_handle": "text/names.txt"})
    curator.post(page(draft, "files/rename"), {"handle": "weights.onnx", "new_handle": "Weights.onnx"})
    assert handles_of(draft) == {"text/names.txt", "Weights.onnx", "inference_config.json"}


@pytest.mark.parametrize("new", ["../up", "class_names.txt", ""])
def test_a_new_name_that_will_not_do_changes_nothing(curator: Client, draft: Any, new: str) -> None:
    before = handles_of(draft)
    response = curator.post(page(draft, "files/rename"), {"handle": "weights.onnx", "new_handle": new}, follow=True)
    assert messages_of(response)
    assert handles_of(draft) == before


def test_a_file_can_be_removed(curator: Client, draft: Any) -> None:
    curator.post(page(draft, "files/remove"), {"handle": "weights.onnx"})
    assert "weights.onnx" not in handles_of(draft)


def test_a_draft_can_be_deleted(curator: Client, draft: Any) -> None:
    curator.post(page(draft, "delete"), CONFIRMED)
    assert not Package.objects.exists()
    assert AuditEvent.objects.filter(action="package.deleted").count() == 1


# The life of a package


def test_it_publishes_after_asking(curator: Client, ready: Any) -> None:
    assert "Publish this package?" in curator.get(page(ready, "publish")).content.decode()
    assert state_of(ready) == "ready"
    curator.post(page(ready, "publish"), CONFIRMED)
    assert state_of(ready) == "published"
    assert AuditEvent.objects.get(action="package.published").actor == "curator"


def test_it_does_not_publish_what_was_not_inspected(curator: Client, draft: Any) -> None:
    response = curator.post(page(draft, "publish"), CONFIRMED, follow=True)
    assert messages_of(response)[0].startswith("The package is draft, not ready.")
    assert state_of(draft) == "draft"


def test_it_withdraws_with_a_reason(curator: Client, package: Any) -> None:
    curator.post(page(package, "withdraw"), {**CONFIRMED, "reason": "it missed the small ones"})
    withdrawn = Package.objects.get()
    assert (withdrawn.state, withdrawn.withdrawal_reason) == ("withdrawn", "it missed the small ones")
    assert "it missed the small ones" in curator.get(page(package)).content.decode()


def test_only_a_withdrawn_package_is_purged(admin_of_alpha: Client, package: Any) -> None:
    response = admin_of_alpha.post(page(package, "purge"), CONFIRMED, follow=True)
    assert messages_of(response)[0].startswith("The package is published, not withdrawn.")
    publishing.withdraw(package)
    admin_of_alpha.post(page(package, "purge"), CONFIRMED)
    assert not Package.objects.exists()


def test_trust_is_a_right_of_its_own(curator: Client, admin_of_alpha: Client, draft: Any) -> None:
    assert curator.post(page(draft, "trust"), CONFIRMED).status_code == 403
    assert "/trust/" not in curator.get(page(draft)).content.decode()
    admin_of_alpha.post(page(draft, "trust"), answer_to(admin_of_alpha, page(draft, "trust")))
    assert Package.objects.get().trusted
    admin_of_alpha.post(page(draft, "trust"), answer_to(admin_of_alpha, page(draft, "trust")))
    assert not Package.objects.get().trusted


def test_files_that_were_exchanged_after_the_question_are_not_trusted(
    admin_of_alpha: Client, draft: Any, make_blob: Any
) -> None:
    answer = answer_to(admin_of_alpha, page(draft, "trust"))
    drafting.add_file(draft, "weights.onnx", make_blob(b"other bytes"))
    assert admin_of_alpha.post(page(draft, "trust"), answer).status_code == 200
    assert not Package.objects.get().trusted


def test_an_answer_given_twice_trusts_once(admin_of_alpha: Client, draft: Any) -> None:
    answer = answer_to(admin_of_alpha, page(draft, "trust"))
    for _ in range(2):
        admin_of_alpha.post(page(draft, "trust"), answer)
    assert Package.objects.get().trusted


@pytest.mark.parametrize("name", ["publish", "withdraw", "trust", "purge", "inspect", "files/remove", "files/rename"])
def test_nothing_happens_by_a_get(superuser: Client, ready: Any, package: Any, name: str) -> None:
    for one in (ready, package):
        before = Package.objects.filter(pk=one.pk).values().get()
        assert superuser.get(page(one, name)).status_code in {200, 302}
        assert Package.objects.filter(pk=one.pk).values().get() == before


@pytest.mark.parametrize("name", ["publish", "withdraw", "trust", "purge", "inspect", "files", "files/remove"])
def test_a_viewer_is_refused_and_a_stranger_finds_nothing(
    viewer: Client, stranger: Client, ready: Any, name: str
) -> None:
    assert viewer.post(page(ready, name), CONFIRMED).status_code == 403
    assert stranger.post(page(ready, name), CONFIRMED).status_code == 404
    assert put(viewer, ready, "more.txt").status_code == 403
    assert put(stranger, ready, "more.txt").status_code == 404
    assert state_of(ready) == "ready"


def test_a_viewer_reads_the_page_without_buttons(viewer: Client, ready: Any) -> None:
    text = viewer.get(page(ready)).content.decode()
    assert "weights.onnx" in text
    assert "/publish/" not in text
    assert 'id="upload_form"' not in text


def test_a_stranger_does_not_see_the_package(stranger: Client, package: Any) -> None:
    assert package.package_id[:12] not in stranger.get(LIST).content.decode()
    assert stranger.get(page(package)).status_code == 302


# The list


def test_many_packages_cannot_be_deleted_by_the_list(superuser: Client, draft: Any) -> None:
    superuser.post(LIST, {"action": "delete_selected", "_selected_action": [draft.pk], "post": "yes"})
    assert Package.objects.exists()


def test_the_list_filters_by_model_and_state(curator: Client, package: Any, make_package: Any, make_model: Any) -> None:
    make_package(make_model("other/1"), state="draft")
    text = curator.get(LIST, {"model__id__exact": package.model_id, "state__exact": "published"}).content.decode()
    assert package.package_id[:12] in text
    assert "other/1" not in text


@pytest.mark.parametrize("address", [LIST, f"{LIST}add/"])
def test_a_page_takes_a_fixed_number_of_queries(
    curator: Client, model: Any, make_package: Any, count_queries: Any, address: str
) -> None:
    make_package(model, state="draft")
    few = count_queries(curator, address)
    for _ in range(20):
        make_package(model, state="draft")
    assert count_queries(curator, address) == few


def test_the_page_of_a_package_takes_a_fixed_number_of_queries(
    curator: Client, draft: Any, make_blob: Any, count_queries: Any
) -> None:
    few = count_queries(curator, page(draft))
    for number in range(20):
        drafting.add_file(draft, f"more/{number}.bin", make_blob(b"%d" % number))
    assert count_queries(curator, page(draft)) == few


# The fields of the backends

ENGINE = {
    "quantization": "fp16", "static_batch_size": "1", "cuda_device_type": "nvidia-l4", "cuda_device_cc": "8.9",
    "cuda_version": "12.6", "trt_version": "10.8.0", "machine_type": "gpu-server", "driver_version": "550.54.15",
    "os_version": "ubuntu-22.04", "same_cc_compatible": "on",
}  # fmt: skip


def test_the_form_asks_for_the_fields_of_the_packages_backend(curator: Client, model: Any, make_package: Any) -> None:
    engine = make_package(model, "trt", state="draft", cuda_version="12.6")
    text = curator.get(page(engine)).content.decode()
    assert 'name="cuda_version" value="12.6"' in text
    assert 'name="opset"' not in text
    curator.post(page(engine), ENGINE)
    engine.refresh_from_db()
    assert engine.manifest == {
        **{name: ENGINE[name] for name in BACKENDS["trt"].asked if name in ENGINE},
        "same_cc_compatible": True,
    }


def test_a_field_that_is_emptied_is_no_longer_known(curator: Client, draft: Any) -> None:
    curator.post(page(draft), {"quantization": "fp32", "dynamic_batch_size": "on", "opset": ""})
    assert Package.objects.get().manifest == {}


def test_the_form_of_a_new_package_asks_for_all_of_them(curator: Client) -> None:
    text = curator.get(f"{LIST}add/").content.decode()
    for backend, manifest in BACKENDS.items():
        typed = [name for name, one in manifest.asked.items() if one.typed]
        assert all(f'name="{name}"' in text for name in typed)
        assert bool(re.search(f'wb-backend-{backend}[" ]', text)) == bool(typed)


def test_who_may_only_read_sees_the_manifest_in_words(viewer: Client, model: Any, make_package: Any) -> None:
    fields = {**ENGINE, "static_batch_size": 1, "same_cc_compatible": True}
    engine = make_package(model, "trt", files={"engine.plan": b"an engine"}, **fields)
    text = viewer.get(page(engine)).content.decode()
    assert "<div>TensorRT version: 10.8.0</div>" in text
    assert "<div>machine type: GPU server</div>" in text
    assert "<div>runs on every GPU of the same compute capability: yes</div>" in text


def test_the_list_shows_what_matters_of_each_backend(superuser: Client, package: Any) -> None:
    assert "opset 17" in superuser.get(LIST).content.decode()
