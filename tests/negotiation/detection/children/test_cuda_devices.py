from __future__ import annotations

import json

import pytest

from negotiation.detection.children import cuda_devices


class FakeDriver:
    """A CUDA driver library that offers the given devices, or fails to start with ``error``."""

    def __init__(self, devices=(), error=0):
        self.devices, self.error = devices, error

    def cuInit(self, flags):
        return self.error

    def cuDeviceGetCount(self, count):
        count._obj.value = len(self.devices)
        return 0

    def cuDeviceGet(self, device, index):
        device._obj.value = index
        return 0

    def cuDeviceGetName(self, buffer, size, device):
        buffer.value = self.devices[device.value][0].encode()
        return 0

    def cuDeviceGetAttribute(self, value, attribute, device):
        major, minor = self.devices[device.value][1:]
        value._obj.value = {75: major, 76: minor}[attribute]
        return 0


@pytest.fixture
def answer(monkeypatch, capsys):
    def ask(driver):
        def load(name):
            if driver is None:
                raise OSError("no such library")
            return driver

        monkeypatch.setattr(cuda_devices.ctypes, "CDLL", load)
        cuda_devices.main()
        return json.loads(capsys.readouterr().out)

    return ask


def test_devices_are_listed_in_the_order_of_the_driver(answer):
    driver = FakeDriver([("NVIDIA H200", 9, 0), ("Tesla T4", 7, 5)])
    assert answer(driver) == {
        "devices": [
            {"name": "NVIDIA H200", "compute_capability": "9.0"},
            {"name": "Tesla T4", "compute_capability": "7.5"},
        ],
        "error": 0,
    }


def test_a_driver_without_devices_lists_none(answer):
    assert answer(FakeDriver(error=100)) == {"devices": [], "error": 100}


def test_a_driver_that_fails_knows_nothing_of_devices(answer):
    assert answer(FakeDriver(error=999)) == {"devices": None, "error": 999}


def test_a_machine_without_the_driver_knows_nothing_of_devices(answer):
    assert answer(None) == {"devices": None, "error": 0}
