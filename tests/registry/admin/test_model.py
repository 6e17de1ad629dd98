from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from registry.models import AuditEvent, Model, ModelAlias, ModelDependency
from tests.admin_personas import HOSTILE, messages_of

ADD = "/admin/registry/model/add/"
LIST = "/admin/registry/model/"


def form(workspace: Any, model_id: str = "shapes/1", **fields: Any) -> dict[str, Any]:
    return {
        "workspace": workspace.pk, "model_id": model_id, "architecture": "yolov8", "task_type": "object-detection",
        "class_names": "circle\nsquare\n", "recommended_parameters": "",
        "aliases-TOTAL_FORMS": 0, "aliases-INITIAL_FORMS": 0,
        "dependencies-TOTAL_FORMS": 0, "dependencies-INITIAL_FORMS": 0, **fields,
    }  # fmt: skip


def change_page(model: Any) -> str:
    return f"{LIST}{model.pk}/change/"


def test_a_curator_makes_a_model_with_class_names_one_a_line(curator: Client, alpha: Any) -> None:
    curator.post(ADD, form(alpha))
    assert Model.objects.get().class_names == ["circle", "square"]
    assert AuditEvent.objects.get(action="model.created").actor == "curator"


def test_a_class_name_may_hold_what_only_python_takes_for_the_end_of_a_line(curator: Client, alpha: Any) -> None:
    curator.post(ADD, form(alpha, class_names="cir\u2028cle\r\nsquare\x0b1\n"))
    assert Model.objects.get().class_names == ["cir\u2028cle", "square\x0b1"]


def test_aliases_and_dependencies_are_on_the_same_page(curator: Client, alpha: Any, make_model: Any) -> None:
    base = make_model("base/1")
    inlines = {
        "aliases-TOTAL_FORMS": 1, "aliases-0-alias": "shapes/latest",
        "dependencies-TOTAL_FORMS": 1, "dependencies-0-name": "base", "dependencies-0-depends_on": base.pk,
    }  # fmt: skip
    curator.post(ADD, form(alpha, **inlines))
    model = Model.objects.get(model_id="shapes/1")
    assert model.aliases.get().alias == "shapes/latest"
    assert model.dependencies.get().depends_on == base


def test_it_refuses_a_reserved_id_with_a_sentence(curator: Client, alpha: Any) -> None:
    response = curator.post(ADD, form(alpha, "admin/1"))
    assert "`admin` is an address of the server itself. Take `my-admin/1` instead." in response.content.decode()


def test_it_proposes_the_id_that_was_meant(curator: Client, alpha: Any) -> None:
    response = curator.post(ADD, form(alpha, "My Defects v1"))
    assert "Take `my-defects/1` instead." in response.content.decode()
    assert not Model.objects.exists()


@pytest.mark.parametrize(
    ("field", "typed", "meant"), [("architecture", "YOLO v8", "yolov8"), ("task_type", "detect", "object-detection")]
)
def test_an_architecture_or_task_that_no_client_knows_is_refused_with_the_closest_one(
    curator: Client, alpha: Any, field: str, typed: str, meant: str
) -> None:
    page = curator.post(ADD, form(alpha, **{field: typed})).content.decode()
    assert f"`{typed}`; the closest that they know is `{meant}`." in page
    assert not Model.objects.exists()


def test_architecture_and_task_are_chosen_from_those_that_clients_know(curator: Client) -> None:
    fields = curator.get(ADD).context["adminform"].form.fields
    assert ("yolov8", "yolov8") in fields["architecture"].widget.choices
    assert ("object-detection", "object-detection") in fields["task_type"].widget.choices


def test_a_model_from_before_the_rules_says_what_is_wrong_and_can_still_be_changed(
    curator: Client, make_model: Any, alpha: Any
) -> None:
    model = make_model("My Defects v1", architecture="YOLO v8", task_type="detect")
    ModelAlias.objects.create(model=model, alias="Old Alias")
    page = curator.get(change_page(model)).content.decode()
    assert "the closest that they know is yolov8" in page
    data = form(alpha, "My Defects v1", architecture="YOLO v8", task_type="detect", notes="Seen by eye.")
    alias = {
        "aliases-TOTAL_FORMS": 1, "aliases-INITIAL_FORMS": 1, "aliases-0-id": model.aliases.get().pk,
        "aliases-0-model": model.pk, "aliases-0-alias": "Old Alias",
    }  # fmt: skip
    curator.post(change_page(model), {**data, **alias})
    assert Model.objects.get().notes == "Seen by eye."


