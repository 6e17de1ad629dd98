from typing import Any

from django.db import migrations, models


def inspect_again(apps: Any, schema_editor: Any) -> None:
    """What is ready was inspected by fewer rules, and would be published without those of today: drafts again."""
    using = schema_editor.connection.alias
    packages = apps.get_model("packages_app", "Package").objects.using(using)
    events = apps.get_model("registry", "AuditEvent").objects.using(using)
    for package in packages.filter(state="ready").select_related("model"):
        package.state = "draft"
        package.inspection = {}
        package.save(update_fields=["state", "inspection"])
        events.create(
            action="package.reopened",
            subject=f"draft {package.pk} of {package.model.model_id}",
            actor="manage.py migrate",
            workspace_id=package.model.workspace_id,
            details={"reason": "Inspection has new rules since; inspect the package again."},
        )


class Migration(migrations.Migration):

    dependencies = [
        ('packages_app', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='package',
            name='ir_version',
            field=models.PositiveIntegerField(blank=True, editable=False, help_text="ONNX only: the version of the file's format.", null=True, verbose_name='IR version'),
        ),
        migrations.RunPython(inspect_again, migrations.RunPython.noop),
    ]
