"""Heads: which outputs the client reads under an architecture, and what others look like.

Each function takes the network's outputs as the file declares them. Shapes are written as (batch, ...), sizes in
network pixels. A dimension that is not a number proves nothing, so it is never a reason to refuse.
"""

from __future__ import annotations

from packages_app.contracts.contract import Head
from packages_app.contracts.reading import Reading
from packages_app.facts import Tensor

BOX = 4
PROTOTYPES = 32
ROW = 6
Outputs = tuple[Tensor, ...]


class Unplaced(str):
    """A problem that does not say what helps; `advice` may find under what the client reads these outputs right."""


def raw_columns(extra: int = 0, *, key_points: bool = False, prototypes: bool = False) -> Head:
    """YOLOv8 and its like: (batch, 4 + classes + ``extra``, anchors), suppressed by whoever reads it.

    With suppression inside: rows of corners, confidence, class and what the task adds.
    """

    def check(outputs: Outputs, reading: Reading) -> str | None:
        added = extra + (3 * (reading.key_points or 0) if key_points else 0)
        if reading.fused:
            return _rows(ROW + added, prototypes)(outputs, reading)
        first = outputs[0]
        if (problem := _rank(first, 3)) is not None:
            return problem
        if prototypes and len(outputs) > 2:
            return _count(outputs, 2)
        if reading.classes is None or (key_points and reading.key_points is None):
            return _prototypes(outputs) if prototypes else None
        columns = BOX + reading.classes + added
        # No network has so few anchors: where their number is left open, the last size is that of rows.
        open_rows = _size(first, 1) is None and _size(first, 2) == ROW + added
        if open_rows or _differs(_size(first, 1), columns):
            return _no_raw_columns(first, outputs, reading, columns, added)
        return _prototypes(outputs) if prototypes else None

    return check


def suppressed_rows(extra: int = 0, *, key_points: bool = False, prototypes: bool = False) -> Head:
    """YOLOv10 and YOLO26: (batch, rows, 6 + ``extra``), corners, confidence, class, then what the task adds."""

    def check(outputs: Outputs, reading: Reading) -> str | None:
        if key_points and reading.key_points is None:
            return None
        added = extra + (3 * (reading.key_points or 0) if key_points else 0)
        return _rows(ROW + added, prototypes)(outputs, reading)

    return check


def columns_last(
    extra: int, *, prototypes_at: int | None = None, outputs_at_least: int = 1, outputs_at_most: int | None = None
) -> Head:
    """YOLOv5 and YOLOv7: (batch, anchors, 5 + classes + ``extra``), objectness before the classes."""

    def check(outputs: Outputs, reading: Reading) -> str | None:
        if len(outputs) < outputs_at_least:
            return _count(outputs, outputs_at_least)
        if outputs_at_most is not None and len(outputs) > outputs_at_most:
            return _count(outputs, outputs_at_most)
        if (problem := _rank(outputs[0], 3)) is not None:
            return problem
        if reading.classes is not None:
            columns = BOX + 1 + reading.classes + extra
            if _differs(_size(outputs[0], 2), columns):
                return _columns_problem(outputs[0], 2, columns, reading)
        return None if prototypes_at is None else _prototypes(outputs, prototypes_at)

    return check


def two_outputs(outputs: Outputs, reading: Reading) -> str | None:
    """Gaze: yaw and pitch."""
    return None if len(outputs) == 2 else _count(outputs, 2)


def tensors(*shapes: tuple[int | str | None, ...]) -> Head:
    """Exactly these outputs in this order: the client unpacks them. Each shape is without the batch axis.

    A number must be there, "classes" is the number of class names, "classes+" that many or more, None is free.
    """

    def check(outputs: Outputs, reading: Reading) -> str | None:
        if len(outputs) != len(shapes):
            return _count(outputs, len(shapes))
        for output, shape in zip(outputs, shapes, strict=True):
            if (problem := _rank(output, len(shape) + 1)) is not None:
                return problem
            for axis, wanted in enumerate(shape, start=1):
                found = _size(output, axis)
                if isinstance(wanted, int) and _differs(found, wanted):
                    return _columns_problem(output, axis, wanted, reading)
                if isinstance(wanted, str) and reading.classes is not None and found is not None:
                    fits = found >= reading.classes if wanted == "classes+" else found == reading.classes
                    if not fits:
                        return _classes_problem(output, found, reading)
        return None

    return check


