"""Descriptions that people paste."""

from __future__ import annotations

import datetime
import json

import pytest

from negotiation.detection import detect
from negotiation.machines import (
    InvalidMachineError,
    MachineNotJsonError,
    MachineTooLargeError,
    UnknownMachineKeysError,
    catalogue,
    parse_machine,
)


@pytest.mark.parametrize("machine", catalogue(), ids=lambda machine: machine.name)
def test_what_a_machine_writes_it_reads_again(machine):
    assert parse_machine(json.dumps(machine.to_json())) == machine


def test_it_reads_what_detection_prints():
    detected = detect()
    machine = parse_machine(json.dumps(detected.to_json()), name="my-server", title="My server")
    assert machine.environment == detected.environment
    assert (machine.name, machine.title, machine.dated) == ("my-server", "My server", None)


def test_it_reads_a_bare_environment_and_finds_a_name_for_it():
    machine = parse_machine(b'{"gpu_devices": ["tesla-t4"], "gpu_devices_cc": ["7.5"]}')
    assert machine.name == f"machine-{machine.environment.fingerprint()[:8]}"


def test_equal_environments_get_equal_names():
    assert parse_machine('{"cuda_version": "12.8"}').name == parse_machine('{ "cuda_version" : "12.8" }').name


def test_it_reads_when_and_from_where_the_facts_are():
    text = '{"environment": {"cuda_version": "12.8"}, "dated": "2025-08-06", "source": "its label"}'
    machine = parse_machine(text)
    assert (machine.dated, machine.source) == (datetime.date(2025, 8, 6), "its label")


def test_it_rejects_a_description_above_the_limit():
    with pytest.raises(MachineTooLargeError, match="64 KiB"):
        parse_machine(" " * 65537)


@pytest.mark.parametrize(
    "text",
    ["", "gpu: tesla-t4", "{", b"\xff\xfe\x00", "[" * 60000, '{"a": NaN}', "1" * 5000],
    ids=["empty", "yaml", "cut", "bytes", "deep", "nan", "huge-number"],
)
def test_it_rejects_what_is_not_json(text):
    with pytest.raises(MachineNotJsonError):
        parse_machine(text)


def test_it_says_where_json_goes_wrong():
    with pytest.raises(MachineNotJsonError, match="line 2, column 2"):
        parse_machine('{"cuda_version": "12.8",\n l4t_version: 36}')


@pytest.mark.parametrize("text", ["[]", "null", '"text"', "7"])
def test_it_rejects_json_that_is_no_object(text):
    with pytest.raises(InvalidMachineError, match="JSON object"):
        parse_machine(text)


def test_it_names_every_unknown_key_of_an_environment():
    with pytest.raises(UnknownMachineKeysError, match="'gpu', 'cuda'") as caught:
        parse_machine('{"gpu": "t4", "cuda": "12.8", "driver_version": "570.124.06"}')
    assert caught.value.keys == ("gpu", "cuda")


def test_it_names_every_unknown_key_beside_an_environment():
    with pytest.raises(UnknownMachineKeysError) as caught:
        parse_machine('{"environment": {"cuda_version": "12.8"}, "owner": "me"}')
    assert caught.value.keys == ("owner",)


def test_a_crowd_of_unknown_keys_makes_no_long_message():
    with pytest.raises(UnknownMachineKeysError, match="and 990 more") as caught:
        parse_machine(json.dumps({f"{index:04}" + "x" * 40: 1 for index in range(1000)}))
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "no field at all"),
        ('{"cuda_version": "12.8", "cuda_version": "11.8"}', "'cuda_version' appears twice"),
        ('{"environment": []}', "JSON object"),
        ('{"cuda_version": 12.8}', "cuda_version must be a version"),
        ('{"cuda_version": "newest"}', "cuda_version must be a version"),
        ('{"torch_available": "yes"}', "torch_available must be true or false"),
        ('{"gpu_devices": [["tesla-t4"]]}', "gpu_devices must be a list of names"),
        ('{"gpu_devices": ["tesla-t4"]}', "one compute capability a device"),
        ('{"os_version": "' + "x" * 201 + '"}', "longer than 200 characters"),
        ('{"os_version": "a\\u0000b"}', "cannot be printed"),
        ('{"gpu_devices": ["a\\ud800"]}', "cannot be printed"),
        ('{"available_onnx_execution_providers": [' + ",".join(['"x"'] * 65) + "]}", "more than 64 entries"),
        ('{"environment": {"cuda_version": "12.8"}, "dated": "yesterday"}', "dated must be a day"),
        ('{"environment": {"cuda_version": "12.8"}, "name": "My Server"}', "lower-case letters"),
        ('{"environment": {"cuda_version": "12.8"}, "title": " "}', "title of a machine is empty"),
        ('{"environment": {"cuda_version": "12.8"}, "source": 7}', "source must be text"),
    ],
)
def test_it_says_what_is_wrong(text, message):
    with pytest.raises(InvalidMachineError, match=message):
        parse_machine(text)
