"""Compressed bodies, within the same limits as others."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest

from inference_app.requests.encodings import unpack
from registry.errors import InvalidRequest, RequestTooLarge, UnsupportedMediaType

TEXT = b"an image, or a document " * 50
LIMIT = 10_000


def bare(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


PACKERS = [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("GZip", gzip.compress), ("deflate", zlib.compress),
           ("deflate", bare)]  # fmt: skip
packers = pytest.mark.parametrize(("encoding", "pack"), PACKERS)


@packers
@pytest.mark.parametrize("content", [TEXT, b"", b"x"])
def test_what_was_packed_is_unpacked(encoding: str, pack: Callable[[bytes], bytes], content: bytes) -> None:
    assert unpack(pack(content), encoding, LIMIT) == content


@pytest.mark.parametrize("encoding", ["", "identity", "Identity"])
def test_what_was_not_packed_stays(encoding: str) -> None:
    assert unpack(TEXT, encoding, LIMIT) == TEXT


@packers
def test_the_limit_holds_for_what_comes_out(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    assert len(unpack(pack(bytes(LIMIT)), encoding, LIMIT)) == LIMIT
    with pytest.raises(RequestTooLarge, match="once unpacked"):
        unpack(pack(bytes(LIMIT + 1)), encoding, LIMIT)


@packers
def test_a_body_that_was_cut_short_is_refused(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(InvalidRequest):
        unpack(pack(TEXT)[:-3], encoding, LIMIT)


@packers
def test_a_body_that_goes_on_is_refused(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(InvalidRequest, match="goes on"):
        unpack(pack(TEXT) + pack(TEXT), encoding, LIMIT)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_damaged_body_is_refused(encoding: str) -> None:
    with pytest.raises(InvalidRequest):
        unpack(b"\xff" * 40, encoding, LIMIT)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip,", "*", "a" * 5_000])
def test_another_encoding_is_named(encoding: str) -> None:
    with pytest.raises(UnsupportedMediaType, match="gzip or deflate") as refused:
        unpack(TEXT, encoding, LIMIT)
    assert len(refused.value.message) < 200
