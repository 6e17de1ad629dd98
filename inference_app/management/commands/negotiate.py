"""`manage.py negotiate`: which package a machine gets, and why not the others."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inference_app.management.commands.describe_model import batch
from inference_app.management.finding import model_named
from inference_app.management.tables import console, plain, rows_table, write_json
from inference_app.models.machine import THIS_SERVER
from inference_app.services.machines import KnownMachine, Origin, find_machine
from inference_app.services.selection import Rules
from inference_app.services.what_if import answer_json, ask
from negotiation import NegotiationRequest
from negotiation.errors import NegotiationError
from negotiation.machines import parse_machine
from negotiation.machines.machine import MAX_BYTES
from negotiation.ranking import PART_WORDS
from registry.models import Model

NOTHING_CHOSEN = 3
SWITCHES = {
    "allow_untrusted_packages": ("--allow-untrusted-packages", True, "also packages that nobody marked as trusted"),
    "trt_engine_host_code_allowed": ("--no-trt-engine-host-code", False, "no TensorRT engines with host code"),
    "default_onnx_trt_options": ("--no-default-onnx-trt-options", False, "as the client's argument; chooses nothing"),
}
LISTS = ("backend", "quantization", "onnx_execution_providers", "required_capabilities", "disabled_backends")


class Command(BaseCommand):
    help = (
        "Say which package a machine gets and why not the others. Without a machine it is this server, by its own "
        f"rules. Ends with status {NOTHING_CHOSEN} where the machine gets nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", help="id or alias")
        machine = parser.add_mutually_exclusive_group()
        machine.add_argument("--machine", help=f"of the catalogue or of the model's workspace, or {THIS_SERVER}")
        machine.add_argument("--environment", type=Path, metavar="FILE", help="JSON of a machine; - is standard input")
        parser.add_argument("--policy", choices=list(Rules), help="whose rules; for other machines the client's")
        parser.add_argument("--json", action="store_true", help="print JSON")
        asked = parser.add_argument_group("arguments of the client's AutoModel.from_pretrained")
        asked.add_argument("--model-package-id")
        asked.add_argument("--backend", action="append", help="may be given again, or comma-separated")
        asked.add_argument("--batch-size", help="a size such as 1, or a range such as 1,8")
        asked.add_argument("--quantization", action="append", help="may be given again, or comma-separated")
        asked.add_argument("--device", help="such as cuda:0; `none` leaves it open; else what the machine takes itself")
        asked.add_argument("--onnx-execution-providers", action="append", help="comma-separated")
        asked.add_argument("--required-capabilities", action="append", help="comma-separated")
        asked.add_argument("--disabled-backends", action="append", help="comma-separated")
        asked.add_argument("--nms-fusion-preferences", metavar="JSON", help="true, false or an object")
        asked.add_argument("--max-package-loading-attempts", type=int)
        for name, (flag, value, text) in SWITCHES.items():
            asked.add_argument(flag, dest=name, action="store_const", const=value, help=text)

    def handle(self, *args: Any, **options: Any) -> None:
        model = model_named(options["model"])
        try:
            known = _machine(model, options)
            usual = Rules.SERVER if known.origin is Origin.THIS_SERVER else Rules.CLIENT
            rules = Rules(options["policy"]) if options["policy"] else usual
            request = NegotiationRequest.from_json(arguments_from(options))
            answer = ask(model, known, request, rules, device_is_open=options["device"] == "none")
        except NegotiationError as error:
            raise CommandError(error.message) from error
        document = {"model_id": model.model_id, **answer_json(answer)}
        if options["json"]:
            write_json(self.stdout, document)
        else:
            self._print(document)
        if document["chosen"] is None:
            sys.exit(NOTHING_CHOSEN)

    def _print(self, answer: Mapping[str, Any]) -> None:
        out = console(self.stdout)
        rows = [
            (
                "" if package["place"] is None else package["place"],
                package["package_id"],
                package["backend"],
                package["quantization"],
                batch(package),
                _why(package),
            )
            for package in answer["packages"]
        ]
        rows += [("", entry["package_id"], "", "", "", f"Blocked: {entry['reason']}") for entry in answer["set_aside"]]
        title = f"{answer['model_id']} on {answer['machine']['title']}, as {answer['policy']} chooses"
        out.print(rows_table(title, ["", "package", "backend", "precision", "batch", "why"], rows))
        if answer["chosen"] is not None:
            out.print(f"Chosen: {answer['chosen']}")
        else:
            out.print(plain(f"Nothing is chosen. {answer['error']['message'].splitlines()[0]}"))


def _why(package: Mapping[str, Any]) -> str:
    if package["reason"] is not None:
        return str(package["reason"]["sentence"])
    if package["above_next"] is not None:
        return f"above the next by {PART_WORDS.get(package['above_next'], package['above_next'])}"
    return "" if package["place"] is not None else "not considered"


def _machine(model: Model, options: Mapping[str, Any]) -> KnownMachine:
    file = options["environment"]
    if file is None:
        return find_machine(options["machine"] or THIS_SERVER, model.workspace_id)
    try:
        if str(file) == "-":
            text = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with file.open("rb") as stream:
                text = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"The file cannot be read: {error.strerror}.") from error
    return KnownMachine(parse_machine(text), Origin.DESCRIBED)


def arguments_from(options: Mapping[str, Any]) -> dict[str, Any]:
    """The client's arguments among a command's options, as `NegotiationRequest.from_json` reads them."""
    given: dict[str, Any] = {
        name: options[name] for name in ("model_package_id", "max_package_loading_attempts", *SWITCHES)
    }
    for name in LISTS:
        values = options[name]
        given[name] = None if values is None else [part.strip() for value in values for part in value.split(",")]
    given["device"] = None if options["device"] == "none" else options["device"]
    given["batch_size"] = _batch_size(options["batch_size"])
    preferences = options["nms_fusion_preferences"]
    if preferences is not None:
        try:
            given["nms_fusion_preferences"] = json.loads(preferences)
        except ValueError as error:
            raise CommandError("--nms-fusion-preferences is not JSON.") from error
    return given


def _batch_size(text: str | None) -> int | list[int] | None:
    if text is None:
        return None
    try:
        sizes = [int(part) for part in text.split(",")]
    except ValueError as error:
        raise CommandError("--batch-size takes a size such as 1, or a range such as 1,8.") from error
    return sizes[0] if len(sizes) == 1 else sizes
