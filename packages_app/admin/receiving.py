"""Files of a form on their way into the intake, without a copy in memory or in a second place on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

from packages_app.models import Blob
from packages_app.services.intake import Intake
from registry.errors import WeighbridgeError

CHUNK_BYTES = 1024 * 1024
_SALT = "packages_app.admin.received"
# How long a form that was refused can be sent again without its files.
RECEIPT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class ReceivedFile:
    """A file that a form sent: its name there and either its blob or why it was refused."""

    handle: str
    blob: Blob | None
    refusal: str = ""

    @property
    def receipt(self) -> str:
        """Names the blob in a form that is sent again; signed, so that only what was sent can be named."""
        return signing.dumps(self.blob.sha256, salt=_SALT) if self.blob else ""

    def close(self) -> None:
        """Called by Django on each uploaded file when the request ends; there is nothing to close."""


class IntakeUploadHandler(FileUploadHandler):
    """Writes each file of a multipart form into the intake. What the intake refuses is read and dropped."""

    chunk_size = CHUNK_BYTES

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self._intake: Intake | None = None
        self._refusal = ""
        self._room = settings.MAX_PACKAGE_BYTES

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._refusal = ""
        try:
            self._intake = Intake(limit=min(settings.MAX_FILE_BYTES, self._room))
        except WeighbridgeError as error:
            self._refuse(error)
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._intake is None:
            return
        try:
            self._intake.write(raw_data)
        except WeighbridgeError as error:
            self._refuse(error)

    def file_complete(self, file_size: int) -> ReceivedFile:  # type: ignore[override]  # Django asks no more of it
        blob = None
        if self._intake is not None:
            try:
                blob = self._intake.finish()
                self._room -= blob.size
            except WeighbridgeError as error:
                self._refuse(error)
            self._intake = None
        return ReceivedFile(self.file_name or "", blob, self._refusal)

    def upload_interrupted(self) -> None:
        if self._intake is not None:
            self._intake.abort()
            self._intake = None

    def _refuse(self, error: WeighbridgeError) -> None:
        self._refusal = error.message
        self.upload_interrupted()


def received_files(data: Mapping[str, Any], files: MultiValueDict[str, Any]) -> list[ReceivedFile]:
    """The files of a form: those sent with it, and those that an earlier, refused sending brought already."""
    earlier = [
        ReceivedFile(handle, blob)
        for receipt, handle in zip(_all(data, "receipt"), _all(data, "handle"), strict=False)
        if (blob := _blob_of(receipt)) is not None
    ]
    return [*earlier, *files.getlist("files")]


def arrived_whole(data: Mapping[str, Any]) -> bool:
    """Whether the form's last field came: a form that was cut off on its way lacks it."""
    return "form_end" in data


def _all(data: Mapping[str, Any], name: str) -> list[str]:
    """The values of one field; none in data that are not those of a form."""
    return [str(value) for value in data.getlist(name)] if isinstance(data, QueryDict) else []


def _blob_of(receipt: str) -> Blob | None:
    try:
        sha256 = signing.loads(receipt, salt=_SALT, max_age=RECEIPT_SECONDS)
    except signing.BadSignature:
        return None
    return Blob.objects.filter(pk=sha256).first()
