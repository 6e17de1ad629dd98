"""Benches run as an ordinary user without capabilities, as a deployed server does, even where root starts them.

What only root may do, such as to raise a priority again, would otherwise be measured along. The whole bench changes its
user, so that all servers that it compares run as the same one: BENCH_USER, by default `nobody`. `--as-root` keeps root.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench._server import ROOT

AS_ROOT = "--as-root"
USER = os.environ.get("BENCH_USER", "nobody")
# In a name space of its own: lays an empty folder over $1, which others may not enter, and brings back into it what
# follows up to `--`. Then does the rest.
OPEN_FOLDER = """
set -eu
closed=$1; shift
stage=$(mktemp -d)
count=0
for path in "$@"; do
    [ "$path" != -- ] || break
    count=$((count + 1)); mkdir "$stage/$count"; mount --bind "$path" "$stage/$count"
done
mount -t tmpfs -o mode=755 none "$closed"
count=0
while [ "$1" != -- ]; do
    count=$((count + 1)); mkdir -p "$1"; mount --move "$stage/$count" "$1"; rmdir "$stage/$count"; shift
done
rmdir "$stage"; shift
exec "$@"
"""


def become_ordinary(module: str, *, writes: Sequence[Path] = ()) -> None:
    """Do ``python -m module`` with the same arguments as USER and exit, if this process is root's.

    ``writes`` are files that the bench writes beside its output. What USER has to read may lie where only root can go,
    as an interpreter under /root does: such a folder looks to the bench as if it held nothing else and were open.
    """
    if AS_ROOT in sys.argv:
        sys.argv.remove(AS_ROOT)
        return
    if os.geteuid() != 0:
        return
    user = pwd.getpwnam(USER)
    compile_modules(Path(sys.executable), ROOT)
    for path in writes:
        path.touch()
        os.chown(path, user.pw_uid, user.pw_gid)
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as home:
        os.chown(home, user.pw_uid, user.pw_gid)
        environment = {**os.environ, "HOME": home, "TMPDIR": home, "USER": USER}
        command = [*_opened([Path(sys.base_prefix), ROOT]), *as_user(user), sys.executable, "-m", module, *sys.argv[1:]]
        raise SystemExit(subprocess.run(command, cwd=ROOT, env=environment).returncode)


def as_user(user: pwd.struct_passwd) -> list[str]:
    """What stands before a command. What setpriv itself starts, it still reaches with root's rights: hence `env`."""
    return [
        "setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
        "--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all", "--", "env",
    ]  # fmt: skip


def compile_modules(python: Path, root: Path) -> None:
    """Write the byte code of the project beside its modules: USER could not, and would compile at every start."""
    folders = [path.name for path in root.iterdir() if path.is_dir() and any(path.glob("*.py"))]
    command = [python, "-m", "compileall", "-q", *sorted(folders)]
    subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL)


def closed_folder(path: Path) -> Path | None:
    """The first folder on the way to ``path`` that only its owner can enter."""
    return next((each for each in reversed(path.parents) if not each.stat().st_mode & 0o001), None)


def _opened(paths: Sequence[Path]) -> list[str]:
    """What stands before a command so that ``paths`` can be reached. Needs CAP_SYS_ADMIN only where one cannot be."""
    command: list[str] = []
    for folder in {closed for path in paths if (closed := closed_folder(path)) is not None}:
        inside = [str(path) for path in paths if path.is_relative_to(folder)]
        command += ["unshare", "--mount", "sh", "-c", OPEN_FOLDER, "sh", str(folder), *inside, "--"]
    return command
