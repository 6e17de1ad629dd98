"""A host that does its work: requests, errors, arrays, several clients, management."""

from __future__ import annotations

import os
import socket
import stat
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from host_running import RunningHost, eventually, running

from backends.errors import (
    BackendError,
    BadImage,
    BadInput,
    DeadlineExceeded,
    HostBusy,
    HostFault,
    HostUnavailable,
    PackageBlocked,
    PackageFailedToLoad,
    RequestTooLarge,
)
from backends.host import HostClient, HostReply, PackageReference
from backends.host.transport import protocol

STAGES = {"load", "queue", "decode", "preprocess", "run", "postprocess", "total"}


def occupy_slots(host: RunningHost, package: PackageReference, executor: ThreadPoolExecutor) -> list[Future[HostReply]]:
    """Requests that hold both slots for a second."""
    busy = [executor.submit(host.client.infer, package, [b"x"], {"sleep": 1.0}) for _ in range(2)]
    eventually(lambda: host.client.status()["runs"]["busy"] == 2)
    return busy


def test_it_answers_from_another_process(shared_host: RunningHost) -> None:
    reply = shared_host.client.infer(shared_host.package("answers"), [b"four"])
    assert reply.results[0]["length"] == 4
    assert reply.results[0]["pid"] != os.getpid()


def test_it_says_how_long_each_stage_took(shared_host: RunningHost) -> None:
    package = shared_host.package("stages")
    reply = shared_host.client.infer(package, [b"x"], {"sleep": 0.02})
    assert set(reply.timings) == STAGES
    assert 20 <= reply.timings["run"] <= reply.timings["total"]


def test_images_of_one_request_are_answered_in_order(shared_host: RunningHost) -> None:
    reply = shared_host.client.infer(shared_host.package("order"), [b"x" * length for length in range(1, 20)])
    assert [result["length"] for result in reply.results] == list(range(1, 20))


def test_results_may_hold_arrays(shared_host: RunningHost) -> None:
    reply = shared_host.client.infer(shared_host.package("mask"), [b"x"], {"mask": True})
    np.testing.assert_array_equal(reply.results[0]["mask"], np.arange(12, dtype=np.float32).reshape(3, 4))


def test_tensors_go_in_and_out_by_name(shared_host: RunningHost) -> None:
    tensor = np.arange(6, dtype=np.float32).reshape(2, 3)
    reply = shared_host.client.infer_tensors(shared_host.package("tensors"), {"x": tensor})
    np.testing.assert_array_equal(reply.outputs["x-plus-two"], tensor + 2)


def test_a_bad_image_is_the_same_error_on_this_side(shared_host: RunningHost) -> None:
    with pytest.raises(BadImage, match="These bytes are no image"):
        shared_host.client.infer(shared_host.package("bad"), [b"bad"])


def test_one_bad_image_fails_the_request_and_not_the_host(shared_host: RunningHost) -> None:
    package = shared_host.package("one-bad")
    with pytest.raises(BadImage):
        shared_host.client.infer(package, [b"x", b"x", b"bad", b"x"])
    assert shared_host.client.infer(package, [b"x"]).results


def test_a_request_without_images_is_bad_input(shared_host: RunningHost) -> None:
    with pytest.raises(BadInput):
        shared_host.client.infer(shared_host.package("none"), [])


def test_a_foreign_exception_says_nothing_of_itself(shared_host: RunningHost) -> None:
    with pytest.raises(HostFault) as raised:
        shared_host.client.infer(shared_host.package("raises"), [b"x"], {"do": "raise"})
    assert "secret" not in raised.value.message


def test_a_refused_package_names_the_reason(shared_host: RunningHost) -> None:
    with pytest.raises(PackageFailedToLoad, match="ends too early") as raised:
        shared_host.client.infer(shared_host.package("refused", load="refuse"), [b"x"])
    assert raised.value.cause == "package-damaged"


def test_an_exception_of_a_loader_says_nothing_of_itself(shared_host: RunningHost) -> None:
    with pytest.raises(PackageFailedToLoad) as raised:
        shared_host.client.load(shared_host.package("unlucky", load="raise"))
    assert "secret" not in raised.value.message


