"""What becomes of packages of the made-up backend of docs/extending.md: run in a copy of this project that has it.

`tests/test_extending.py` calls `main` in the shell of `manage.py`, with two published packages in the database.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.test import Client
from django.test.utils import setup_test_environment

from inference_app.services.selection import published_packages, server_policy
from negotiation import Environment, NegotiationRequest, negotiate
from negotiation.manifest_table import tables
from packages_app.models import Package, State
from registry.models import Model

LIST = "/admin/packages_app/package/"


def machine(gpus: int) -> Environment:
    return Environment(gpu_available=True, gpu_devices=("l4",) * gpus, gpu_devices_cc=("8.9",) * gpus)


def the_wire_has_the_field(client: Client) -> None:
    answer = client.get("/models/v1/external/weights", {"modelId": "beads/1"}).json()
    manifests = [entry["packageManifest"] for entry in answer["modelMetadata"]["modelPackages"]]
    assert sorted(manifest["gpus"] for manifest in manifests) == [0, 2], manifests
    assert {(manifest["type"], manifest["backendType"]) for manifest in manifests} == {
        ("abacus-model-package-v1", "abacus")
    }


def negotiation_explains_and_ranks(model: Model) -> None:
    published = published_packages(model)
    needs = {package.package_id: package.manifest["gpus"] for package in published.packages}

    def asked(gpus: int, **request: Any) -> Any:
        question = NegotiationRequest(quantization=(), **request)
        return negotiate(published.parsed, machine(gpus), question, server_policy())

    crowded, roomy = asked(1), asked(2)
    assert [needs[name] for name in crowded.attempt_order] == [0]
    (reason,) = crowded.discards.values()
    assert (reason.category, reason.stage) == ("abacus_too_few_gpus", "runtime")
    assert [needs[name] for name in roomy.attempt_order] == [0, 2]
    assert roomy.decided_by == ["abacus_gpus"]
    assert roomy.ranked[0].key.backend == 9
    assert asked(2, backend="abacus").attempt_order == roomy.attempt_order


def the_form_asks_for_the_field(client: Client, model: Model) -> None:
    text = client.get(f"{LIST}add/").content.decode()
    assert "wb-backend-abacus" in text
    assert 'name="gpus"' in text
    said = {"quantization": "fp32", "dynamic_batch_size": "on", "form_end": "1"}
    client.post(f"{LIST}add/", {"model": model.pk, "backend": "abacus", **said})
    draft = Package.objects.get(state=State.DRAFT)
    page = f"{LIST}{draft.pk}/change/"
    assert "Enter the number of GPUs." in client.get(page).content.decode()
    client.post(page, {**said, "gpus": "3"})
    draft.refresh_from_db()
    assert draft.manifest == {"gpus": 3}
    assert "Enter the number of GPUs." not in client.get(page).content.decode()
    assert "number of GPUs 3" in client.get(LIST).content.decode()


def the_database_asks_for_it_too(model: Model) -> None:
    for manifest in ({}, {"gpus": None}):
        try:
            with transaction.atomic():
                Package.objects.create(
                    model=model, backend="abacus", static_batch_size=1, state=State.READY, manifest=manifest
                )
        except IntegrityError:
            continue
        raise AssertionError(f"A package with the manifest {manifest} became ready.")


def main() -> None:
    setup_test_environment()
    model = Model.objects.get(model_id="beads/1")
    get_user_model().objects.create_superuser("root", "root@weighbridge.invalid", "a long password")
    client = Client(headers={"host": "127.0.0.1"})
    the_wire_has_the_field(client)
    client.login(username="root", password="a long password")
    negotiation_explains_and_ranks(model)
    the_form_asks_for_the_field(client, model)
    the_database_asks_for_it_too(model)
    assert "| `gpus` | `abacus` | required: GPUs it needs at least |" in tables()
    print("everything is there")
