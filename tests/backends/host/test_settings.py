"""Settings and references survive their way to the host, and wrong ones are refused early."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from backends.error_wire import error_from_wire, error_to_wire
from backends.errors import BadImage, HostBusy, HostFault, PackageFailedToLoad
from backends.errors import ProtocolError as Refused
from backends.host import HostSettings, PackageReference
from backends.host.settings import add_arguments, parse


def test_the_command_line_carries_every_setting() -> None:
    settings = HostSettings(
        Path("/run/hosts"), device="cuda:1", memory_budget=5, threads=3, max_wait=0.25, loader="a:b", crash_limit=7
    )
    parsed, _ = parse(settings.arguments(), argparse.ArgumentParser())
    assert parsed == settings


def test_every_setting_is_an_option_with_its_help() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    options = {action.dest: action.help for action in parser._actions}
    assert set(HostSettings.__dataclass_fields__) - set(options) == {"python", "environment"}
    assert all(options.values())


def test_hosts_of_two_devices_can_share_a_folder() -> None:
    first = HostSettings(Path("/run/hosts"), device="cuda:0")
    second = HostSettings(Path("/run/hosts"), device="cuda:1")
    assert first.socket.name == "cuda-0.sock"
    assert not {first.socket, first.lock, first.activity, first.crash_log, first.saved_state} & {
        second.socket, second.lock, second.activity, second.crash_log, second.saved_state,
    }  # fmt: skip


def test_a_path_too_long_for_a_socket_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter directory"):
        HostSettings(Path("/" + "x" * 120))


def test_batches_are_for_gpus_unless_asked_for() -> None:
    assert HostSettings(Path("/run"), device="cpu").batch_size == 1
    assert HostSettings(Path("/run"), device="cuda:0").batch_size > 1
    assert HostSettings(Path("/run"), device="cpu", max_batch=4).batch_size == 4


def test_a_reference_survives_the_wire() -> None:
    reference = PackageReference(
        "a/1", Path("/x"), "yolov8", "object-detection", "onnx", {"nms_fused": True}, {}, {"providers": ["CPU"]}
    )
    assert PackageReference.from_wire(reference.to_wire()) == reference


@pytest.mark.parametrize("wire", [None, 5, {}, {"package_id": "a"}, {"package_id": "", "directory": "/x"}])
def test_a_wire_that_is_no_reference_is_refused(wire: object) -> None:
    with pytest.raises(Refused):
        PackageReference.from_wire(wire)


@pytest.mark.parametrize("identifier", ["", "x" * 161])
def test_an_identifier_must_fit_into_the_journal(identifier: str) -> None:
    with pytest.raises(ValueError):
        PackageReference(identifier, Path("/x"), "a", "b", "c")


def test_options_make_another_key_whatever_their_order() -> None:
    def key(**options: object) -> str:
        return PackageReference("a", Path("/x"), "a", "b", "c", options=options).key

    assert key() == "a"
    assert key(x=1, y=2) == key(y=2, x=1) != key(x=1, y=3)


def test_errors_arrive_as_the_class_that_was_raised() -> None:
    for error in (BadImage("No."), HostBusy("Full.", 2.5), PackageFailedToLoad("Damaged.", "package-damaged")):
        arrived = error_from_wire(error_to_wire(error))
        assert type(arrived) is type(error)
        assert arrived.__dict__ == error.__dict__


def test_an_error_of_an_unknown_kind_keeps_its_code() -> None:
    arrived = error_from_wire({"code": "from-the-future", "message": "Hm.", "retryable": True})
    assert (arrived.code, arrived.message, arrived.retryable) == ("from-the-future", "Hm.", True)


def test_a_foreign_exception_becomes_a_fault_without_its_text() -> None:
    arrived = error_from_wire(error_to_wire(RuntimeError("/secret/path")))
    assert type(arrived) is HostFault
    assert "secret" not in arrived.message
