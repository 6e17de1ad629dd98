from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inference_app.models import MachineRecord
from inference_app.services.compatibility import Outcome, Row, compare, compatibility_of, split_reason
from inference_app.services.machines import KnownMachine, Origin, find_machine
from inference_app.services.selection import Rules, choose, packages_by_rules
from negotiation import Environment
from negotiation.machines import Machine
from packages_app.models import PackageBenchmark, PackageFailure
from packages_app.services.push import push_directory
from registry.models import ModelDependency
from tests.cases import case
from tests.inference_app.conftest import ACTOR

pytestmark = pytest.mark.usefixtures("cpu_box")


def row_of(compatibility: Any, name: str) -> Row:
    return next(row for row in compatibility.rows if row.known.machine.name == name)


def outcomes(compatibility: Any, name: str) -> dict[int, Outcome]:
    cells = zip(compatibility.packages, row_of(compatibility, name).cells, strict=True)
    return {package.pk: cell.outcome for package, cell in cells}


def chosen(compatibility: Any, name: str) -> int | None:
    return next((pk for pk, outcome in outcomes(compatibility, name).items() if outcome is Outcome.CHOSEN), None)


def test_each_machine_gets_the_package_that_suits_it(model: Any, mixed: dict[str, Any]) -> None:
    compatibility = compatibility_of(model)
    assert chosen(compatibility, "nvidia-l4") == mixed["engine"].pk
    assert chosen(compatibility, "nvidia-t4") == mixed["half"].pk
    assert chosen(compatibility, "cpu-server") == mixed["onnx"].pk
    assert compatibility.incompatible == ()


def test_each_package_that_is_passed_over_says_why_and_what_to_do(model: Any, mixed: dict[str, Any]) -> None:
    compatibility = compatibility_of(model)
    cells = dict(
        zip([package.pk for package in compatibility.packages], row_of(compatibility, "nvidia-t4").cells, strict=True)
    )
    engine = cells[mixed["engine"].pk]
    assert engine.outcome is Outcome.DISCARDED
    assert engine.why == "The engine was compiled for nvidia-l4; the GPUs to choose from are tesla-t4."
    assert engine.remedy.startswith("Compile it on this machine")
    assert cells[mixed["untrusted"].pk].why == "The package is not marked as trusted."


def test_survivors_carry_their_place_and_what_put_them_there(model: Any, mixed: dict[str, Any]) -> None:
    compatibility = compatibility_of(model)
    cells = dict(
        zip([package.pk for package in compatibility.packages], row_of(compatibility, "nvidia-t4").cells, strict=True)
    )
    assert (cells[mixed["half"].pk].place, cells[mixed["half"].pk].why) == (1, "Above the next by precision.")
    assert (cells[mixed["onnx"].pk].place, cells[mixed["onnx"].pk].outcome) == (2, Outcome.RANKED)


def test_this_server_gets_what_it_chooses_for_inference(model: Any, mixed: dict[str, Any]) -> None:
    assert chosen(compatibility_of(model), "this-server") == choose(model).candidates[0].pk


def test_a_machine_that_gets_nothing_is_warned_of(model: Any, make_package: Callable[..., Any]) -> None:
    make_package(model, opset=23)
    compatibility = compatibility_of(model)
    xavier = row_of(compatibility, "jetson-agx-xavier")
    assert xavier in compatibility.incompatible
    assert xavier.warning == "The package has opset 23; with ONNX Runtime 1.18.0 at most 21 is accepted."
    assert xavier.chosen is None
    assert row_of(compatibility, "nvidia-t4") not in compatibility.incompatible


def with_ir_version(package: Any, ir_version: int) -> Any:
    """The package as if its file had this IR version, which no trigger lets change once it is published."""
    from packages_app.services.publishing import mark_ready, publish

    package.manifest["ir_version"] = ir_version
    type(package).objects.filter(pk=package.pk).update(manifest=package.manifest)
    package.refresh_from_db()
    return publish(mark_ready(package))


