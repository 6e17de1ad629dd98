"""Packages on the local disk: verified, shared, within the limit, and made once."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection

from backends import layout
from backends.layout import Layout
from backends.trial import preparation
from inference_app.services import materialising
from inference_app.services.materialising import CacheFull, is_intact, materialise, verify_all
from packages_app.errors import BlobDamaged, StorageFull
from packages_app.services import blobs
from tests.conftest import ONNX_FILES

WEIGHTS = bytes(10_000)


def stored_at(package: Any, handle: str) -> Path:
    """Where the bytes of one file lie in the blob store."""
    path = blobs.local_path(package.files.get(handle=handle).blob)
    assert path is not None
    return path


def replace(path: Path, content: bytes) -> None:
    """Other bytes in the place of a file, without touching those that share its inode."""
    path.unlink()
    path.write_bytes(content)


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    replace(path, bytes(content))


def cached_files() -> list[Path]:
    return [path for path in django_settings.MODEL_CACHE_DIR.rglob("*") if path.is_file() and path.name != "lock"]


def is_cached(package: Any) -> bool:
    return (django_settings.MODEL_CACHE_DIR / "packages" / f"{package.package_id}.complete").exists()


@pytest.fixture
def make_heavy(model: Any, make_package: Callable[..., Any]) -> Callable[[int], Any]:
    """Make a package of 10,000 bytes, different for each number."""
    return lambda number: make_package(model, files={"weights.onnx": bytes([number]) + WEIGHTS[1:]})


@pytest.fixture(params=["linked", "copied"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once with the blob store on the same file system, and once elsewhere."""
    if request.param == "copied":
        monkeypatch.setattr(materialising, "_linked", lambda source, target: False)


@pytest.mark.usefixtures("either_way")
def test_it_lays_out_the_files_under_their_handles(package: Any) -> None:
    directory = materialise(package)
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == ONNX_FILES


@pytest.mark.usefixtures("either_way")
def test_it_refuses_a_package_with_one_flipped_byte_and_leaves_nothing_behind(package: Any) -> None:
    flip_a_byte(stored_at(package, "weights.onnx"))
    with pytest.raises(BlobDamaged):
        materialise(package)
    assert cached_files() == []


def test_it_refuses_a_package_whose_bytes_are_gone_and_leaves_nothing_behind(package: Any) -> None:
    stored_at(package, "weights.onnx").unlink()
    with pytest.raises(BlobDamaged):
        materialise(package)
    assert cached_files() == []


