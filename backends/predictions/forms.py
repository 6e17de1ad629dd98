"""What all predictions have in common: sizes, and the forms that they are turned into."""

from __future__ import annotations

from typing import Any, Literal

from backends.errors import RuntimeMissing

MaskFormat = Literal["polygon", "rle"]
ImageSize = tuple[int, int]
"""(height, width) in pixels."""


def size_to_json(grid: ImageSize, image: ImageSize) -> dict[str, Any]:
    """The beginning of a neutral answer: ``image`` is the size of the grid that the answer lies on.

    Where that is another than the image's, ``original_image`` is that of the image.
    """
    answer: dict[str, Any] = {"image": {"width": grid[1], "height": grid[0]}}
    if grid != image:
        answer["original_image"] = {"width": image[1], "height": image[0]}
    return answer


def supervision() -> Any:
    """The module. Raises RuntimeMissing if it is not installed."""
    try:
        import supervision as module
    except ImportError as error:
        raise RuntimeMissing("The supervision package is not installed here.") from error
    return module