def test_the_deadline_is_kept_while_the_model_runs_on(shared_host: RunningHost) -> None:
    package = shared_host.package("slow")
    with ThreadPoolExecutor(2) as executor:
        busy = occupy_slots(shared_host, package, executor)
        with pytest.raises(DeadlineExceeded):
            shared_host.client.infer(package, [b"x"], deadline_s=0.1)
        assert [future.result().results[0]["length"] for future in busy] == [1, 1]


def test_a_deadline_during_the_load_does_not_stop_the_load(shared_host: RunningHost) -> None:
    package = shared_host.package("slow-load", load_seconds=0.6)
    with pytest.raises(DeadlineExceeded):
        shared_host.client.infer(package, [b"x"], deadline_s=0.1)
    eventually(lambda: "slow-load" in [info.package_id for info in shared_host.client.loaded()])
    assert len(shared_host.loads(package)) == 1


def test_many_clients_are_served_at_once(shared_host: RunningHost) -> None:
    package = shared_host.package("many")
    with ThreadPoolExecutor(16) as executor:
        replies = list(executor.map(lambda n: shared_host.client.infer(package, [b"x" * n]), range(1, 100)))
    assert [reply.results[0]["length"] for reply in replies] == list(range(1, 100))


def test_loaded_models_describe_themselves(shared_host: RunningHost) -> None:
    before = time.time()
    shared_host.client.infer(shared_host.package("described"), [b"x"])
    info = next(info for info in shared_host.client.loaded() if info.package_id == "described")
    assert info.class_names == ("cat", "dog")
    assert info.input_size == (32, 48)
    assert info.requests == 1
    assert not info.pinned
    assert info.last_used >= before - 1


def test_an_unloaded_model_is_gone_and_loads_again(shared_host: RunningHost) -> None:
    package = shared_host.package("unloaded")
    shared_host.client.load(package)
    assert shared_host.client.unload("unloaded")
    assert not shared_host.client.unload("unloaded")
    assert "unloaded" not in [info.package_id for info in shared_host.client.loaded()]
    shared_host.client.infer(package, [b"x"])
    assert len(shared_host.loads(package)) == 2


def test_unloading_waits_for_the_request_inside(shared_host: RunningHost) -> None:
    package = shared_host.package("held")
    shared_host.client.load(package)
    with ThreadPoolExecutor(1) as executor:
        inside = executor.submit(shared_host.client.infer, package, [b"x"], {"sleep": 0.5})
        eventually(lambda: [info for info in shared_host.client.loaded() if info.held])
        assert shared_host.client.unload("held")
        assert inside.result().results[0]["length"] == 1


def test_other_options_are_another_loaded_model(shared_host: RunningHost) -> None:
    package = shared_host.package("options")
    shared_host.client.load(package)
    shared_host.client.load(replace(package, options={"sleep": 0.001}))
    names = [info.package_id for info in shared_host.client.loaded()]
    assert names.count("options") == 2


def test_a_package_can_be_set_aside_and_released(shared_host: RunningHost) -> None:
    package = shared_host.package("aside")
    shared_host.client.load(package)
    shared_host.client.block("aside", "An operator said so.")
    with pytest.raises(PackageBlocked, match="An operator said so"):
        shared_host.client.infer(package, [b"x"])
    assert "aside" not in [info.package_id for info in shared_host.client.loaded()]
    shared_host.client.unblock("aside")
    assert shared_host.client.infer(package, [b"x"]).results


def test_the_status_tells_memory_and_queues(shared_host: RunningHost) -> None:
    status = shared_host.client.status()
    assert status["memory"]["base"] > 0
    assert status["memory"]["budget"] == shared_host.settings.memory_budget
    assert status["runs"]["at_once"] == 2
    assert status["device"] == "cpu"


def test_the_environment_is_that_of_the_host_s_interpreter(shared_host: RunningHost) -> None:
    found = shared_host.client.environment()
    assert found["environment"]["gpu_available"] in (True, False)
    assert "onnxruntime_version" in found["environment"]


