"""Putting what the files prove into a package, and telling where a curator said otherwise. Saves nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from negotiation.manifests import BACKENDS
from packages_app.models import Package, Quantization
from packages_app.services import drafting

# Columns that mean the same to a curator, and are filled or compared together.
BATCH_COLUMNS = ("dynamic_batch_size", "static_batch_size")
PROVEN_COLUMNS = (*BATCH_COLUMNS, "quantization")


def merge(package: Package, facts: Mapping[str, Any]) -> list[str]:
    """Fill empty fields of ``package`` from ``facts``; sentences for those that disagree."""
    return [*_merge_columns(package, facts), *_merge_manifest(package, facts)]


def _merge_columns(package: Package, facts: Mapping[str, Any]) -> Iterator[str]:
    batch_is_typed = package.dynamic_batch_size or package.static_batch_size is not None
    for name in PROVEN_COLUMNS:
        proven, typed = facts.get(name), getattr(package, name)
        if proven is None:
            continue
        is_empty = not batch_is_typed if name in BATCH_COLUMNS else typed == Quantization.UNKNOWN
        if is_empty:
            setattr(package, name, proven)
        elif typed != proven:
            # The wire has no word for some types: that of the file then says why.
            stored = facts.get("stored_types") if proven == Quantization.UNKNOWN else None
            yield _disagreement(name.replace("_", " "), typed, f"{proven} ({stored[0]})" if stored else proven)


def _merge_manifest(package: Package, facts: Mapping[str, Any]) -> Iterator[str]:
    for name, one in BACKENDS[package.backend].asked.items():
        if not one.proven:
            continue
        proven, typed = facts.get(name), package.manifest.get(name)
        if one.is_empty(typed) or typed == [] or not one.typed:
            drafting.set_manifest_field(package, name, one.assumed if proven is None else proven)
        elif proven not in (None, typed) and one.assumed is None:
            yield _disagreement(one.label, typed, proven)


def _disagreement(label: str, typed: Any, proven: Any) -> str:
    return f"The {label} was given as {typed}, but the files say {proven}."