def yololite(outputs: Outputs, reading: Reading) -> str | None:
    """Fused: rows of six. Otherwise boxes, objectness and classes, an output each."""
    unfused = tensors((None, BOX), (None, 1), (None, "classes"))
    return (_rows(ROW, False) if reading.fused else unfused)(outputs, reading)


def yolact(outputs: Outputs, reading: Reading) -> str | None:
    """Locations, classes with the background first, masks, priors without a batch axis, prototypes (channels last)."""
    if len(outputs) != 5:
        return _count(outputs, 5)
    scores = None if reading.classes is None else reading.classes + 1
    # Each with its rank, and what its last size must be.
    wanted = ((3, BOX), (3, scores), (3, PROTOTYPES), (2, BOX), (4, PROTOTYPES))
    for output, (rank, columns) in zip(outputs, wanted, strict=True):
        if (problem := _rank(output, rank)) is not None:
            return problem
        if columns is not None and _differs(_size(output, rank - 1), columns):
            return _columns_problem(output, rank - 1, columns, reading)
    return None


def maps(outputs: Outputs, reading: Reading) -> str | None:
    """Semantic segmentation: (batch, classes, height, width) of logits, with or without a channel of the background."""
    output = outputs[0]
    if not output.dtype.startswith(("float", "double")):
        return (
            f"Output {_named(output)} holds {output.dtype}, as where the class of each pixel was chosen inside; the "
            "client wants one map of numbers a class. Export the logits."
        )
    if (problem := _rank(output, 4)) is not None:
        return problem
    found = _size(output, 1)
    if reading.classes is None or found is None or found in {reading.classes, reading.classes - 1}:
        return None
    return _classes_problem(output, found, reading)


def depth(outputs: Outputs, reading: Reading) -> str | None:
    """(batch, 1, height, width) or (batch, height, width)."""
    output = outputs[0]
    rank = len(output.shape)
    if rank not in {0, 3, 4}:
        return f"Output {_named(output)} has {rank} dimensions, and a map of depths has 3 or 4."
    return _columns_problem(output, 1, 1, reading) if rank == 4 and _differs(_size(output, 1), 1) else None


def scores(outputs: Outputs, reading: Reading) -> str | None:
    """Classification: (batch, classes)."""
    output = outputs[0]
    if (problem := _rank(output, 2)) is not None:
        return problem
    found = _size(output, 1)
    if reading.classes is None or found is None or found == reading.classes:
        return None
    return _classes_problem(output, found, reading)


def rfdetr_key_points(outputs: Outputs, reading: Reading) -> str | None:
    """Boxes, logits, and eight numbers for each key point of each class."""
    problem = tensors((None, BOX), (None, None), (None, None, 8))(outputs, reading)
    classes, slots = _size(outputs[1], 2) if len(outputs) > 1 else None, None
    if len(outputs) > 2:
        slots = _size(outputs[2], 2)
    if problem is None and reading.key_points and classes is not None:
        wanted = classes * reading.key_points
        if _differs(slots, wanted):
            return _columns_problem(outputs[2], 2, wanted, reading)
    return problem


def _rows(columns: int, prototypes: bool) -> Head:
    def check(outputs: Outputs, reading: Reading) -> str | None:
        output = outputs[0]
        if (problem := _rank(output, 3)) is not None:
            return problem
        if prototypes and len(outputs) > 2:
            return _count(outputs, 2)
        if _differs(_size(output, 2), columns) or _is_raw_of_any_size(output, reading, columns):
            return _no_rows(output, reading, columns)
        return _prototypes(outputs) if prototypes else None

    return check


def _is_raw_of_any_size(output: Tensor, reading: Reading, columns: int) -> bool:
    """Whether it has the columns of a raw head, and anchors whose number depends on the image: an export of any size.

    The columns prove it: rows would have theirs declared, and not exactly so many of them.
    """
    if reading.fused or reading.classes is None or _size(output, 2) is not None or len(output.shape) != 3:
        return False
    return _size(output, 1) == BOX + reading.classes + columns - ROW


