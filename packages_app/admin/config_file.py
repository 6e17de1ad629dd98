"""A model_config.json among the files that a form brings: it says what the package is, and is no file of it."""

from __future__ import annotations

from collections.abc import Iterable

from packages_app.admin.receiving import ReceivedFile
from packages_app.errors import InvalidDirectory
from packages_app.services import blobs
from packages_app.services.package_config import CONFIG_NAME, MAX_CONFIG_BYTES, Config, parse_config


def without_config(files: Iterable[ReceivedFile]) -> list[ReceivedFile]:
    return [file for file in files if file.handle != CONFIG_NAME]


def config_among(files: Iterable[ReceivedFile]) -> Config | None:
    """What the model_config.json among ``files`` says, or None. Raises InvalidDirectory."""
    blob = next((file.blob for file in files if file.handle == CONFIG_NAME and file.blob is not None), None)
    if blob is None:
        return None
    if blob.size > MAX_CONFIG_BYTES:
        raise InvalidDirectory(f"{CONFIG_NAME} is larger than a file of its kind can be.")
    with blobs.open_blob(blob) as file:
        content = file.read()
    try:
        return parse_config(content.decode())
    except UnicodeDecodeError as error:
        raise InvalidDirectory(f"{CONFIG_NAME} cannot be read as UTF-8 text.") from error