def test_garbage_on_the_socket_harms_nobody(shared_host: RunningHost) -> None:
    package = shared_host.package("garbage")
    shared_host.client.load(package)
    for garbage in (b"GET / HTTP/1.0\r\n\r\n" * 10, os.urandom(1000), b""):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(shared_host.settings.socket))
            connection.sendall(garbage)
    assert shared_host.client.infer(package, [b"x"]).results


def test_a_request_above_the_limit_is_refused_with_a_reason(tmp_path: Path) -> None:
    with running(tmp_path, max_request=100_000) as host:
        package = host.package("a")
        assert host.client.infer(package, [b"x" * 90_000]).results
        with pytest.raises(RequestTooLarge):
            host.client.infer(package, [b"x" * 5_000_000])
        assert host.client.infer(package, [b"x"]).results


def test_a_full_queue_answers_at_once(tmp_path: Path) -> None:
    with running(tmp_path, queue_limit=4) as host, ThreadPoolExecutor(4) as executor:
        package = host.package("a")
        host.client.load(package)
        inside = [executor.submit(host.client.infer, package, [b"x"], {"sleep": 1.5}) for _ in range(4)]
        eventually(lambda: host.client.loaded()[0].held == 4)
        started = time.monotonic()
        with pytest.raises(HostBusy) as raised:
            host.client.infer(package, [b"x"])
        assert time.monotonic() - started < 1
        assert raised.value.retry_after > 0
        assert host.client.infer(host.package("b"), [b"x"]).results
        assert all(future.result().results for future in inside)


def test_a_host_that_batches_joins_requests(tmp_path: Path) -> None:
    with running(tmp_path, max_batch=8, max_wait=0.1) as host, ThreadPoolExecutor(8) as executor:
        package = host.package("a")
        host.client.load(package)
        replies = list(executor.map(lambda n: host.client.infer(package, [b"x" * n, b"y" * 50]), range(1, 9)))
        assert [reply.results[0]["length"] for reply in replies] == list(range(1, 9))
        assert max(reply.results[0]["batch"] for reply in replies) > 2


def test_only_this_user_may_talk_to_the_host(shared_host: RunningHost) -> None:
    shared_host.client.status()
    mode = shared_host.settings.socket.stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert stat.S_IMODE(shared_host.settings.directory.stat().st_mode) == 0o700


def test_without_a_host_the_error_is_clear_and_retryable(tmp_path: Path) -> None:
    client = HostClient(tmp_path / "nobody.sock", connect_patience=0.1)
    with pytest.raises(HostUnavailable) as raised:
        client.status()
    assert isinstance(raised.value, BackendError)
    assert raised.value.retryable


def test_a_request_that_waits_for_its_turn_keeps_its_deadline(shared_host: RunningHost) -> None:
    package = shared_host.package("patience")
    shared_host.client.load(package)
    with ThreadPoolExecutor(2) as executor:
        busy = occupy_slots(shared_host, package, executor)
        started = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            shared_host.client.infer(package, [b"x"], deadline_s=0.2)
        assert time.monotonic() - started < 0.9
        assert shared_host.client.status()["runs"]["waiting"] == 0
        assert all(future.result().results for future in busy)


def test_a_caller_who_leaves_the_queue_is_forgotten(shared_host: RunningHost) -> None:
    package = shared_host.package("leaver")
    shared_host.client.load(package)
    with ThreadPoolExecutor(2) as executor:
        busy = occupy_slots(shared_host, package, executor)
        leaver = socket.socket(socket.AF_UNIX)
        leaver.connect(str(shared_host.settings.socket))
        request = {"operation": "infer", "package": package.to_wire(), "images": [b"x"], "parameters": {}}
        assert leaver.recv(1) == protocol.WELCOME
        protocol.send(leaver, {**request, "deadline": 30.0})
        eventually(lambda: shared_host.client.status()["runs"]["waiting"] == 1)
        leaver.close()
        eventually(lambda: shared_host.client.status()["runs"]["waiting"] == 0)
        assert not any(future.done() for future in busy)
    # The question itself is inside.
    assert shared_host.client.status()["inside"] == 1
    (model,) = (model for model in shared_host.client.loaded() if model.package_id == "leaver")
    assert model.held == 0
