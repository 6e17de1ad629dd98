"""The present working tree, and older revisions beside it, each with an environment of its own locked requirements.

An older revision is what `git archive` gives of it, in `.venvs/bench/`, made once. Environments there are named after
what they were made from, so that trees with the same requirements share one: then a difference between two revisions is
one of the code.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

from bench._server import ROOT
from bench._user import AS_ROOT, compile_modules

# `make clean` removes it.
STORE = ROOT / ".venvs" / "bench"
LOCK = Path("requirements") / "base.txt"
PRESENT = "present"


@dataclass(frozen=True)
class Checkout:
    """A tree of the project's files: its name in reports, where it lies, and the interpreter to run it with."""

    name: str
    root: Path
    python: Path


def add_options(parser: ArgumentParser) -> None:
    """Those of a bench that starts servers."""
    parser.add_argument("--against", metavar="REVISION", help="measure this revision too, in the same run")
    parser.add_argument(AS_ROOT, action="store_true", help="stay root, where root starts the bench")


def compared(against: str | None) -> list[Checkout]:
    """The present working tree, and the older revision if one is named. Makes what is not there yet."""
    if against is None:
        return [Checkout(PRESENT, ROOT, Path(sys.executable))]
    return [Checkout(PRESENT, ROOT, environment_for(ROOT)), older(against)]


def older(revision: str) -> Checkout:
    """Raises SystemExit if there is no such revision."""
    commit = _commit_of(revision)
    root = STORE / "checkouts" / commit
    if not root.is_dir():
        root.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root.parent) as name:
            folder = Path(name) / commit
            folder.mkdir()
            archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
            subprocess.run(["tar", "-x"], cwd=folder, input=archive, check=True)
            compile_modules(environment_for(folder), folder)
            folder.rename(root)
    return Checkout(revision, root, environment_for(root))


def environment_for(root: Path) -> Path:
    """The interpreter of the environment with the requirements of the project in ``root``."""
    environment = STORE / "environments" / environment_name((root / LOCK).read_bytes(), sys.version_info[:2])
    python = environment / "bin" / "python"
    if not (environment / "complete").exists():
        print(f"Installing {root / LOCK} into {environment}", file=sys.stderr)
        shutil.rmtree(environment, ignore_errors=True)
        base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
        subprocess.run([base, "-m", "venv", environment], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "-r", str(root / LOCK)], check=True)
        (environment / "complete").touch()
    return python


def environment_name(lock: bytes, version: tuple[int, int]) -> str:
    """For an interpreter's minor version. Comments of the lock, which say who requires what, do not count."""
    lines = [line.strip() for line in lock.splitlines() if not line.strip().startswith(b"#")]
    digest = hashlib.sha256(b"\n".join(lines)).hexdigest()
    return f"{version[0]}.{version[1]}-{digest[:12]}"


def _commit_of(revision: str) -> str:
    # The checkout may belong to another user than the bench; both are this machine's.
    command = ["git", "-c", f"safe.directory={ROOT}", "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"]
    found = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if found.returncode != 0:
        raise SystemExit(f"git knows no revision {revision!r}.")
    return found.stdout.strip()
