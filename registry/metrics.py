"""Counts and times for Prometheus, where the setting METRICS asks for them.

All labels have few values, whatever is asked: an address counts under the pattern that answers it. Several web
processes keep their numbers in files of one directory, of which any of them answers for all.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from registry.errors import NotFound

# Where processes keep their numbers; the library reads it when it is imported, and is therefore imported late.
DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "none"
OTHER = "other"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True)
class Instruments:
    """What is measured."""

    requests: Any
    seconds: Any
    refusals: Any
    registry: Any


@dataclass(frozen=True)
class Gauge:
    """A number that is read when somebody asks for it. ``read`` gives it for each combination of labels."""

    name: str
    help: str
    labels: tuple[str, ...]
    read: Callable[[], Mapping[tuple[str, ...], float]]


_gauges: list[Gauge] = []


def add_gauge(gauge: Gauge) -> None:
    """Called by apps above this one, from their `ready`."""
    _gauges.append(gauge)


@lru_cache(maxsize=1)
def instruments() -> Instruments:
    from prometheus_client import CollectorRegistry, Counter, Histogram

    registry = CollectorRegistry()
    return Instruments(
        requests=Counter(
            "weighbridge_requests", "Requests answered.", ["method", "route", "status"], registry=registry
        ),
        seconds=Histogram(
            "weighbridge_request_seconds",
            "Seconds from a request's arrival in the application to the beginning of its answer.",
            ["route"],
            buckets=SECONDS,
            registry=registry,
        ),
        refusals=Counter(
            "weighbridge_refusals", "Requests refused, by the code of the error.", ["code"], registry=registry
        ),
        registry=registry,
    )


def share_between_processes(directory: Path) -> None:
    """Have the processes started from here keep their numbers in ``directory``, which begins empty."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True, mode=0o700)
    os.environ[DIRECTORY] = str(directory)


class MetricsMiddleware:
    """Counts what leaves the server. A request that is asked again with its body is counted once, when answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.METRICS:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        match = request.resolver_match
        route = f"/{match.route}" if match is not None else NO_ROUTE
        method = request.method if request.method in METHODS else OTHER
        measured = instruments()
        measured.requests.labels(method, route, str(response.status_code)).inc()
        measured.seconds.labels(route).observe(seconds)
        code = getattr(response, "error_code", None)
        if code is not None:
            measured.refusals.labels(code).inc()
        return response


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The numbers, in the text form of Prometheus; nothing where the setting METRICS is off."""
    if not settings.METRICS:
        raise NotFound("/metrics: this server keeps no metrics. The operator turns them on with METRICS.")
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = instruments().registry
    if DIRECTORY in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    gauges = CollectorRegistry()
    for gauge in _gauges:
        gauges.register(_Reader(gauge))
    return HttpResponse(generate_latest(registry) + generate_latest(gauges), content_type=CONTENT_TYPE_LATEST)


class _Reader:
    """A gauge as the library collects it. Its own kind of gauge would be kept in a file, once for each process."""

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily

        family = GaugeMetricFamily(self._gauge.name, self._gauge.help, labels=self._gauge.labels)
        for labels, value in self._gauge.read().items():
            family.add_metric(labels, value)
        yield family

    def describe(self) -> Iterator[Any]:
        """Nothing is read to find out what it is called."""
        yield from ()
