"""Does the metadata request cost the same with 10,000 models as with 10?

Two databases of each kind, SQLite and PostgreSQL, one with 10 models and one with 10,000, each model with 10
published packages of 3 files. Reported for each: the queries of one request, requests a second and CPU
milliseconds a request over models chosen in turn, and both as ratios to an empty view on the same server in
the same run. Rounds on the two databases alternate, so that whatever else the machine does hits both.

BENCH_MODELS (10000), BENCH_SECONDS (3) for a round, BENCH_ROUNDS (5), BENCH_POSTGRESQL_URL
(postgresql://postgres@127.0.0.1:5432/postgres; without a server there, SQLite alone is measured).
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg

from bench._server import ROOT, Load, Server, load, server_environment, serving
from bench._user import become_ordinary

FEW = 10
MANY = int(os.environ.get("BENCH_MODELS", "10000"))
PACKAGES = 10
SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
POSTGRESQL = os.environ.get("BENCH_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
EMPTY = "/bench/empty"
ALLOWED_LOSS = 0.10


def main() -> None:
    become_ordinary("bench.provider")
    good = True
    for name, databases in (("SQLite", sqlite_databases), ("PostgreSQL", postgresql_databases)):
        with tempfile.TemporaryDirectory() as directory, databases(Path(directory)) as addresses:
            if addresses is None:
                print(f"{name}: no server at BENCH_POSTGRESQL_URL, not measured")
                continue
            good &= measure(name, addresses, Path(directory))
    raise SystemExit(0 if good else 1)


@contextmanager
def sqlite_databases(directory: Path) -> Iterator[dict[int, str] | None]:
    yield {count: f"sqlite:///{directory / f'{count}.db'}" for count in (FEW, MANY)}


@contextmanager
def postgresql_databases(directory: Path) -> Iterator[dict[int, str] | None]:
    try:
        connection = psycopg.connect(POSTGRESQL, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError:
        yield None
        return
    names = {count: f"weighbridge_bench_{os.getpid()}_{count}" for count in (FEW, MANY)}
    with connection:
        for name in names.values():
            connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield {count: urlsplit(POSTGRESQL)._replace(path=f"/{name}").geturl() for count, name in names.items()}
        finally:
            for name in names.values():
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def measure(name: str, addresses: dict[int, str], directory: Path) -> bool:
    """Print the figures of one kind of database; whether they are as promised."""
    environments = {
        count: {"DATABASE_URL": address, "DATA_DIR": str(directory / f"data-{count}")}
        for count, address in addresses.items()
    }
    prepared = {count: prepare(count, environment) for count, environment in environments.items()}
    rounds: dict[int, list[tuple[Load, Load]]] = {FEW: [], MANY: []}
    with ExitStack() as stack:
        servers = {count: stack.enter_context(serving(environment)) for count, environment in environments.items()}
        for count, server in servers.items():
            run_round(server, count, prepared[count]["token"], seconds=1.0)
        for _ in range(ROUNDS):
            for count, server in servers.items():
                rounds[count].append(run_round(server, count, prepared[count]["token"], seconds=SECONDS))
    print(f"{name}: {PACKAGES} packages a model, {ROUNDS} rounds of {SECONDS:g} s, medians")
    print("  models  queries  requests/s   CPU ms   empty/s  rate ratio  CPU ratio")
    rates = {}
    for count in (FEW, MANY):
        asked, empty = zip(*rounds[count], strict=True)
        rates[count] = statistics.median(part.rate for part in asked)
        cpu = statistics.median(part.cpu_ms for part in asked)
        empty_rate = statistics.median(part.rate for part in empty)
        empty_cpu = statistics.median(part.cpu_ms for part in empty)
        print(
            f"{count:>8}{prepared[count]['queries']:>9}{rates[count]:>12.0f}{cpu:>9.2f}{empty_rate:>10.0f}"
            f"{rates[count] / empty_rate:>12.3f}{cpu / empty_cpu:>11.2f}"
        )
    same_queries = prepared[FEW]["queries"] == prepared[MANY]["queries"]
    ratio = rates[MANY] / rates[FEW]
    print(f"  throughput with {MANY} models is {ratio:.3f} of that with {FEW} (at least {1 - ALLOWED_LOSS:.2f} wanted)")
    return same_queries and ratio >= 1 - ALLOWED_LOSS


def run_round(server: Server, count: int, token: str, *, seconds: float) -> tuple[Load, Load]:
    """The load of metadata requests, and of the empty view right after."""
    numbers = random.Random(count).choices(range(count), k=2000)
    paths = [f"/models/v1/external/weights?modelId={quote(f'bench/{number}', safe='')}" for number in numbers]
    return (
        load(server, paths, token=token, seconds=seconds),
        load(server, [EMPTY], token=token, seconds=seconds / 2),
    )


def prepare(count: int, environment: dict[str, str]) -> dict[str, Any]:
    """Fill a database, in a process of its own, since settings are one for each process."""
    command = [sys.executable, "-m", "bench._models", str(count), str(PACKAGES)]
    output = subprocess.run(
        command, cwd=ROOT, env=server_environment(environment), check=True, stdout=subprocess.PIPE, text=True
    )
    prepared: dict[str, Any] = json.loads(output.stdout)
    return prepared


if __name__ == "__main__":
    main()
