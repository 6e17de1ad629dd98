"""What a package's manifest has beyond the columns that are listed, filtered or constrained becomes one document.

Values that say nothing (NULL, empty text, false) are not in it; an empty list is not the same as none and stays. A field
that is none of the package's backend goes: it was never announced, never compared and no part of an id.
"""

from typing import Any

from django.db import migrations, models

import packages_app.models.package

NUMBERS = ["min_batch_size", "opt_batch_size", "max_batch_size", "opset", "ir_version"]
LISTS = ["incompatible_providers", "supported_device_types"]
FLAGS = ["same_cc_compatible", "trt_forward_compatible", "trt_lean_runtime_excluded"]
TEXTS = [
    "cuda_device_type", "cuda_device_cc", "cuda_version", "trt_version", "machine_type", "driver_version", "os_version",
    "l4t_version", "device_name", "torch_version", "torchvision_version",
]
COLUMNS = [*NUMBERS, *LISTS, *FLAGS, *TEXTS]
FIELDS = {
    "onnx": ["opset", "incompatible_providers", "ir_version"],
    "trt": [
        "min_batch_size", "opt_batch_size", "max_batch_size", "cuda_device_type", "cuda_device_cc", "cuda_version",
        "trt_version", *FLAGS, "machine_type", "driver_version", "os_version", "l4t_version", "device_name",
    ],
    "torch-script": ["supported_device_types", "torch_version", "torchvision_version"],
}


def to_document(apps: Any, schema_editor: Any) -> None:
    packages = apps.get_model("packages_app", "Package").objects.using(schema_editor.connection.alias)
    for package in packages.filter(backend__in=FIELDS).iterator():
        given = {name: getattr(package, name) for name in FIELDS[package.backend]}
        package.manifest = {name: value for name, value in given.items() if value not in (None, "", False)}
        package.save(update_fields=["manifest"])


def to_columns(apps: Any, schema_editor: Any) -> None:
    packages = apps.get_model("packages_app", "Package").objects.using(schema_editor.connection.alias)
    for package in packages.exclude(manifest={}).iterator():
        known = {name: value for name, value in package.manifest.items() if name in COLUMNS}
        for name, value in known.items():
            setattr(package, name, value)
        package.save(update_fields=list(known))


class Migration(migrations.Migration):

    dependencies = [
        ('packages_app', '0003_blob_damaged_at'),
    ]

    operations = [
        # What these kept is kept by triggers now, which are made from the manifests.
        migrations.RemoveConstraint(model_name='package', name='package_backend_known'),
        migrations.RemoveConstraint(model_name='package', name='package_batch_known_when_ready'),
        migrations.RemoveConstraint(model_name='package', name='package_onnx_opset_when_ready'),
        migrations.RemoveConstraint(model_name='package', name='package_trt_details_when_ready'),
        migrations.RemoveConstraint(model_name='package', name='package_torch_script_details_when_ready'),
        migrations.AlterField(
            model_name='package',
            name='backend',
            field=models.CharField(choices=packages_app.models.package.backend_choices, max_length=40),
        ),
        migrations.AddField(
            model_name='package',
            name='manifest',
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.RunPython(to_document, to_columns),
        *(migrations.RemoveField(model_name='package', name=name) for name in COLUMNS),
    ]