def test_a_correction_makes_drafts_of_what_was_inspected_for_another_kind(
    curator: Client, model: Any, make_package: Any, alpha: Any
) -> None:
    package = make_package(model, state="ready")
    curator.post(change_page(model), form(alpha, "shapes/2", architecture="yolov9"))
    model.refresh_from_db()
    package.refresh_from_db()
    assert (model.model_id, model.architecture, package.state) == ("shapes/2", "yolov9", "draft")


def test_an_alias_that_exists_says_where_it_points(curator: Client, model: Any, make_model: Any, alpha: Any) -> None:
    ModelAlias.objects.create(model=make_model("other/7"), alias="latest")
    inlines = {"aliases-TOTAL_FORMS": 1, "aliases-0-alias": "latest"}
    page = curator.post(change_page(model), form(alpha, **inlines)).content.decode()
    assert "This alias exists already: it points to other/7." in page


def test_an_alias_of_a_model_that_the_person_may_not_see_does_not_name_it(
    curator: Client, model: Any, make_model: Any, alpha: Any, beta: Any
) -> None:
    ModelAlias.objects.create(model=make_model("secret/7", workspace=beta), alias="latest")
    inlines = {"aliases-TOTAL_FORMS": 1, "aliases-0-alias": "latest"}
    page = curator.post(change_page(model), form(alpha, **inlines)).content.decode()
    assert "This alias exists already, of a model of another workspace." in page
    assert "secret/7" not in page


def test_an_id_that_is_an_alias_says_where_it_points(curator: Client, make_model: Any, alpha: Any) -> None:
    ModelAlias.objects.create(model=make_model("other/7"), alias="latest")
    page = curator.post(ADD, form(alpha, "latest")).content.decode()
    assert "Another model has this id as an alias: it points to other/7." in page


def test_an_alias_that_is_the_new_id_itself_is_a_message_and_nothing_is_saved(curator: Client, alpha: Any) -> None:
    inlines = {"aliases-TOTAL_FORMS": 1, "aliases-0-alias": "shapes/1"}
    response = curator.post(ADD, form(alpha, **inlines), follow=True)
    assert response.status_code == 200
    assert messages_of(response) == ["Nothing was saved. A model has this id."]
    assert not Model.objects.exists()


@pytest.mark.parametrize("value", ["{", '{"confidence": 2}', '{"other": 1}'])
def test_it_refuses_recommended_parameters_that_clients_refuse(curator: Client, alpha: Any, value: str) -> None:
    assert curator.post(ADD, form(alpha, recommended_parameters=value)).status_code == 200
    assert not Model.objects.exists()


def test_the_identity_of_a_model_with_published_packages_is_read_only(
    curator: Client, package: Any, alpha: Any
) -> None:
    data = form(alpha, "renamed/1", architecture="other", is_public="on")
    curator.post(change_page(package.model), data)
    model = Model.objects.get()
    assert (model.model_id, model.architecture, model.is_public) == ("shapes/1", "yolov8", True)


def test_a_viewer_sees_but_does_not_change(viewer: Client, model: Any, alpha: Any) -> None:
    assert viewer.get(change_page(model)).status_code == 200
    assert viewer.post(change_page(model), form(alpha, "renamed/1")).status_code == 403
    assert viewer.get(ADD).status_code == 403


def test_a_stranger_does_not_see_or_change_the_model(stranger: Client, model: Any, beta: Any) -> None:
    assert "shapes/1" not in stranger.get(LIST).content.decode()
    stranger.post(change_page(model), form(beta, "stolen/1"))
    assert Model.objects.get().model_id == "shapes/1"


def test_a_model_goes_to_no_workspace_where_the_person_is_no_curator(curator: Client, model: Any, beta: Any) -> None:
    curator.post(change_page(model), form(beta))
    assert Model.objects.get().workspace.slug == "alpha"


def test_only_superusers_move_a_model_to_another_workspace(
    log_in: Any, superuser: Client, model: Any, alpha: Any, beta: Any
) -> None:
    curator_here_and_admin_there = log_in("both", (alpha, "curator"), (beta, "admin"))
    curator_here_and_admin_there.post(change_page(model), form(beta, is_public="on"))
    model.refresh_from_db()
    assert (model.workspace, model.is_public) == (alpha, True)
    superuser.post(change_page(model), form(beta))
    assert Model.objects.get().workspace == beta


def test_a_model_depends_on_no_private_model_of_another_workspace(
    curator: Client, alpha: Any, beta: Any, make_model: Any
) -> None:
    private = make_model("private/1", workspace=beta)
    inlines = {
        "dependencies-TOTAL_FORMS": 1, "dependencies-0-name": "base", "dependencies-0-depends_on": private.pk,
    }  # fmt: skip
    curator.post(ADD, form(alpha, **inlines))
    assert not Model.objects.filter(model_id="shapes/1").exists()


