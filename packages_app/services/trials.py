"""Trial runs of packages, as inspection knows them: what comes of one, and who makes it.

Loading a package belongs to a room above this one, which registers how it is done when the server starts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings

from packages_app.models import Package

PASSED, FAILED, NOT_TRIED = "passed", "failed", "not tried"
UNTRUSTED = "untrusted"

Runner = Callable[[Package, Callable[[], bool]], Mapping[str, Any]]
"""Loads and runs a package once, and says what came of it: `outcome`, and perhaps `code`, `reason`, `again`, `seconds`,
`peak_memory_bytes`, `runtime`, `unconfined`. Ends it when the second argument, asked now and then, says that nobody
wants it any more. Raises what the store raises."""

_runners: list[Runner] = []


def register_runner(runner: Runner) -> None:
    """Have ``runner`` make the trials from now on."""
    _runners[:] = [runner]


def run(package: Package, is_interrupted: Callable[[], bool] = lambda: False) -> dict[str, Any]:
    """Try the package now, for `Package.inspection`. Takes seconds: not to be called within a transaction."""
    if not settings.TRIAL_RUNS or not _runners:
        return not_tried("switched-off", "Trial runs are switched off on this server.")
    return dict(_runners[0](package, is_interrupted))


def not_tried(code: str, reason: str) -> dict[str, Any]:
    """The note of a package that was not tried, and why."""
    return {"outcome": NOT_TRIED, "code": code, "reason": reason}


def of(package: Package) -> Mapping[str, Any]:
    """What came of the package's last trial; empty where there was none since its files changed."""
    trial: Mapping[str, Any] = package.inspection.get("trial", {})
    return trial


def failure(package: Package) -> str:
    """Why the trial keeps the package from being published; empty if it does not."""
    trial = of(package)
    if trial.get("outcome") == FAILED or trial.get("again"):
        return str(trial.get("reason", ""))
    return ""


def awaits_trust(package: Package) -> bool:
    """Whether it was not tried for nothing but that nobody has marked it as trusted."""
    return of(package).get("code") == UNTRUSTED


def in_words(trial: Mapping[str, Any]) -> str:
    """One line about a trial for people; empty where there was none."""
    outcome = trial.get("outcome")
    if outcome == PASSED:
        facts = [
            f"{trial['seconds']:.1f} s" if "seconds" in trial else "",
            f"{trial['peak_memory_bytes'] // 1024**2} MiB" if "peak_memory_bytes" in trial else "",
            str(trial.get("runtime", "")),
        ]
        words = ", ".join(filter(None, facts))
        return " ".join(filter(None, [f"passed ({words})." if words else "passed.", trial.get("reason")]))
    return f"{outcome}: {trial.get('reason', '')}" if outcome else ""
