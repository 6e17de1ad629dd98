"""The server's own addresses, as its resolver knows them, each with an example."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils.regex_helper import normalize

# What the parts of addresses stand for; the first that fits is taken.
EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "model_id": ("demo/shapes",),
    "name": ("demo/shapes", "weights.onnx"),
    "project": ("demo",),
    "version": ("shapes", "0" * 32),
    "package_id": ("0" * 32,),
    "sha256": ("0" * 64,),
    "code": ("invalid-request",),
    "job_id": ("00000000-0000-4000-8000-000000000000",),
    "task": ("object_detection",),
    "family": ("clip",),
    "feature": ("workflows", "repository", "config"),
}
OTHERS = ("1", "registry", "auth", "x")


@dataclass(frozen=True)
class Route:
    """One pattern of the resolver: as it is written, and an address that it answers."""

    pattern: str
    example: str
    view: Any


def routes() -> list[Route]:
    """Every pattern of the resolver. Raises LookupError for one that no example is known for."""
    return [_route(steps) for steps in _walk(get_resolver().url_patterns, ())]


def _walk(patterns: Any, before: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, (*before, entry))
        elif isinstance(entry, URLPattern):
            yield (*before, entry)


def _route(steps: tuple[Any, ...]) -> Route:
    entry = steps[-1]
    written = "/" + "".join(str(step.pattern) for step in steps)
    regex = "".join(step.pattern.regex.pattern.removeprefix("^").removesuffix(r"\Z") for step in steps)
    for template, names in normalize(regex):
        for values in combinations(names):
            example = "/" + (template % values).removesuffix("$")
            if _answers(example, entry):
                return Route("/" + resolve(example).route, example, entry.callback)
    raise LookupError(f"No example of {written} is known: add one to EXAMPLES.")


def _answers(example: str, entry: URLPattern) -> bool:
    try:
        found = resolve(example)
    except Exception:
        return False
    return found.func is entry.callback


def combinations(names: list[str]) -> Iterator[dict[str, str]]:
    """Every way to fill the parts of an address, by their names."""
    if not names:
        yield {}
        return
    name, *others = names
    for value in (*EXAMPLES.get(re.sub(r"^_+", "", name), ()), *OTHERS):
        for rest in combinations(others):
            yield {name: value, **rest}
