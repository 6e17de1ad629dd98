from __future__ import annotations

from pathlib import Path

import pytest

from backends.errors import DeviceUnavailable
from backends.onnx.providers import CPU, CUDA, OPENVINO, TENSORRT, check_first_provider, choose_providers
from backends.session import SessionOptions

ALL = [TENSORRT, CUDA, OPENVINO, CPU]


def test_the_device_decides_by_default() -> None:
    assert choose_providers(SessionOptions(), ALL) == [(CPU, {})]
    chosen = choose_providers(SessionOptions(device="cuda:1"), ALL)
    assert [name for name, _ in chosen] == [CUDA, CPU]
    assert chosen[0][1]["device_id"] == 1


def test_the_memory_limit_reaches_cuda() -> None:
    options = SessionOptions(device="cuda", memory_limit=10_000)
    assert choose_providers(options, ALL)[0][1]["gpu_mem_limit"] == 10_000


def test_options_of_the_caller_win() -> None:
    options = SessionOptions(device="cuda", providers=((CUDA, {"cudnn_conv_algo_search": "EXHAUSTIVE"}),))
    assert choose_providers(options, ALL)[0][1]["cudnn_conv_algo_search"] == "EXHAUSTIVE"


def test_tensorrt_keeps_its_engines_where_it_may() -> None:
    options = SessionOptions(device="cuda", providers=(TENSORRT, CUDA), cache_directory=Path("/cache"))
    chosen = choose_providers(options, ALL)
    assert [name for name, _ in chosen] == [TENSORRT, CUDA, CPU]
    assert chosen[0][1]["trt_engine_cache_path"] == "/cache"


def test_openvino_gets_the_threads() -> None:
    options = SessionOptions(providers=(OPENVINO,), threads=2)
    assert choose_providers(options, ALL)[0] == (OPENVINO, {"device_type": "CPU", "num_of_threads": 2})


def test_it_rejects_a_first_provider_that_is_not_there() -> None:
    with pytest.raises(DeviceUnavailable, match=CUDA):
        choose_providers(SessionOptions(device="cuda"), [CPU])


def test_providers_further_back_may_be_missing() -> None:
    chosen = choose_providers(SessionOptions(providers=(CUDA, TENSORRT)), [CUDA, CPU])
    assert [name for name, _ in chosen] == [CUDA, CPU]


def test_it_notices_a_provider_that_the_runtime_dropped() -> None:
    with pytest.raises(DeviceUnavailable):
        check_first_provider([(CUDA, {}), (CPU, {})], [CPU])
