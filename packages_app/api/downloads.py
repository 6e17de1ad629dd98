"""Downloads of blobs: `HEAD` and `GET`, whole or one range, under addresses that authorise themselves."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header

from packages_app.api.methods import reads_only
from packages_app.errors import BlobDamaged, BlobUnavailable, PreconditionFailed, RangeNotSatisfiable
from packages_app.models import Blob
from packages_app.services import blobs, ranges
from packages_app.services.downloads import authorise
from packages_app.services.ranges import ByteRange
from packages_app.services.stores import LocalStore, blob_store
from registry.api.errors import error_response


@reads_only
def download(request: HttpRequest, sha256: str, name: str) -> HttpResponseBase:
    """`/files/<sha256>/<name>?expires=…&signature=…`."""
    blob = authorise(sha256, name, request.GET.dict())
    response = _respond(request, blob, name)
    response.headers["Accept-Ranges"] = "bytes"
    if response.status_code >= 400:
        return response
    response.headers["ETag"] = _etag(blob)
    response.headers.setdefault("Content-Disposition", content_disposition_header(True, name) or "attachment")
    # The bytes of an address never change, yet they are for those alone who hold it; and nothing on the way
    # may compress them, since ranges count plain bytes.
    response.headers.setdefault("Cache-Control", "private, no-transform, max-age=31536000, immutable")
    return response


def _respond(request: HttpRequest, blob: Blob, name: str) -> HttpResponseBase:
    etag = _etag(blob)
    if_match = request.headers.get("If-Match")
    if if_match is not None and not ranges.matches(if_match, etag):
        raise PreconditionFailed
    if_none_match = request.headers.get("If-None-Match")
    if if_none_match is not None and ranges.matches(if_none_match, etag, weakly=True):
        unchanged = HttpResponseNotModified()
        # What the whole file has, as the standard says; Django would write a zero.
        unchanged.headers["Content-Length"] = str(blob.size)
        return unchanged
    if blob.damaged_at is not None:
        raise BlobDamaged(retry_after=60)
    if request.method == "HEAD":
        return _head(blob)
    match settings.BLOB_DELIVERY:
        case "accel":
            return _accelerated(blob, name)
        case "redirect":
            return _redirect(blob, name)
        case _:
            return _stream(request, blob)


def _head(blob: Blob) -> HttpResponse:
    # Where looking costs nothing, a file that is missing is told now rather than in the middle of a download.
    if blobs.local_path(blob) is not None and not blobs.is_stored(blob):
        raise BlobUnavailable(retry_after=5)
    response = _empty()
    response.headers["Content-Length"] = str(blob.size)
    return response


def _accelerated(blob: Blob, name: str) -> HttpResponse:
    """nginx sends the file, or fetches it from the object store, and answers ranges itself."""
    if not blobs.is_stored(blob):
        raise BlobUnavailable(retry_after=5)
    store = blob_store()
    if isinstance(store, LocalStore):
        place = blob.storage_key
    else:
        address = urlsplit(store.signed_address(blob.storage_key, file_name=name))
        place = f"{address.path.lstrip('/')}?{address.query}"
    response = _empty()
    response.headers["X-Accel-Redirect"] = f"{settings.BLOB_ACCEL_PREFIX.rstrip('/')}/{place}"
    return response


def _redirect(blob: Blob, name: str) -> HttpResponse:
    """The object store sends the file, under an address of its own that lives for minutes."""
    store = blob_store()
    if isinstance(store, LocalStore):
        raise BlobUnavailable
    response = HttpResponseRedirect(store.signed_address(blob.storage_key, file_name=name))
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _stream(request: HttpRequest, blob: Blob) -> HttpResponseBase:
    wanted = None
    header = request.headers.get("Range", "")
    if header and ranges.range_applies(request.headers.get("If-Range", ""), _etag(blob)):
        try:
            wanted = ranges.requested_range(header, blob.size)
        except RangeNotSatisfiable as error:
            refused = error_response(request, error)
            refused.headers["Content-Range"] = f"bytes */{blob.size}"
            return refused
    part = wanted or ByteRange(0, blob.size)
    # A file of another size would break the promise of Content-Length in the middle of the answer.
    if blobs.local_path(blob) is not None and not blobs.is_stored(blob):
        raise BlobUnavailable(retry_after=5)
    whole = part.length == blob.size
    response = StreamingHttpResponse(
        blobs.read_whole(blob) if whole else blobs.read_blob(blob, start=part.start, length=part.length),
        status=200 if wanted is None else 206,
        content_type="application/octet-stream",
    )
    response.headers["Content-Length"] = str(part.length)
    if wanted is not None:
        response.headers["Content-Range"] = part.content_range(blob.size)
    return response


def _empty() -> HttpResponse:
    return HttpResponse(content_type="application/octet-stream")


def _etag(blob: Blob) -> str:
    return f'"{blob.sha256}"'