def test_a_machine_whose_runtime_cannot_read_the_file_is_warned_of(
    model: Any, make_package: Callable[..., Any]
) -> None:
    """The client does not look at it: it chooses the package, and fails to load it."""
    with_ir_version(make_package(model, state="draft"), 14)
    compatibility = compatibility_of(model)
    row = row_of(compatibility, "nvidia-t4")
    assert row in compatibility.incompatible
    assert row.warning.startswith("ONNX Runtime 1.22.0 cannot read IR 14")
    (cell,) = row.cells
    assert (cell.outcome, cell.place) == (Outcome.UNREADABLE, 1)
    assert cell.remedy.startswith("Export with ir_version=10 or lower")


def test_the_case_with_ir_version_14_is_published_and_not_for_every_machine(alpha: Any) -> None:
    package = push_directory(
        case("ir-14"), model_id="cases/ir-14", workspace=alpha, actor=ACTOR, trusted=True, publish=True
    )
    assert (package.manifest["ir_version"], package.manifest["opset"]) == (14, 17)
    compatibility = compatibility_of(package.model)
    assert row_of(compatibility, "nvidia-t4").warning.startswith("ONNX Runtime 1.22.0 cannot read IR 14")


def test_such_a_machine_gets_the_next_package_that_it_can_read(model: Any, make_package: Callable[..., Any]) -> None:
    new = with_ir_version(make_package(model, state="draft", quantization="fp16"), 14)
    old = with_ir_version(make_package(model, state="draft"), 10)
    compatibility = compatibility_of(model)
    assert outcomes(compatibility, "nvidia-t4") == {new.pk: Outcome.UNREADABLE, old.pk: Outcome.CHOSEN}
    assert row_of(compatibility, "nvidia-t4") not in compatibility.incompatible


def test_this_server_does_not_choose_what_its_runtime_cannot_read(model: Any, make_package: Callable[..., Any]) -> None:
    with_ir_version(make_package(model, state="draft"), 14)
    row = row_of(compatibility_of(model), "this-server")
    assert row.cells[0].outcome is Outcome.DISCARDED
    assert row.warning.startswith("ONNX Runtime 1.22.0 cannot read IR 14")


def test_of_packages_whose_ir_version_is_not_known_nothing_is_said(model: Any, package: Any) -> None:
    assert "ir_version" not in package.manifest
    assert compatibility_of(model).incompatible == ()


def test_a_warning_names_the_most_frequent_reasons_first(model: Any, make_package: Callable[..., Any]) -> None:
    make_package(model, trusted=False)
    for number in range(2):
        make_package(model, quantization="int8", files={"weights.onnx": bytes([number])})
    warning = row_of(compatibility_of(model), "nvidia-t4").warning
    assert warning.index("int8") < warning.index("not marked as trusted")


def test_a_machine_that_cannot_be_described_well_enough_is_warned_of(model: Any, package: Any) -> None:
    orin = Machine("lost", "Lost", Environment(gpu_devices=("orin",), gpu_devices_cc=("8.7",)))
    packages = packages_by_rules(model)
    compatibility = compare(packages[Rules.CLIENT], packages[Rules.SERVER], [KnownMachine(orin, Origin.OWN)], {})
    row = compatibility.rows[0]
    assert "L4T" in row.warning
    assert [cell.outcome for cell in row.cells] == [Outcome.NOT_CONSIDERED]


def test_without_packages_every_machine_gets_nothing(model: Any) -> None:
    compatibility = compatibility_of(model)
    assert len(compatibility.incompatible) == len(compatibility.rows) > 10


def test_own_machines_of_the_workspace_are_covered_and_no_others(
    model: Any, package: Any, alpha: Any, beta: Any
) -> None:
    environment = find_machine("nvidia-l4", None).machine.environment.to_json()
    MachineRecord.objects.create(workspace=alpha, slug="line-3", title="Line 3", environment=environment)
    MachineRecord.objects.create(workspace=beta, slug="secret", title="Secret", environment=environment)
    names = [row.known.machine.name for row in compatibility_of(model).rows]
    assert names[-1] == "line-3"
    assert "secret" not in names


