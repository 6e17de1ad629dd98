"""Fill a database with models for bench.provider: `python -m bench._models MODELS PACKAGES`.

Prints one line of JSON: a token, and the number of queries of one metadata request.
"""

from __future__ import annotations

import hashlib
import json
import sys

import django

FILES = ("class_names.txt", "inference_config.json", "weights.onnx")
BATCH = 2000


def main(model_count: int, package_count: int) -> None:
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    token = fill(model_count, package_count)
    print(json.dumps({"token": token, "queries": count_queries(token)}))


def fill(model_count: int, package_count: int) -> str:
    from django.db import connection, transaction
    from django.utils import timezone

    from packages_app.models import Blob, Package, PackageFile, State
    from registry.models import Model, Workspace
    from registry.services.tokens import create_token

    workspace = Workspace.objects.create(name="Bench", slug="bench")
    with transaction.atomic():
        models = Model.objects.bulk_create(
            (
                Model(
                    workspace=workspace, model_id=f"bench/{number}", architecture="yolov8",
                    task_type="object-detection", class_names=["circle"],
                )
                for number in range(model_count)
            ),
            batch_size=BATCH,
        )  # fmt: skip
        # Rows are not born published: they are made ready, then published by one statement.
        packages = Package.objects.bulk_create(
            (
                Package(
                    model=model, backend="onnx", state=State.READY, quantization="fp32", opset=17,
                    dynamic_batch_size=True, trusted=True, notes=_digest(f"{model.model_id}:{number}")[:32],
                )
                for model in models
                for number in range(package_count)
            ),
            batch_size=BATCH,
        )  # fmt: skip
        blobs = [
            Blob(sha256=_digest(f"{package.pk}:{name}"), md5=_digest(f"{package.pk}:{name}")[:32], size=1000)
            for package in packages
            for name in FILES
        ]
        Blob.objects.bulk_create(blobs, batch_size=BATCH)
        names = [(package, name) for package in packages for name in FILES]
        PackageFile.objects.bulk_create(
            (PackageFile(package=p, handle=name, blob=b) for (p, name), b in zip(names, blobs, strict=True)),
            batch_size=BATCH,
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE packages_app_package SET state = 'published', package_id = notes, published_at = %s",
                [timezone.now()],
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return create_token(workspace, "bench", ["read"])[1]


def count_queries(token: str) -> int:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    def ask() -> None:
        response = Client(headers={"Authorization": f"Bearer {token}"}).get(
            "/models/v1/external/weights", {"modelId": "bench/5"}, headers={"Host": "localhost"}
        )
        if response.status_code != 200:
            raise SystemExit(f"The request was answered {response.status_code}.")

    ask()
    with CaptureQueriesContext(connection) as queries:
        ask()
    return len(queries)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
