"""People who log in: superusers alone manage them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db import models
from django.forms import ModelMultipleChoiceField
from django.http import HttpRequest
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from registry.admin.scoped import ScopedAdmin
from registry.login import LoginForm

# What Django itself makes for each table.
MADE_BY_DJANGO = r"^(add|change|delete|view)_"

admin.site.login_form = LoginForm
admin.site.unregister(User)
admin.site.unregister(Group)


class NewUserForm(UserCreationForm):
    """Most people who get an account are to use this admin: that is the default here."""

    is_staff = forms.BooleanField(
        label="May log in here", required=False, initial=True, help_text="What they see here, their memberships decide."
    )


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ScopedAdmin):  # type: ignore[misc]  # both have the same options of ModelAdmin
    noun = "user"
    role_to_view = role_to_add = role_to_change = role_to_delete = None
    form = UserChangeForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "first_name", "last_name", "is_active", "is_staff", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_superuser"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["first_name", "last_name", "email"]}),
        ("Rights", {
            "fields": ["is_active", "is_staff", "is_superuser", "user_permissions"],
            "description": "Members of a workspace get their rights from their role; permissions add to it in the "
            "workspaces that have the person as a member. Superusers may do everything.",
        }),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]  # fmt: skip
    add_fieldsets = [(None, {"fields": ["username", "password1", "password2", "is_staff"]})]
    readonly_fields = ["last_login", "date_joined"]

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> ModelMultipleChoiceField | None:
        """Only permissions that have an effect here: roles stand in place of those that Django makes for each table."""
        if db_field.name == "user_permissions":
            kwargs["queryset"] = Permission.objects.exclude(codename__regex=MADE_BY_DJANGO)
            kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def workspace_id(self, obj: models.Model | None) -> None:
        return None

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        return User.objects.all() if request.user.is_superuser else User.objects.none()
