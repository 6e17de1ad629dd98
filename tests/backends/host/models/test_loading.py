"""Loads happen once, stall nobody, and stay within the memory budget."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from host_running import MEBIBYTE, RunningHost, eventually, running

from backends.errors import MemoryBudgetExceeded, OutOfMemory
from backends.memory import anonymous_memory


def names(host: RunningHost) -> list[str]:
    return [info.package_id for info in host.client.loaded()]


class Watch:
    """Looks at the memory of the host, often, from outside."""

    def __init__(self, host: RunningHost) -> None:
        memory = host.client.status()["memory"]
        self.base, self.budget = memory["base"], memory["budget"]
        self.pid = host.supervisor.host_pid or 0
        self.most = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def now(self) -> int:
        """Memory above that of the empty host."""
        return anonymous_memory(self.pid) - self.base

    def _look(self) -> None:
        while not self._stop.wait(0.003):
            self.most = max(self.most, self.now())

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def test_many_requests_load_a_package_once(host: RunningHost) -> None:
    package = host.package("a", load_seconds=0.3)
    with ThreadPoolExecutor(12) as executor:
        replies = list(executor.map(lambda _: host.client.infer(package, [b"x"]), range(12)))
    assert len(replies) == 12
    assert len(host.loads(package)) == 1


def test_loading_others_does_not_stall_a_running_model(host: RunningHost) -> None:
    running_model = host.package("a")
    host.client.load(running_model)
    with ThreadPoolExecutor(5) as executor:
        others = [executor.submit(host.client.load, host.package(f"b{n}", load_seconds=0.4)) for n in range(5)]
        during = []
        while not all(other.done() for other in others):
            started = time.monotonic()
            host.client.infer(running_model, [b"x"])
            during.append(time.monotonic() - started)
    # The loads take two seconds; had a request waited for one of them, it would show.
    assert len(during) > 20
    assert sorted(during)[int(0.9 * len(during))] < 0.2


def test_a_request_that_is_alone_gets_all_cores_and_those_that_meet_one_each(tmp_path: Path) -> None:
    with running(tmp_path, threads=3, latency_threads=3) as host, ThreadPoolExecutor(2) as executor:
        package = replace(host.package("a"), backend="onnx")

        def threads_of(_: int = 0) -> int:
            return int(host.client.infer(package, [b"x"], {"sleep": 0.05}).results[0]["threads"])

        assert eventually(lambda: threads_of() == 3)
        assert set(list(executor.map(threads_of, range(6)))[1:]) == {1}


def test_a_package_is_charged_with_what_it_really_took(host: RunningHost) -> None:
    host.client.load(host.package("big", mebibytes=40, working=10, warm_together=2))
    (info,) = host.client.loaded()
    # Weights once, working memory for each of two runs at once; a few pages of other threads come and go.
    assert 58 * MEBIBYTE <= info.bytes <= 75 * MEBIBYTE


def test_a_budget_for_two_serves_six_in_turn_and_is_kept(tmp_path: Path) -> None:
    # Two models of 60 MiB fit, beside the reserve for images.
    with running(tmp_path, memory_budget=180 * MEBIBYTE) as host:
        packages = [host.package(f"m{number}", mebibytes=60) for number in range(6)]
        with Watch(host) as watch:
            for _ in range(2):
                for package in packages:
                    assert host.client.infer(package, [b"x"]).results[0]["length"] == 1
            assert names(host) == ["m4", "m5"]
        assert watch.most <= watch.budget
        assert watch.most >= 110 * MEBIBYTE
        assert host.client.status()["evictions"] >= 10


def test_eviction_returns_the_memory(host: RunningHost) -> None:
    host.client.load(host.package("a", mebibytes=100))
    watch = Watch(host)
    assert watch.now() > 95 * MEBIBYTE
    host.client.unload("a")
    assert eventually(lambda: watch.now() < 15 * MEBIBYTE)


def test_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    with running(tmp_path, memory_budget=240 * MEBIBYTE) as host:
        a, b, c = (host.package(name, mebibytes=80) for name in "abc")
        for package in (a, b, a, c):
            host.client.infer(package, [b"x"])
        assert names(host) == ["a", "c"]


def test_a_pinned_package_stays(tmp_path: Path) -> None:
    with running(tmp_path, memory_budget=240 * MEBIBYTE) as host:
        host.client.load(host.package("pinned", mebibytes=80), pin=True)
        for number in range(3):
            host.client.infer(host.package(f"m{number}", mebibytes=80), [b"x"])
        assert names(host) == ["pinned", "m2"]
        assert host.client.unload_all() == ["m2"]
        assert names(host) == ["pinned"]


def test_there_is_no_room_beside_what_is_pinned(tmp_path: Path) -> None:
    with running(tmp_path, memory_budget=180 * MEBIBYTE) as host:
        host.client.load(host.package("pinned", mebibytes=100), pin=True)
        with pytest.raises(MemoryBudgetExceeded):
            host.client.load(host.package("other", mebibytes=100))
        assert names(host) == ["pinned"]


def test_a_package_above_the_budget_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with running(tmp_path, memory_budget=100 * MEBIBYTE) as host:
        package = host.package("huge", mebibytes=150)
        watch = Watch(host)
        for _ in range(2):
            with pytest.raises(MemoryBudgetExceeded, match=r"needs about 1[5-9][0-9] MiB"):
                host.client.load(package)
        assert eventually(lambda: watch.now() < 15 * MEBIBYTE)
        # What is known not to fit is not even tried again.
        assert len(host.loads(package)) == 1


def test_a_held_package_is_not_evicted_under_its_request(tmp_path: Path) -> None:
    with running(tmp_path, memory_budget=140 * MEBIBYTE) as host, ThreadPoolExecutor(1) as executor:
        a, b = host.package("a", mebibytes=80), host.package("b", mebibytes=80)
        host.client.load(a)
        inside = executor.submit(host.client.infer, a, [b"x"], {"sleep": 0.5})
        eventually(lambda: host.client.loaded()[0].held)
        with Watch(host) as watch:
            assert host.client.infer(b, [b"x"]).results
        assert inside.result().results[0]["length"] == 1
        assert names(host) == ["b"]
        assert watch.most <= watch.budget


def test_two_busy_models_in_a_budget_for_one_both_make_progress(tmp_path: Path) -> None:
    with running(tmp_path, memory_budget=140 * MEBIBYTE) as host, ThreadPoolExecutor(4) as executor:
        packages = [host.package(name, mebibytes=80) for name in "ab"]
        replies = [
            executor.submit(host.client.infer, packages[number % 2], [b"x"], {"sleep": 0.01}) for number in range(40)
        ]
        assert all(reply.result().results for reply in replies)


def test_requests_that_need_more_than_was_thought_cost_an_idle_model_its_place(tmp_path: Path) -> None:
    with running(tmp_path, memory_budget=240 * MEBIBYTE) as host, ThreadPoolExecutor(2) as executor:
        packages = [host.package(name, mebibytes=55) for name in "abc"]
        for package in packages:
            host.client.infer(package, [b"x"])

        def work() -> None:
            parameters = {"do": "work", "mebibytes": 50, "hold": 0.15}
            list(executor.map(lambda _: host.client.infer(packages[2], [b"x"], parameters), range(2)))

        assert names(host) == ["a", "b", "c"]
        eventually(lambda: work() or names(host) == ["b", "c"])
        with Watch(host) as watch:
            for _ in range(4):
                work()
        assert 200 * MEBIBYTE < watch.most <= watch.budget


def test_a_model_that_needs_nearly_the_whole_budget_is_kept_while_it_is_alone(tmp_path: Path) -> None:
    with running(tmp_path, memory_budget=240 * MEBIBYTE) as host, ThreadPoolExecutor(2) as executor:
        package = host.package("large", mebibytes=150)
        parameters = {"do": "work", "mebibytes": 42, "hold": 0.15}
        for _ in range(4):
            list(executor.map(lambda _: host.client.infer(package, [b"x"], parameters), range(2)))
        assert names(host) == ["large"]
        assert len(host.loads(package)) == 1


def test_what_requests_were_thought_to_need_keeps_no_model_out(tmp_path: Path) -> None:
    with running(tmp_path, memory_budget=240 * MEBIBYTE) as host, ThreadPoolExecutor(2) as executor:
        packages = [host.package(name, mebibytes=55) for name in "abc"]
        large = host.package("large", mebibytes=170)
        parameters = {"do": "work", "mebibytes": 60, "hold": 0.15}
        for package in packages:
            host.client.infer(package, [b"x"])
        for _ in range(4):
            list(executor.map(lambda _: host.client.infer(packages[2], [b"x"], parameters), range(2)))
        assert host.client.infer(large, [b"x"]).results
        assert names(host) == ["large"]


def test_a_huge_image_makes_room_for_itself(tmp_path: Path) -> None:
    with running(tmp_path, memory_budget=180 * MEBIBYTE) as host:
        host.client.load(host.package("idle", mebibytes=80))
        assert host.client.infer(host.package("b", mebibytes=10), [b"huge100"]).results
        assert names(host) == ["b"]


def test_a_image_above_the_budget_is_refused(tmp_path: Path) -> None:
    with running(tmp_path, memory_budget=180 * MEBIBYTE) as host, pytest.raises(OutOfMemory):
        host.client.infer(host.package("a"), [b"huge300"])
