"""A page that says what is about to happen and asks; the answer is a POST. It works without JavaScript."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib.admin import ModelAdmin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse


@dataclass(frozen=True)
class Confirmation:
    """What the page says. ``reason`` is the label of a line of text to fill in, or empty for none.

    ``problems`` are why it cannot be done, in place of the button; ``links`` are (label, address) of what helps.
    ``about`` stands for what the answer is about: an answer given to another page asks again.
    """

    title: str
    sentences: list[str]
    button: str = ""
    danger: bool = False
    reason: str = ""
    problems: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    about: str = "1"

    def is_given(self, request: HttpRequest) -> bool:
        return request.method == "POST" and not self.problems and request.POST.get("confirm") == self.about


def confirm(
    model_admin: ModelAdmin, request: HttpRequest, obj: models.Model, confirmation: Confirmation
) -> HttpResponse:
    """The page itself. Its form posts to the address it was asked at."""
    opts = model_admin.opts
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": opts,
        "original": obj,
        "title": confirmation.title,
        "confirmation": confirmation,
        "back": reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[obj.pk]),
        "media": model_admin.media,
    }
    return TemplateResponse(request, "admin/confirm.html", context)