def test_a_full_disk_is_told_as_such_and_nothing_is_left_behind(package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    original = os.link

    def link(source: Path, target: Path) -> None:
        if target.name == "weights.onnx":
            raise OSError(errno.ENOSPC, "No space left on device")
        original(source, target)

    monkeypatch.setattr(os, "link", link)
    with pytest.raises(StorageFull):
        materialise(package)
    assert cached_files() == []


def test_a_package_that_was_refused_is_laid_out_once_its_bytes_are_restored(package: Any) -> None:
    path = stored_at(package, "weights.onnx")
    flip_a_byte(path)
    with pytest.raises(BlobDamaged):
        materialise(package)
    replace(path, ONNX_FILES["weights.onnx"])
    assert (materialise(package) / "weights.onnx").read_bytes() == ONNX_FILES["weights.onnx"]


@pytest.mark.usefixtures("either_way")
def test_files_that_packages_share_are_there_once(package: Any, model: Any, make_package: Callable[..., Any]) -> None:
    other = make_package(model, quantization="fp16")
    first, second = materialise(package), materialise(other)
    assert first != second
    for handle in ONNX_FILES:
        assert os.path.samefile(first / handle, second / handle)


def test_a_second_call_reads_nothing_again(package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = materialise(package)
    monkeypatch.setattr(materialising, "_cached_blob", None)
    assert materialise(package) == directory


def prepare(package: Any, size: int = 4_000) -> Path:
    """Leave something that was prepared of a package."""
    directory = materialise(package)
    made, folder = directory.parent.parent / "made", materialising.preparation_folder(directory)
    made.mkdir()
    (made / "network.weights").write_bytes(bytes(size))
    preparation.keep(made, folder, directory, conditions={}, working_bytes=0, most_bytes=size)
    shutil.rmtree(made)
    return folder


def test_what_was_prepared_of_a_package_stays_while_others_come(make_heavy: Callable[[int], Any]) -> None:
    folder = prepare(make_heavy(1))
    at_work = folder.with_name(f".{folder.name}-abc")
    at_work.mkdir()
    materialise(make_heavy(2))
    assert preparation.is_intact(folder)
    assert preparation.Preparation.read(folder) is not None
    assert at_work.is_dir()


def test_what_was_prepared_counts_in_the_size_of_the_cache(make_heavy: Callable[[int], Any], settings: Any) -> None:
    settings.MODEL_CACHE_BYTES = 25_000
    first, second = make_heavy(1), make_heavy(2)
    folder = prepare(first, 6_000)
    materialise(second)
    assert not is_cached(first)
    assert not folder.exists()
    assert is_cached(second)


def test_what_was_prepared_goes_with_the_package(make_heavy: Callable[[int], Any]) -> None:
    package = make_heavy(1)
    prepare(package)
    materialising.forget(package)
    assert cached_files() == []


def test_what_was_prepared_without_its_package_is_a_leftover(make_heavy: Callable[[int], Any]) -> None:
    package = make_heavy(1)
    folder = prepare(package)
    Path(f"{materialise(package)}.complete").unlink()
    materialise(make_heavy(2))
    assert not folder.exists()


def test_damage_in_what_was_prepared_is_found_when_the_files_are_read_again(
    make_heavy: Callable[[int], Any], unloaded: set[str]
) -> None:
    package = make_heavy(1)
    folder = prepare(package)
    assert is_intact(package)
    (folder / "network.weights").chmod(0o600)
    (folder / "network.weights").write_bytes(b"others")
    assert is_intact(package)
    assert unloaded == {package.package_id}
    assert is_cached(package)
    assert not folder.exists()


def test_the_package_that_was_not_used_for_longest_makes_room(make_heavy: Callable[[int], Any], settings: Any) -> None:
    settings.MODEL_CACHE_BYTES = 25_000
    first, second, third = (make_heavy(number) for number in (1, 2, 3))
    materialise(first)
    materialise(second)
    os.utime(settings.MODEL_CACHE_DIR / "packages" / f"{second.package_id}.complete", (1, 1))
    materialise(third)
    assert [is_cached(package) for package in (first, second, third)] == [True, False, True]
    assert sum(path.stat().st_size for path in (settings.MODEL_CACHE_DIR / "blobs").iterdir()) == 20_000


def test_to_be_used_counts_as_new(make_heavy: Callable[[int], Any], settings: Any) -> None:
    settings.MODEL_CACHE_BYTES = 25_000
    first, second, third = (make_heavy(number) for number in (1, 2, 3))
    for package in (first, second):
        materialise(package)
        os.utime(settings.MODEL_CACHE_DIR / "packages" / f"{package.package_id}.complete", (1, 1))
    materialise(first)
    materialise(third)
    assert [is_cached(package) for package in (first, second, third)] == [True, False, True]


def test_a_package_that_made_room_comes_back_whole(make_heavy: Callable[[int], Any], settings: Any) -> None:
    settings.MODEL_CACHE_BYTES = 15_000
    first, second = make_heavy(1), make_heavy(2)
    materialise(first)
    materialise(second)
    assert not is_cached(first)
    assert (materialise(first) / "weights.onnx").stat().st_size == 10_000


def test_bytes_that_packages_share_count_once(model: Any, make_package: Callable[..., Any], settings: Any) -> None:
    settings.MODEL_CACHE_BYTES = 10_100
    packages = [
        make_package(model, files={"weights.onnx": WEIGHTS, "class_names.txt": name}) for name in (b"a\n", b"b\n")
    ]
    for package in packages:
        materialise(package)
    assert [is_cached(package) for package in packages] == [True, True]


def test_a_package_larger_than_the_cache_is_refused_and_costs_no_other_its_place(
    package: Any, make_heavy: Callable[[int], Any], settings: Any
) -> None:
    materialise(package)
    settings.MODEL_CACHE_BYTES = 9_999
    with pytest.raises(CacheFull):
        materialise(make_heavy(1))
    assert is_cached(package)


def test_what_a_process_left_behind_that_ended_in_the_middle_is_removed(package: Any) -> None:
    root = django_settings.MODEL_CACHE_DIR
    half, unmarked = root / "packages" / ".partial-abc", root / "packages" / package.package_id
    for leftover in (half / "weights.onnx", unmarked / "weights.onnx", root / "blobs" / "0123.456"):
        leftover.parent.mkdir(parents=True, exist_ok=True)
        leftover.write_bytes(b"half a f")
    directory = materialise(package)
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == ONNX_FILES
    assert not half.exists()
    assert not (root / "blobs" / "0123.456").exists()


# Damage


def zero_a_part(path: Path) -> None:
    """In place, as rot is: every link to the file has it."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 4)
        file.write(bytes([255]) * (size // 2))


def without_a_trace(path: Path) -> None:
    """Rot that the file system knows nothing of: the times stay; the marker has them as they are now."""
    marker = Path(f"{path.parent}.complete")
    verified = Layout.read(marker)
    assert verified is not None
    zero_a_part(path)
    Layout.of(path.parent, verified.digests).write(marker)


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The packages that the host was told to load anew."""
    told: set[str] = set()
    monkeypatch.setattr(materialising.hosts, "load_anew", told.update)
    return told


@pytest.fixture
def heavy(make_heavy: Callable[[int], Any]) -> Any:
    return make_heavy(1)


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("change", [zero_a_part, flip_a_byte, Path.unlink])
def test_a_file_that_changed_in_the_cache_is_not_believed(
    package: Any, unloaded: set[str], change: Callable[[Path], None], request: pytest.FixtureRequest
) -> None:
    damaged = materialise(package) / "weights.onnx"
    whole = stored_at(package, "weights.onnx").read_bytes()
    change(damaged)
    replace(stored_at(package, "weights.onnx"), whole)
    assert (materialise(package) / "weights.onnx").read_bytes() == whole
    assert unloaded == {package.package_id}


def test_damage_that_the_cache_shares_with_the_store_is_told_and_noted(heavy: Any, unloaded: set[str]) -> None:
    directory = materialise(heavy)
    zero_a_part(stored_at(heavy, "weights.onnx"))
    for _ in range(2):
        with pytest.raises(BlobDamaged):
            materialise(heavy)
    assert unloaded == {heavy.package_id}
    assert not directory.exists()
    assert heavy.files.get(handle="weights.onnx").blob.damaged_at is not None


def test_after_the_restoration_all_is_as_before(heavy: Any) -> None:
    whole = (materialise(heavy) / "weights.onnx").read_bytes()
    zero_a_part(stored_at(heavy, "weights.onnx"))
    with pytest.raises(BlobDamaged):
        materialise(heavy)
    replace(stored_at(heavy, "weights.onnx"), whole)
    assert (materialise(heavy) / "weights.onnx").read_bytes() == whole
    assert heavy.files.get(handle="weights.onnx").blob.damaged_at is None


def test_a_file_that_was_merely_touched_is_read_once_and_believed(
    heavy: Any, unloaded: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = materialise(heavy)
    os.utime(directory / "weights.onnx", (1, 1))
    read: list[Path] = []
    original = layout.has_digest
    monkeypatch.setattr(layout, "has_digest", lambda path, sha: bool(read.append(path)) or original(path, sha))
    for _ in range(3):
        assert materialise(heavy) == directory
    assert read == [directory / "weights.onnx"]
    assert unloaded == set()


def test_damage_takes_every_package_with_it_that_has_the_file(
    package: Any, model: Any, make_package: Callable[..., Any], unloaded: set[str]
) -> None:
    other = make_package(model, quantization="fp16")
    materialise(other)
    zero_a_part(materialise(package) / "weights.onnx")
    with pytest.raises(BlobDamaged):
        materialise(package)
    assert unloaded == {package.package_id, other.package_id}
    assert not is_cached(other)


@pytest.mark.usefixtures("either_way")
def test_rot_without_a_trace_is_found_when_the_files_are_read_again(heavy: Any, unloaded: set[str]) -> None:
    damaged = materialise(heavy) / "weights.onnx"
    assert is_intact(heavy)
    assert verify_all() == 0
    without_a_trace(damaged)
    assert materialise(heavy) == damaged.parent
    assert verify_all() == 1
    assert unloaded == {heavy.package_id}
    assert not is_cached(heavy)


@pytest.mark.django_db(transaction=True)
def test_files_are_read_again_once_a_day_aside_from_the_requests(heavy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = materialise(heavy) / "weights.onnx"
    without_a_trace(damaged)
    now = time.time()
    monkeypatch.setattr("backends.layout._now", lambda: now + 25 * 3600)
    assert materialise(heavy) == damaged.parent
    give_up = time.monotonic() + 30
    while is_cached(heavy):
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_a_new_package_does_not_take_over_damage_from_another(
    package: Any, model: Any, make_package: Callable[..., Any], unloaded: set[str]
) -> None:
    whole = stored_at(package, "weights.onnx").read_bytes()
    zero_a_part(materialise(package) / "weights.onnx")
    replace(stored_at(package, "weights.onnx"), whole)
    other = make_package(model, quantization="fp16")
    assert (materialise(other) / "weights.onnx").read_bytes() == whole
    assert unloaded == {package.package_id}


def test_what_an_older_version_laid_out_is_laid_out_anew(package: Any) -> None:
    directory = materialise(package)
    Path(f"{directory}.complete").write_text("")
    replace(directory / "weights.onnx", b"damaged on this disk")
    materialising._known.clear()
    assert (materialise(package) / "weights.onnx").read_bytes() == ONNX_FILES["weights.onnx"]


def test_a_stored_file_that_is_found_damaged_takes_the_copies_with_it(heavy: Any, unloaded: set[str]) -> None:
    materialise(heavy)
    path = stored_at(heavy, "weights.onnx")
    replace(path, bytes(path.stat().st_size + 1))
    assert not blobs.verify(heavy.files.get(handle="weights.onnx").blob)
    assert not is_cached(heavy)
    assert unloaded == {heavy.package_id}


def test_to_forget_what_was_never_there_does_nothing(package: Any) -> None:
    materialising.forget_blob(package.files.get(handle="weights.onnx").blob.pk)
    assert cached_files() == []


@pytest.mark.django_db(transaction=True)
def test_calls_at_once_make_one_directory_once(package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    entered: list[str] = []
    original = materialising._cached_blob

    def counted(blob: Any, dropped: set[str]) -> Path:
        entered.append(blob.sha256)
        return original(blob, dropped)

    def call(_: int) -> Path:
        try:
            return materialise(package)
        finally:
            connection.close()

    monkeypatch.setattr(materialising, "_cached_blob", counted)
    with ThreadPoolExecutor(8) as executor:
        directories = set(executor.map(call, range(16)))
    assert len(directories) == 1
    assert len(entered) == len(ONNX_FILES)
    assert {path.name: path.read_bytes() for path in directories.pop().iterdir()} == ONNX_FILES
