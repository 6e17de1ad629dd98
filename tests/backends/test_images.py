from __future__ import annotations

import io
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from backends.decoding import ROOT
from backends.errors import BadImage, ImageTooLarge, ImageTruncated, UnsupportedImage
from backends.image_headers import MOST_PASSES, ImageHeader, check_header, read_header
from backends.images import EncodedImage, decode

FORMATS = ("JPEG", "PNG", "WEBP", "BMP")


def _image(width: int = 40, height: int = 24) -> Image.Image:
    """Red on the left, blue on the right, darker downwards."""
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    pixels[:, : width // 2, 0] = 250
    pixels[:, width // 2 :, 2] = 250
    pixels[height // 2 :] //= 2
    return Image.fromarray(pixels)


def _encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _chunk(tag: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))


def _behind_pixels(png: bytes, *chunks: bytes) -> bytes:
    return png[:-12] + b"".join(chunks) + png[-12:]


def _bomb(side: int) -> bytes:
    """A PNG of side x side black pixels in one bit each, made by hand: nobody ever holds its pixels."""

    row = b"\0" * (1 + side // 8)
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", FORMATS)
def test_the_header_tells_the_size(kind: str) -> None:
    assert read_header(_encode(_image(), kind)) == ImageHeader(kind.lower(), 40, 24, 1, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("options", [{"lossless": True}, {"lossless": False}, {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}])
def test_all_kinds_of_webp_have_a_header(options: dict[str, Any]) -> None:
    header = read_header(_encode(_image(41, 23), "WEBP", **options))
    assert (header.width, header.height, header.frames) == (41, 23, 1)


@pytest.mark.parametrize("kind", FORMATS)
def test_images_are_decoded_to_bgr(kind: str) -> None:
    pixels = decode(_encode(_image(), kind))
    assert pixels.shape == (24, 40, 3)
    assert pixels[2, 2, 2] > 200 > 60 > pixels[2, 2, 0]
    assert pixels[2, 37, 0] > 200 > 60 > pixels[2, 37, 2]


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "I;16"])
def test_other_kinds_of_pixels_become_three_channels(mode: str) -> None:
    image = Image.new("I;16", (8, 6)) if mode == "I;16" else _image(8, 6).convert(mode)
    assert decode(_encode(image, "PNG")).shape == (6, 8, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_images_come_upright(kind: str, orientation: int) -> None:
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    data = _encode(_image(), kind, exif=exif)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))[:, :, ::-1]
    header = read_header(data)
    assert header.orientation == orientation
    pixels = decode(data)
    assert pixels.shape == upright.shape
    assert np.abs(pixels.astype(int) - upright).mean() < 3


def test_the_rotation_can_be_left_out() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode(_encode(_image(), "JPEG", exif=exif), auto_orient=False).shape == (24, 40, 3)


def test_it_rejects_a_bomb_before_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    data = _bomb(16_000)
    assert len(data) < 400_000
    monkeypatch.setattr("backends.decoding.cv2.imdecode", lambda *_: pytest.fail("the bomb was decoded"))
    with pytest.raises(ImageTooLarge, match="16000 x 16000"):
        decode(data)


def test_a_webp_bomb_is_seen_too() -> None:
    head = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + (16_382).to_bytes(3, "little") * 2
    data = b"RIFF" + struct.pack("<I", 4 + len(head)) + b"WEBP" + head
    with pytest.raises(ImageTooLarge):
        check_header(read_header(data))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("kept", [0.35, 0.7, 0.95])
def test_it_rejects_images_cut_short(kind: str, kept: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    data = _encode(Image.fromarray(noise), kind)
    with pytest.raises(ImageTruncated):
        decode(data[: int(len(data) * kept)])


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("kept", [2, 9, 14, 20])
def test_it_rejects_images_cut_within_the_header(kind: str, kept: int) -> None:
    with pytest.raises(BadImage):
        decode(_encode(_image(), kind)[:kept])


def test_what_phones_append_does_not_matter() -> None:
    data = _encode(_image(), "JPEG")
    video = b"\0\0\0\x18ftypmp42" + b"\xff\xd9\xff\xda" * 9
    assert decode(data + video).shape == (24, 40, 3)


def test_the_end_of_a_thumbnail_is_not_that_of_the_image() -> None:
    thumbnail = _encode(_image(8, 8), "JPEG")
    noise = np.random.default_rng(1).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    data = _encode(Image.fromarray(noise), "JPEG", exif=b"Exif\0\0" + thumbnail, progressive=True)
    assert decode(data).shape == (60, 80, 3)
    with pytest.raises(ImageTruncated):
        decode(data[: len(data) * 3 // 4])


def test_it_rejects_damaged_data() -> None:
    data = bytearray(_encode(_image(), "PNG"))
    start = data.index(b"IDAT") + 8
    data[start : start + 20] = b"\xff" * 20
    with pytest.raises(BadImage):
        decode(bytes(data))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_it_rejects_animations(kind: str) -> None:
    frames = [_image(), Image.new("RGB", (40, 24), "white")]
    data = _encode(frames[0], kind, save_all=True, append_images=frames[1:])
    with pytest.raises(UnsupportedImage, match="animated"):
        decode(data)


@pytest.mark.parametrize("kind", ["GIF", "TIFF"])
def test_it_rejects_other_formats(kind: str) -> None:
    with pytest.raises(UnsupportedImage):
        decode(_encode(_image(), kind))


@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"<svg/>", b"{}", b"\xff\xd8", b"BM" + b"\0" * 60, b"RIFF1234WEBP"])
def test_it_rejects_what_is_no_image(data: bytes) -> None:
    with pytest.raises(BadImage):
        decode(data)


def test_broken_exif_is_no_reason_to_refuse() -> None:
    data = _encode(_image(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f")
    assert decode(data).shape == (24, 40, 3)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 1}, {"optimize": True}])
def test_the_header_of_every_kind_of_jpeg_is_what_pillow_reads(options: dict[str, Any]) -> None:
    for mode in ("L", "RGB", "CMYK"):
        data = _encode(_image(41, 23).convert(mode), "JPEG", comment=b"\xff\xd8\xff\xc0", **options)
        header = read_header(data)
        assert (header.width, header.height) == Image.open(io.BytesIO(data)).size
        assert data[header.pixels_start : header.pixels_start + 2] == b"\xff\xda"


def test_fill_bytes_may_stand_before_a_marker() -> None:
    data = _encode(_image(), "JPEG")
    header = read_header(data[:2] + b"\xff\xff\xff" + data[2:])
    assert (header.width, header.height) == (40, 24)


def test_a_little_that_belongs_to_nothing_is_passed_over() -> None:
    data = _encode(_image(), "JPEG")
    start = data.index(b"\xff\xdb")
    junk = data[:start] + b"junk" + data[start:]
    assert read_header(junk) == read_header(data)
    assert decode(junk).shape == (24, 40, 3)


@pytest.mark.parametrize("filler", [b"\xff", b"\xff\x01", b"\xff\xe0\0\x02"])
def test_it_rejects_a_jpeg_of_nothing_but_markers_without_going_through_all_of_them(filler: bytes) -> None:
    data = b"\xff\xd8" + filler * 10_000_000
    with pytest.raises(BadImage) as raised:
        read_header(data)
    assert not isinstance(raised.value, ImageTruncated)


def _segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes((marker,)) + struct.pack(">H", len(body) + 2) + body


@pytest.mark.parametrize(
    "after_start",
    [
        b"\0\0" * 40,
        _segment(0xDA, b"\x01\x01\0\0\x3f\0"),
        b"\xff\xd9",
        b"\xff\xe0\0\0" + b"x" * 40,
    ],
    ids=["no marker", "a scan before a frame", "no image", "a segment of no length"],
)
def test_it_rejects_a_jpeg_that_is_none(after_start: bytes) -> None:
    with pytest.raises(BadImage) as raised:
        read_header(b"\xff\xd8" + after_start)
    assert not isinstance(raised.value, ImageTruncated)


def test_a_segment_that_never_ends_is_an_image_cut_short() -> None:
    with pytest.raises(ImageTruncated):
        read_header(b"\xff\xd8" + _segment(0xE1, b"Exif\0\0" + b"x" * 100)[:-40])


def test_the_orientation_of_a_png_may_stand_behind_its_pixels() -> None:
    exif = b"II*\0\x08\0\0\0" + struct.pack("<HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 0)
    data = _behind_pixels(_encode(_image(), "PNG"), _chunk(b"eXIf", exif))
    assert read_header(data).orientation == 6
    upright = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(decode(data), upright)


@pytest.mark.parametrize("options", [{}, {"optimize": True}, {"restart_marker_blocks": 1}])
def test_a_decoder_goes_once_over_an_ordinary_jpeg_whatever_lies_behind_it(options: dict[str, Any]) -> None:
    data = _encode(_image(), "JPEG", **options)
    assert read_header(data + b"\xff\xda" * 50).passes == 1


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_decoder_goes_over_a_progressive_jpeg_once_for_each_scan(mode: str) -> None:
    data = _encode(_image().convert(mode), "JPEG", progressive=True)
    assert read_header(data).passes == data.count(b"\xff\xda") > 5


def test_scans_of_single_components_count_too_without_progression() -> None:
    data = _encode(_image(), "JPEG")
    start = read_header(data).pixels_start
    # Its header promises three components, and the first scan has one of them.
    first = _segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"\0" * 8
    assert read_header(data[:start] + first * 7 + b"\xff\xd9").passes == 7


def test_a_comment_that_looks_like_the_end_hides_no_scans() -> None:
    data = _encode(_image(), "JPEG", progressive=True)
    second = data.index(b"\xff\xda", read_header(data).pixels_start + 2)
    hidden = data[:second] + _segment(0xFE, b"\xff\xd9") + data[second:]
    assert read_header(hidden).passes == read_header(data).passes


def test_it_rejects_scans_that_are_too_much_work_before_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    data = _encode(_image(), "JPEG", progressive=True)
    scans = read_header(data).passes
    limit = 40 * 24
    more = data[:-2] + _segment(0xDA, b"\x01\x01\0\0\0\x10") * (MOST_PASSES + 1 - scans) + data[-2:]
    monkeypatch.setattr("backends.decoding.cv2.imdecode", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(ImageTooLarge, match=f"{MOST_PASSES + 1} passes over 40 x 24"):
        decode(more, limit)


def test_ordinary_scans_of_the_largest_image_are_taken() -> None:
    data = _encode(_image(), "JPEG", progressive=True)
    assert decode(data, 40 * 24).shape == (24, 40, 3)


@pytest.mark.parametrize(
    "text",
    [_chunk(b"zTXt", b"k\0\0" + zlib.compress(b"x")), _chunk(b"iTXt", b"k\0\1\0\0\0" + zlib.compress(b"x"))],
)
@pytest.mark.parametrize("behind", [False, True])
def test_it_rejects_a_png_full_of_compressed_texts(text: bytes, behind: bool) -> None:
    png = _encode(_image(), "PNG")
    assert decode(_behind_pixels(png, *[text] * 3)).shape == (24, 40, 3)
    with pytest.raises(UnsupportedImage, match="compressed texts"):
        decode(_behind_pixels(png, *[text] * 9) if behind else png[:33] + text * 9 + png[33:])


def test_texts_that_are_not_compressed_are_no_reason_to_refuse() -> None:
    text = _chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>")
    assert decode(_behind_pixels(_encode(_image(), "PNG"), *[text] * 20)).shape == (24, 40, 3)


def test_it_rejects_a_png_of_nothing_but_chunks_without_going_through_all_of_them() -> None:
    data = _encode(_image(), "PNG")[:33] + _chunk(b"IDAT", b"") * 500_000
    with pytest.raises(BadImage) as raised:
        read_header(data)
    assert not isinstance(raised.value, ImageTruncated)


def test_it_rejects_a_webp_of_nothing_but_chunks_without_going_through_all_of_them() -> None:
    body = b"WEBP" + b"XMP \0\0\0\0" * 500_000
    with pytest.raises(BadImage) as raised:
        read_header(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert not isinstance(raised.value, ImageTruncated)


def test_it_rejects_a_webp_whose_canvas_hides_the_size_of_its_image() -> None:
    image = _encode(_image(), "WEBP")[12:]
    canvas = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + (0).to_bytes(3, "little") * 2
    body = b"WEBP" + image + canvas
    with pytest.raises(BadImage, match="different sizes"):
        read_header(b"RIFF" + struct.pack("<I", len(body)) + body)


@pytest.mark.parametrize(
    ("kind", "megapixels", "passes", "heavy"),
    [
        ("jpeg", 24, 1, False),
        ("jpeg", 25, 1, True),
        ("jpeg", 6, 10, False),
        ("jpeg", 12, 10, True),
        ("png", 9, 3, True),
    ],
)
def test_what_keeps_a_decoder_busy_is_heavy(kind: Any, megapixels: int, passes: int, heavy: bool) -> None:
    header = ImageHeader(kind, 1000, 1000 * megapixels, 1, 1, 0, passes)
    assert EncodedImage(b"", header).is_heavy is heavy


class TestInAProcessOfItsOwn:
    """What keeps a decoder busy for more than a moment."""

    @pytest.fixture(autouse=True)
    def _everything(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("backends.images.MOST_EFFORT_HERE", 0)

    def test_it_gives_the_same_pixels(self, monkeypatch: pytest.MonkeyPatch) -> None:
        exif = Image.Exif()
        exif[0x0112] = 8
        data = _encode(_image(), "JPEG", progressive=True, exif=exif)
        apart = decode(data)
        monkeypatch.setattr("backends.images.MOST_EFFORT_HERE", 1_000_000)
        assert np.array_equal(apart, decode(data))

    def test_it_rejects_damaged_data(self) -> None:
        data = bytearray(_encode(_image(), "PNG"))
        start = data.index(b"IDAT") + 8
        data[start : start + 20] = b"\xff" * 20
        with pytest.raises(ImageTruncated):
            decode(bytes(data))

    def test_it_ends_at_the_deadline(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        # Before the child comes to decode anything.
        (tmp_path / "sitecustomize.py").write_text("import time\ntime.sleep(600)\n")
        monkeypatch.setattr("backends.decoding.ROOT", f"{tmp_path}:{ROOT}")
        with pytest.raises(TimeoutError):
            decode(_encode(_image(), "JPEG"), deadline=time.monotonic() + 0.5)

    def test_nothing_is_begun_behind_the_deadline(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("backends.decoding.subprocess.Popen", lambda *_, **__: pytest.fail("it was begun"))
        with pytest.raises(TimeoutError):
            decode(_encode(_image(), "JPEG"), deadline=time.monotonic() - 1)