def test_a_package_that_was_set_aside_is_shown_so_for_this_server_alone(model: Any, mixed: dict[str, Any]) -> None:
    PackageFailure.objects.create(package=mixed["onnx"], reason="ended the host", strikes=3)
    compatibility = compatibility_of(model)
    assert outcomes(compatibility, "this-server")[mixed["onnx"].pk] is Outcome.BLOCKED
    assert chosen(compatibility, "this-server") == choose(model).candidates[0].pk != mixed["onnx"].pk
    assert chosen(compatibility, "cpu-server") == mixed["onnx"].pk


def test_drafts_are_covered_as_if_they_were_published(model: Any, make_package: Callable[..., Any]) -> None:
    draft = make_package(model, state="draft")
    incomplete = make_package(model, state="draft", opset=None)
    assert compatibility_of(model).packages == ()
    compatibility = compatibility_of(model, with_drafts=True)
    assert chosen(compatibility, "nvidia-t4") == draft.pk
    assert outcomes(compatibility, "nvidia-t4")[incomplete.pk] is Outcome.DISCARDED


def test_a_draft_keeps_its_place_when_it_is_published(model: Any, make_package: Callable[..., Any]) -> None:
    from packages_app.services.publishing import publish

    ready = [make_package(model, state="ready", files={"weights.onnx": bytes([n])}) for n in range(4)]
    before = {row.known.machine.name: row.cells for row in compatibility_of(model, with_drafts=True).rows}
    for package in ready:
        publish(package)
    assert {row.known.machine.name: row.cells for row in compatibility_of(model).rows} == before


def test_packages_of_a_model_with_dependencies_compete_under_the_ids_that_clients_see(
    model: Any, make_model: Callable[..., Any], make_package: Callable[..., Any]
) -> None:
    from packages_app.services.announcing import dependencies_of

    base = make_model("base/1")
    make_package(base)
    ModelDependency.objects.create(model=model, name="base", depends_on=base)
    packages = [make_package(model, files={"weights.onnx": bytes([n])}) for n in range(6)]
    dependencies = dependencies_of(model)
    compatibility = compatibility_of(model)
    largest_announced = max(packages, key=lambda package: dependencies.announced_id(package.package_id))
    assert chosen(compatibility, "cpu-server") == largest_announced.pk
    assert chosen(compatibility, "this-server") == max(packages, key=lambda package: package.package_id).pk


def test_benchmark_figures_stand_where_machine_and_package_meet(model: Any, package: Any, cpu_box: Any) -> None:
    PackageBenchmark.objects.create(
        package=package,
        environment_fingerprint=cpu_box["fingerprint"],
        environment=cpu_box["environment"],
        figures={"latency_ms": 12.5},
    )
    compatibility = compatibility_of(model)
    assert row_of(compatibility, "this-server").cells[0].figures == {"latency_ms": 12.5}
    assert row_of(compatibility, "nvidia-t4").cells[0].figures is None


def test_the_number_of_queries_does_not_grow_with_packages_and_machines(
    model: Any, make_package: Callable[..., Any], alpha: Any
) -> None:
    def queries(with_drafts: bool) -> int:
        with CaptureQueriesContext(connection) as captured:
            compatibility_of(model, with_drafts=with_drafts)
        return len(captured)

    make_package(model)
    make_package(model, state="draft", quantization="fp16")
    before = queries(False), queries(True)
    for number in range(3):
        make_package(model, files={"weights.onnx": bytes([number])})
        make_package(model, files={"weights.onnx": bytes([number])}, state="draft", quantization="fp16")
        MachineRecord.objects.create(
            workspace=alpha, slug=f"m-{number}", title="M", environment=Environment().to_json()
        )
    assert (queries(False), queries(True)) == before


def test_a_reason_is_split_into_why_and_remedy() -> None:
    assert split_reason("It needs 1.2 or later; this has 1.1. Upgrade it. Or not.") == (
        "It needs 1.2 or later; this has 1.1.", "Upgrade it. Or not.",
    )  # fmt: skip
    assert split_reason("Nothing to be done.") == ("Nothing to be done.", "")
