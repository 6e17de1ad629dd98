"""How a live server behaves under more load than it takes, and when it is told to stop."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bench.slow_model import write_slow_package
from tests.conformance.house import House

SLOW = "slow/1"
CLIENTS = 60
SECONDS = 12

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def busy_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server of its own: it is overloaded, and stopped."""
    folder = tmp_path_factory.mktemp("busy-house")
    house = House(folder, environment={"MAX_IN_FLIGHT": "12", "MODEL_HOST_QUEUE": "8"}, threads=16)
    house.start()
    house.push(write_slow_package(folder / "slow"), SLOW)
    yield house
    house.stop()


def load(house: House, image: bytes, seconds: float, clients: int) -> list[tuple[int | str, httpx.Headers]]:
    """Status and headers of all answers that ``clients`` at once get in ``seconds``."""
    answers: list[tuple[int | str, httpx.Headers]] = []
    end = time.monotonic() + seconds

    def ask() -> None:
        with httpx.Client(timeout=120) as client:
            while time.monotonic() < end:
                try:
                    response = client.post(
                        f"{house.address}/api/v1/models/{SLOW}/infer",
                        content=image,
                        headers={"Content-Type": "image/jpeg"},
                    )
                    answers.append((response.status_code, response.headers))
                    if response.status_code == 503:
                        time.sleep(0.2)
                except httpx.TransportError as error:
                    answers.append((type(error).__name__, httpx.Headers()))
                    return

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture(scope="module")
def image(images: tuple[Path, ...]) -> bytes:
    return next(path for path in images if path.suffix == ".jpg").read_bytes()


def test_beyond_its_queue_it_says_when_to_come_back(busy_house: House, image: bytes) -> None:
    health: list[float] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            started = time.perf_counter()
            assert httpx.get(f"{busy_house.address}/healthz", timeout=30).status_code == 200
            health.append(time.perf_counter() - started)
            time.sleep(0.1)

    watcher = threading.Thread(target=watch)
    watcher.start()
    answers = load(busy_house, image, SECONDS, CLIENTS)
    done.set()
    watcher.join()
    statuses = Counter(status for status, _ in answers)
    assert set(statuses) == {200, 503}, statuses
    assert all("Retry-After" in headers for status, headers in answers if status == 503)
    # Machines that run tests are busy themselves: half of the answers, and a wide bound.
    assert sorted(health)[len(health) // 2] < 1.0


def test_after_an_overload_every_request_succeeds(busy_house: House, image: bytes) -> None:
    assert {status for status, _ in load(busy_house, image, 2, 1)} == {200}


def test_it_finishes_running_requests_when_it_is_told_to_stop(busy_house: House, image: bytes) -> None:
    answers: list[tuple[int | str, httpx.Headers]] = []
    clients = threading.Thread(target=lambda: answers.extend(load(busy_house, image, 60, 4)))
    clients.start()
    time.sleep(3)
    busy_house.stop()
    clients.join(60)
    statuses = Counter(status for status, _ in answers)
    assert statuses[200] > 0
    # The address is closed to new requests; none that was in work is cut off.
    assert set(statuses) <= {200, "ConnectError"}, statuses