def test_the_search_for_a_dependency_offers_nothing_of_another_workspace(stranger: Client, model: Any) -> None:
    query = {"app_label": "registry", "model_name": "modeldependency", "field_name": "depends_on", "term": "shapes"}
    assert stranger.get("/admin/autocomplete/", query).json()["results"] == []


def test_the_list_finds_a_model_by_its_alias_and_counts_its_packages(
    curator: Client, package: Any, make_package: Any
) -> None:
    ModelAlias.objects.create(model=package.model, alias="latest")
    make_package(package.model, state="draft", files={})
    page = curator.get(LIST, {"q": "latest"}).content.decode()
    assert "1 published" in page
    assert "1 draft" in page


def test_a_hostile_name_is_text_in_list_page_and_history(curator: Client, alpha: Any, make_model: Any) -> None:
    model = make_model(HOSTILE, class_names=[HOSTILE], notes=HOSTILE, variant=HOSTILE, architecture=HOSTILE)
    ModelAlias.objects.create(model=model, alias=f"{HOSTILE} alias")
    LogEntry.objects.log_actions(curator.person.pk, [model], 2, change_message=HOSTILE)
    for address in (LIST, change_page(model), f"{LIST}{model.pk}/history/", f"{LIST}{model.pk}/delete/"):
        page = curator.get(address).content.decode()
        assert "<img src=x" not in page, address
        assert "&lt;img src=x" in page, address


def test_a_viewer_sees_hostile_names_as_text_too(viewer: Client, make_model: Any) -> None:
    model = make_model(HOSTILE, class_names=[HOSTILE], notes=HOSTILE, recommended_parameters={HOSTILE: 1})
    page = viewer.get(change_page(model)).content.decode()
    assert "<img src=x" not in page


def test_the_list_takes_a_fixed_number_of_queries(
    curator: Client, make_model: Any, make_package: Any, count_queries: Any
) -> None:
    make_package(make_model("first"), state="draft", files={})
    few = count_queries(curator, LIST)
    for number in range(20):
        make_package(make_model(f"model/{number}"), state="draft", files={})
    assert count_queries(curator, LIST) == few


def test_a_model_without_packages_is_deleted(curator: Client, model: Any) -> None:
    ModelAlias.objects.create(model=model, alias="latest")
    address = f"{LIST}{model.pk}/delete/"
    assert "Its aliases go with it: latest." in curator.get(address).content.decode()
    curator.post(address, {"confirm": "1"})
    assert not Model.objects.exists()
    assert AuditEvent.objects.get(action="model.deleted").subject == "shapes/1"


def test_a_model_with_packages_stays_and_leads_to_them(curator: Client, package: Any, make_package: Any) -> None:
    make_package(package.model, state="draft", files={})
    address = f"{LIST}{package.model.pk}/delete/"
    page = curator.get(address).content.decode()
    assert "It has packages (1 draft, 1 published)." in page
    assert f'href="/admin/packages_app/package/?model__id__exact={package.model.pk}"' in page
    curator.post(address, {"confirm": "1"})
    assert Model.objects.exists()


def test_a_model_that_another_needs_stays_and_names_it_to_who_may_see_it(
    curator: Client, superuser: Client, model: Any, make_model: Any, beta: Any
) -> None:
    ModelDependency.objects.create(model=make_model("secret/7", workspace=beta), name="base", depends_on=model)
    address = f"{LIST}{model.pk}/delete/"
    assert "secret/7 depends on it." in superuser.get(address).content.decode()
    page = curator.get(address).content.decode()
    assert "A model of another workspace depends on it." in page
    assert "secret/7" not in page


def test_an_alias_is_in_the_trail_by_its_own_name(curator: Client, model: Any, alpha: Any) -> None:
    inlines = {"aliases-TOTAL_FORMS": 1, "aliases-0-alias": "latest"}
    curator.post(change_page(model), form(alpha, **inlines))
    event = AuditEvent.objects.get(action="alias.created")
    assert (event.subject, event.details, event.workspace) == ("latest", {"model": "shapes/1"}, alpha)
    alias = model.aliases.get()
    gone = {
        "aliases-TOTAL_FORMS": 1, "aliases-INITIAL_FORMS": 1, "aliases-0-id": alias.pk, "aliases-0-model": model.pk,
        "aliases-0-alias": "latest", "aliases-0-DELETE": "on",
    }  # fmt: skip
    curator.post(change_page(model), form(alpha, **gone))
    assert AuditEvent.objects.get(action="alias.deleted").subject == "latest"
