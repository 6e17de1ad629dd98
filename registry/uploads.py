"""Files of forms where no file belongs."""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class DroppingUploadHandler(FileUploadHandler):
    """Passes over every file of a form. Views that take files put a handler of their own in its place.

    Django's own handlers write files to disk as soon as anything reads a form, which its CSRF check does, for anybody.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Never called."""

    def file_complete(self, file_size: int) -> None:
        """Never called."""
