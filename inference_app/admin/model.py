"""What compatibility adds to the page of a model: the way to it."""

from __future__ import annotations

from django.contrib import admin

from packages_app.admin.model import ModelWithPackagesPage
from registry.models import Model

admin.site.unregister(Model)


@admin.register(Model)
class ModelWithCompatibilityPage(ModelWithPackagesPage):
    change_form_outer_before_template = "admin/compatibility_link.html"
