"""May this package be published? Everything that any client would choke on, in plain words.

Stricter than the newest client, because older ones fail the whole model over one bad manifest, and because
what clients forgive today need not be forgiven tomorrow: nothing may need coercion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from negotiation.handles import WINDOWS_DEVICES, handle_problems
from negotiation.manifests import BACKENDS_BY_WIRE_TYPE
from negotiation.manifests.manifest import Clash
from negotiation.wire import EntryOnWire

_PACKAGE_ID = re.compile(r"[A-Za-z0-9]{1,255}")
_MD5 = re.compile(r"[0-9a-f]{32}")
_WORDS = {
    "bool_type": "must be true or false",
    "dict_type": "must be an object",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "list_type": "must be a list",
    "missing": "is missing",
    "model_type": "must be an object",
    "string_type": "must be text",
    "tuple_type": "must be a list",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct: where, as a path on the wire such as ``packageManifest.opset``, and what."""

    field: str
    message: str


def validate_for_publishing(entry: Any) -> list[Problem]:
    """The problems of a package entry as it would be written to the wire; an empty list if there are none.

    ``downloadUrl`` may be absent from the files: addresses are made when a client asks.
    """
    if not isinstance(entry, Mapping):
        return [Problem("", "A package entry must be an object.")]
    return [
        *_entry_problems(entry),
        *_package_id_problems(entry.get("packageId")),
        *_file_problems(entry.get("packageFiles")),
        *_manifest_problems(entry.get("packageManifest")),
    ]


def _entry_problems(entry: Mapping[Any, Any]) -> Iterator[Problem]:
    document = dict(entry)
    files = entry.get("packageFiles")
    if isinstance(files, list):
        document["packageFiles"] = [
            {"downloadUrl": "", **file} if isinstance(file, Mapping) else file for file in files
        ]
    try:
        EntryOnWire.model_validate(document, strict=True)
    except ValidationError as error:
        yield from map(_in_words, _details(error))
    if "trustedSource" not in entry:
        yield Problem("trustedSource", "is missing: clients would take the package as untrusted")


def _package_id_problems(package_id: object) -> Iterator[Problem]:
    if not isinstance(package_id, str):
        return
    if not _PACKAGE_ID.fullmatch(package_id):
        yield Problem("packageId", "must consist of 1 to 255 letters and digits, without dashes")
    elif package_id.upper() in WINDOWS_DEVICES:
        yield Problem("packageId", "must not be a name that Windows gives to a device")


def _file_problems(files: object) -> Iterator[Problem]:
    if not isinstance(files, list):
        return
    if not files:
        yield Problem("packageFiles", "must not be empty: there would be nothing to load")
    handles = [file.get("fileHandle") for file in files if isinstance(file, Mapping)]
    for problem in handle_problems(handle for handle in handles if isinstance(handle, str)):
        yield Problem("packageFiles.fileHandle", problem)
    for index, file in enumerate(files):
        if not isinstance(file, Mapping):
            continue
        md5 = file.get("md5Hash")
        field = f"packageFiles.{index}.md5Hash"
        if md5 is None:
            yield Problem(field, "is missing: clients refuse files without it")
        elif isinstance(md5, str) and not _MD5.fullmatch(md5):
            yield Problem(field, "must be 32 hexadecimal digits in lower case")


def _manifest_problems(manifest: object) -> Iterator[Problem]:
    if not isinstance(manifest, Mapping):
        return
    wire_type = manifest.get("type")
    model = BACKENDS_BY_WIRE_TYPE.get(wire_type) if isinstance(wire_type, str) else None
    if model is None:
        yield Problem("packageManifest.type", f"must be one of {', '.join(BACKENDS_BY_WIRE_TYPE)}")
        return
    if clash := model.backend_clash(manifest):
        yield _of_clash(clash)
    try:
        parsed = model.from_wire(manifest, strict=True)
    except ValidationError as error:
        yield from (_in_words(details, "packageManifest") for details in _details(error))
        return
    yield from map(_of_clash, [*parsed.clashes(), *parsed.objections()])


def _of_clash(clash: Clash) -> Problem:
    return Problem(f"packageManifest.{clash.field}", clash.message)


def _details(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False, include_input=False)


def _in_words(details: ErrorDetails, prefix: str = "") -> Problem:
    # A tagged union puts its tag into the path, which no reader of the wire would look for.
    path = [str(part) for part in details["loc"] if not str(part).endswith("-specs-v1")]
    field = ".".join([prefix, *path] if prefix else path)
    if details["type"] in {"literal_error", "union_tag_invalid"}:
        context = details.get("ctx", {})
        return Problem(field, f"must be {context.get('expected') or context.get('expected_tags')}")
    return Problem(field, _WORDS.get(details["type"], details["msg"][:120]))
