"""Access tokens: made by the service, shown whole once, revoked, never edited."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import display

from registry.admin.confirmation import Confirmation, confirm
from registry.admin.roles import Role, person
from registry.admin.scoped import ScopedAdmin, WorkspaceFilter, actor
from registry.models import AccessToken, Scope
from registry.models.token import NOTHING_YET, OPEN_NOTHING_YET
from registry.services.tokens import create_token, revoke_token


class TokenForm(forms.ModelForm):
    """Of a token that exists, only the name can be changed: its holder relies on the rest."""

    class Meta:
        model = AccessToken
        fields = ["workspace", "name", *(f"can_{scope.value}" for scope in Scope), "expires_at"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for scope in OPEN_NOTHING_YET:
            if f"can_{scope}" in self.fields:
                self.fields[f"can_{scope}"].help_text = NOTHING_YET

    def clean_expires_at(self) -> Any:
        expires_at = self.cleaned_data["expires_at"]
        if expires_at is not None and expires_at <= timezone.now():
            raise forms.ValidationError("This moment has passed already.")
        return expires_at

    def clean(self) -> None:
        super().clean()
        if not self.instance.pk and not self.chosen_scopes():
            raise forms.ValidationError("A token needs at least one scope.")

    def chosen_scopes(self) -> list[str]:
        return [scope.value for scope in Scope if self.cleaned_data.get(f"can_{scope.value}")]

    def _get_validation_exclusions(self) -> set[str]:
        # The service makes prefix and digest after the form has been found right; their constraints wait for it.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | {"prefix", "digest", "can_read"}


@admin.register(AccessToken)
class AccessTokenAdmin(ScopedAdmin):
    noun = "token"
    role_to_view = role_to_add = role_to_change = Role.ADMIN
    form = TokenForm
    list_display = ["name", "shown_prefix", "workspace", "scope_list", "status", "expires_at", "last_used_at"]
    list_filter = [WorkspaceFilter]
    search_fields = ["name", "prefix"]
    list_select_related = ["workspace"]
    actions = ["revoke_selected"]
    ordering = ["workspace__slug", "name", "pk"]
    change_form_outer_before_template = "admin/registry/accesstoken/revoke_button.html"
    add_fieldsets = [
        (None, {"fields": ["workspace", "name", "expires_at"]}),
        ("Scopes", {
            "description": "What the token opens. Devices that only load models need nothing but read.",
            "fields": [f"can_{scope.value}" for scope in Scope],
        }),
    ]  # fmt: skip
    fields = [
        "name", "workspace", "shown_prefix", "scope_list", "status", "expires_at", "last_used_at", "revoked_at",
        "created_at", "created_by",
    ]  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: AccessToken | None = None) -> list[str]:
        return [name for name in self.fields if name != "name"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        # A revoked token stays, so that the trail of what it did keeps its name.
        return False

    def get_urls(self) -> list[URLPattern]:
        revoke = self.admin_site.admin_view(self.revoke_view)
        return [path("<int:pk>/revoke/", revoke, name="registry_accesstoken_revoke"), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: AccessToken, form: TokenForm, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        token, whole = create_token(
            obj.workspace,
            obj.name,
            form.chosen_scopes(),
            expires_at=obj.expires_at,
            created_by=person(request),
            actor=actor(request),
        )
        obj.__dict__.update({field.attname: getattr(token, field.attname) for field in token._meta.concrete_fields})
        obj._state.adding = False
        request._whole_token = whole  # type: ignore[attr-defined]

    def record(self, request: HttpRequest, verb: str, obj: AccessToken, **details: Any) -> None:  # type: ignore[override]
        if verb != "created":  # the service has recorded that
            super().record(request, verb, obj, **details)

    def response_add(
        self, request: HttpRequest, obj: AccessToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The one page that ever holds the whole token.

        It answers the POST itself, and pages of the admin carry `no-store`, so that nothing keeps it.
        """
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Copy the access token now",
            "token": obj,
            "whole_token": request._whole_token,  # type: ignore[attr-defined]
            "page_url": reverse("admin:registry_accesstoken_change", args=[obj.pk]),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/registry/accesstoken/created.html", context)

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        token = self.get_object(request, str(pk))
        page = reverse("admin:registry_accesstoken_changelist")
        if token is None or not self.has_change_permission(request, token):
            messages.error(request, "There is no such token.")
            return HttpResponseRedirect(page)
        confirmation = Confirmation(
            title=f"Revoke {token.name}?",
            sentences=[
                "Whatever uses this token is refused from now on, and download addresses made with it stop working.",
                "A revoked token cannot be brought back.",
            ],
            button="Revoke the token",
            danger=True,
        )
        if not confirmation.is_given(request):
            return confirm(self, request, token, confirmation)
        revoke_token(token, actor=actor(request))
        self.log_change(request, token, "Revoked.")
        messages.success(request, f"{token} is revoked.")
        return HttpResponseRedirect(page)

    @admin.action(description="Revoke the selected tokens", permissions=["change"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[AccessToken]) -> None:
        tokens = list(queryset.filter(revoked_at=None))
        for token in tokens:
            revoke_token(token, actor=actor(request))
        messages.success(request, f"Revoked: {len(tokens)}.")

    @admin.display(description="token", ordering="prefix")
    def shown_prefix(self, token: AccessToken) -> str:
        return f"wb_{token.prefix}_…"

    @display(description="scopes", label=True)
    def scope_list(self, token: AccessToken) -> list[str]:
        return [scope.value for scope in Scope if scope.value in token.scopes]

    @display(description="status", label={"valid": "success", "expired": "warning", "revoked": "danger"})
    def status(self, token: AccessToken) -> str:
        if token.revoked_at is not None:
            return "revoked"
        return "expired" if token.expires_at is not None and token.expires_at <= timezone.now() else "valid"
