"""Sentences of this project on pages: what stands between backticks is code."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join

register = template.Library()


@register.filter
def prose(text: object) -> str:
    """The text, escaped, with `` `this` `` as ``<code>this</code>``. An odd backtick stays what it is."""
    pieces = str(text).split("`")
    if len(pieces) % 2 == 0:
        pieces[-2:] = ["`".join(pieces[-2:])]
    return format_html_join(
        "",
        "{}",
        ((format_html("<code>{}</code>", piece) if index % 2 else piece,) for index, piece in enumerate(pieces)),
    )