def _no_rows(output: Tensor, reading: Reading, columns: int) -> str:
    """Rows were wanted. A raw head has its columns in the middle, and far more anchors than columns."""
    middle, last = _size(output, 1), _size(output, 2)
    if middle is not None and not reading.fused:
        raw = (
            f"The network has a raw head, {_shape(output)}, of which a client reads nothing as {reading.architecture}: "
            f"it wants rows of {columns}."
        )
        if reading.classes is not None and middle == BOX + reading.classes + columns - ROW:
            return (
                f"{raw} Publish it as yolov8 with post_processing of type nms, under which it is read right, or export "
                "it with nms=False."
            )
        if last is not None and last > middle > BOX:
            return Unplaced(raw)
    if reading.fused:
        return (
            f"The configuration says that suppression is inside (fused), but the output is {_shape(output)} and not "
            f"rows of {columns}. Set post_processing.fused to false, or export with nms=True."
        )
    return _columns_problem(output, 2, columns, reading)


def _no_raw_columns(first: Tensor, outputs: Outputs, reading: Reading, columns: int, added: int) -> str:
    """A raw head of so many columns was wanted; say what this one looks like."""
    assert reading.classes is not None
    found = _size(first, 1)
    if _size(first, 2) == ROW + added:
        return (
            f"The network's output {_shape(first)} looks like a suppressed head, rows of {ROW + added}, which a client "
            f"misreads as {reading.architecture} without suppression inside. Set post_processing.fused to true with "
            "the model feature nms_fused if suppression is inside, or publish it as yolov10 or yolo26."
        )
    if found is not None and found - PROTOTYPES == BOX + reading.classes and reading.task == "object-detection":
        return (
            f"The network's output {_shape(first)} looks like that of a segmentation network. Publish it in a model "
            "for instance-segmentation."
        )
    if reading.task == "instance-segmentation" and len(outputs) == 1 and found == BOX + reading.classes:
        return (
            f"The network's output {_shape(first)} looks like that of a detector. Publish it in a model for "
            "object-detection."
        )
    if found is not None and found - BOX - added > 0:
        return _classes_problem(first, found - BOX - added, reading)
    return _columns_problem(first, 1, columns, reading)


def _prototypes(outputs: Outputs, at: int = 1) -> str | None:
    if len(outputs) <= at:
        return (
            f"The network has {_plural(len(outputs), 'output')}, and masks need one of {PROTOTYPES} prototypes as "
            f"number {at + 1}. A detector belongs into a model for object-detection."
        )
    output = outputs[at]
    problem = _rank(output, 4)
    if problem is None and _differs(_size(output, 1), PROTOTYPES):
        return f"Output {_named(output)} is {_shape(output)}, and masks need {PROTOTYPES} prototypes as second size."
    return problem


def _rank(output: Tensor, rank: int) -> str | None:
    if not output.shape or len(output.shape) == rank:
        return None
    return Unplaced(f"Output {_named(output)} is {_shape(output)}, and the client wants {rank} dimensions there.")


def _count(outputs: Outputs, wanted: int) -> str:
    return Unplaced(f"The network has {_plural(len(outputs), 'output')}, and the client wants {wanted}.")


def _columns_problem(output: Tensor, axis: int, wanted: int, reading: Reading) -> str:
    return Unplaced(
        f"Output {_named(output)} is {_shape(output)}; for {reading.architecture} and {reading.task} the client wants "
        f"{wanted} where it has {_size(output, axis)}."
    )


def _classes_problem(output: Tensor, classes: int, reading: Reading) -> str:
    return (
        f"The network answers for {_plural(classes, 'class', 'classes')} (output {_named(output)}, {_shape(output)}), "
        f"and class_names.txt names {reading.classes}. Give as many names as the network has classes."
    )


def _size(tensor: Tensor, axis: int) -> int | None:
    size = tensor.shape[axis] if axis < len(tensor.shape) else None
    return size if isinstance(size, int) and size > 0 else None


def _differs(found: int | None, wanted: int) -> bool:
    return found is not None and found != wanted


def _named(output: Tensor) -> str:
    return f"`{output.name[:40]}`"


def _shape(output: Tensor) -> str:
    return f"({', '.join('?' if size is None else str(size)[:20] for size in output.shape)})"


def _plural(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"
