"""The three ways to enhance contrast, equal to what packages were trained with.

Training uses scikit-image's ``exposure`` functions on eight-bit images. Two of them are a table of 256 entries,
so an image costs one look-up a pixel here. The third is adaptive equalisation (CLAHE; Zuiderveld, Graphics Gems IV,
1994) on the HSV value, with tiles of an eighth of the image, 256 bins and 14 bits of grey.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
import numpy.typing as npt

from backends.inference_config import ContrastType

Image = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_GREYS = 2**14
_BINS = 256
_BIN_WIDTH = 1 + _GREYS // _BINS
_CLIP_LIMIT = 0.03


def enhance(image: Image, contrast_type: ContrastType) -> Image:
    """Returns a new uint8 image (height, width, 3) with enhanced contrast."""
    return _METHODS[contrast_type](image)


def stretch(image: Image) -> Image:
    """Spreads the values between the 2nd and the 98th percentile of all channels over the whole range."""
    counts = _histogram(image)
    low, high = _percentile(counts, 2), _percentile(counts, 98)
    values = np.clip(np.arange(256, dtype=np.float64), low, high)
    table = (values - low) / (high - low) * 255.0 if low != high else values
    return _look_up(image, table.astype(np.uint8))


def equalize(image: Image) -> Image:
    """Replaces each value by the share of the values that do not exceed it, over all channels."""
    counts = _histogram(image)
    levels = np.arange(256, dtype=np.uint8).astype(np.float32) / np.float32(255)
    present = counts > 0
    histogram, edges = np.histogram(levels[present], bins=_BINS, weights=counts[present])
    centres = (edges[:-1] + edges[1:]) / 2.0
    cumulated = histogram.cumsum()
    shares = (cumulated / cumulated[-1]).astype(np.float32)
    table = np.interp(levels, centres, shares).astype(np.float32) * np.float32(255)
    return _look_up(image, table.astype(np.uint8))


def equalize_adaptive(image: Image) -> Image:
    """Equalises each eighth of the image by itself and blends between them; hue and saturation stay."""
    value = image.max(axis=2)
    hue, saturation = _hue_and_saturation(image.astype(np.float32) / np.float32(255))
    enhanced = _from_hsv(hue, saturation, _equalize_tiles(value)) * np.float32(255)
    return enhanced.astype(np.uint8)


_METHODS: Mapping[ContrastType, Callable[[Image], Image]] = {
    "Adaptive Equalization": equalize_adaptive,
    "Contrast Stretching": stretch,
    "Histogram Equalization": equalize,
}


def _histogram(image: Image) -> npt.NDArray[np.int64]:
    counts = np.zeros(256, dtype=np.int64)
    for channel in range(3):
        counts += np.rint(cv2.calcHist([image], [channel], None, [256], [0, 256]).ravel()).astype(np.int64)
    return counts


def _percentile(counts: npt.NDArray[np.int64], percent: float) -> float:
    """The percentile of the values that were counted, linear between neighbours as numpy.percentile."""
    cumulated = np.cumsum(counts)
    position = percent / 100 * (int(cumulated[-1]) - 1)
    below = int(position)
    lower = int(np.searchsorted(cumulated, below, side="right"))
    upper = int(np.searchsorted(cumulated, below + 1, side="right"))
    return lower + (min(upper, 255) - lower) * (position - below)


def _look_up(image: Image, table: npt.NDArray[np.uint8]) -> Image:
    return np.asarray(cv2.LUT(image, table), dtype=np.uint8)


def _hue_and_saturation(colors: Floats) -> tuple[Floats, Floats]:
    """Hue and saturation, 0 to 1, of colours (height, width, 3) in 0 to 1.

    The first channel counts as red, whichever it is: to enhance the value, the names of the hues do not matter. But
    the order of the float32 operations does, because the results are cut to eight bits and not rounded.
    """
    first, second, third = np.moveaxis(colors, 2, 0)
    value = colors.max(axis=2)
    span = value - colors.min(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        saturation = span / value
        hue = np.where(
            third == value,
            4 + (first - second) / span,
            np.where(second == value, 2 + (third - first) / span, (second - third) / span),
        )
        hue = hue / np.float32(6) % np.float32(1)
    grey = span == 0
    return np.where(grey, np.float32(0), hue), np.where(grey, np.float32(0), saturation)


def _from_hsv(hue: Floats, saturation: Floats, value: Floats) -> Floats:
    """Colours, float32 (height, width, 3), from hue, saturation and value, each (height, width) in 0 to 1."""
    sextant = np.floor(hue * np.float32(6))
    fraction = hue * np.float32(6) - sextant
    low = value * (1 - saturation)
    falling = value * (1 - fraction * saturation)
    rising = value * (1 - (1 - fraction) * saturation)
    kind = sextant.astype(np.uint8) % 6
    return np.stack(
        [
            np.choose(kind, (value, falling, low, low, rising, value)),
            np.choose(kind, (rising, value, value, falling, low, low)),
            np.choose(kind, (low, low, rising, value, value, falling)),
        ],
        axis=2,
    )


def _equalize_tiles(value: Image) -> npt.NDArray[np.float32]:
    """CLAHE of a grey image: float32 (height, width), 0 to 1."""
    bins = cv2.LUT(value, _bin_table(int(value.min()), int(value.max())))
    tile = (max(value.shape[0] // 8, 1), max(value.shape[1] // 8, 1))
    maps = _tile_maps(bins, tile)
    rows, columns = (_neighbours(size, side) for size, side in zip(value.shape, tile, strict=True))
    flat = maps.reshape(-1)
    result = np.zeros(value.shape, dtype=np.float32)
    for row_tile, row_weight in rows:
        for column_tile, column_weight in columns:
            first_entry = (row_tile[:, None] * maps.shape[1] + column_tile[None, :]) * _BINS
            weights = column_weight[None, :] * row_weight[:, None]
            result += (flat[first_entry + bins] * weights).astype(np.float32)
    greys = result.astype(np.uint16).astype(np.float32)
    low, high = float(greys.min()), float(greys.max())
    if low == high:
        return np.clip(greys, 0, 1)
    return (greys - np.float32(low)) / np.float32(high - low)


def _bin_table(low: int, high: int) -> npt.NDArray[np.uint8]:
    """From an eight-bit value to its bin, when the image's values reach from ``low`` to ``high``."""
    sixteen_bits = np.rint(np.arange(256, dtype=np.float32) / np.float32(255) * np.float32(65535))
    values = sixteen_bits.astype(np.float64)
    floor, ceiling = values[low], values[high]
    if low == high:
        greys = np.clip(values, 0, _GREYS - 1)
    else:
        greys = np.round((np.clip(values, floor, ceiling) - floor) / (ceiling - floor) * (_GREYS - 1))
    return np.asarray(greys // _BIN_WIDTH).astype(np.uint8)


def _tile_maps(bins: Image, tile: tuple[int, int]) -> npt.NDArray[np.int64]:
    """For each tile the equalised grey of each bin: int64 (tile rows, tile columns, 256)."""
    (height, width), (tile_height, tile_width) = bins.shape, tile
    rows, columns = -(-height // tile_height), -(-width // tile_width)
    filled = np.pad(bins, ((0, rows * tile_height - height), (0, columns * tile_width - width)), mode="reflect")
    pixels = tile_height * tile_width
    tiles = filled.reshape(rows, tile_height, columns, tile_width).transpose(0, 2, 1, 3)
    blocks = tiles.reshape(rows * columns, pixels)
    limit = max(int(_CLIP_LIMIT * pixels), 1)
    histograms = np.stack([_clip(np.bincount(block, minlength=_BINS), limit) for block in blocks])
    cumulated = np.cumsum(histograms, axis=1) * ((_GREYS - 1) / pixels)
    maps: npt.NDArray[np.int64] = np.minimum(cumulated, _GREYS - 1).astype(np.int64)
    return maps.reshape(rows, columns, _BINS)


def _clip(histogram: npt.NDArray[np.int64], limit: int) -> npt.NDArray[np.int64]:
    """Cuts the histogram off at ``limit`` and spreads what was cut over the bins below it."""
    excess = int(np.maximum(histogram - limit, 0).sum())
    clipped = np.minimum(histogram, limit)
    share = excess // _BINS
    upper = limit - share
    low = clipped < upper
    excess -= int(low.sum()) * share
    clipped[low] += share
    # Bins that the share has just lifted over `upper` count too.
    middle = (clipped >= upper) & (clipped < limit)
    excess -= int((limit - clipped[middle]).sum())
    clipped[middle] = limit
    while excess > 0:
        before = excess
        for start in range(_BINS):
            open_bins = clipped < limit
            step = max(1, int(open_bins.sum()) // excess)
            chosen = np.zeros(_BINS, dtype=bool)
            chosen[start::step] = open_bins[start::step]
            clipped[chosen] += 1
            excess -= int(chosen.sum())
            if excess <= 0:
                break
        if excess == before:
            break
    return clipped


def _neighbours(size: int, tile: int) -> tuple[tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]], ...]:
    """For each pixel along one axis the tiles whose centres lie before and behind it, and their weights."""
    position = np.arange(size) + tile // 2
    last = -(-size // tile) - 1
    behind = position // tile
    weight = position % tile / tile
    return (np.clip(behind - 1, 0, last), 1 - weight), (np.clip(behind, 0, last), weight)
