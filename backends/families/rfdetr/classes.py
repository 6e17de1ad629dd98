"""Which class ids of the network count, and under which ids they are answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backends.errors import PackageConfigInvalid
from backends.inference_config import ClassNameRemoval

ClassIds = npt.NDArray[np.int64]

REMOVED = -1


@dataclass(frozen=True, slots=True, eq=False)
class KeptClasses:
    """The classes that are answered.

    ``names``: in their order, the new id being the place. ``new_ids``: for each line of class_names.txt, int64; REMOVED
    where the class is not answered.
    """

    names: tuple[str, ...]
    new_ids: ClassIds

    @classmethod
    def of(cls, names: tuple[str, ...], operations: Iterable[ClassNameRemoval] | None) -> KeptClasses:
        """All names but those that ``class_names_operations`` removes; a name that there is not removes nothing.

        The rest is numbered anew without gaps, as clients do, so that ids, names and recommended confidences agree.
        Raises PackageConfigInvalid if nothing is left.
        """
        removed = {operation.class_name for operation in operations or ()}
        kept = np.array([name not in removed for name in names])
        if not kept.any():
            raise PackageConfigInvalid("inference_config.json: class_names_operations removes every class.")
        new_ids = np.where(kept, np.cumsum(kept) - 1, REMOVED)
        return cls(tuple(name for name in names if name not in removed), new_ids)

    def renumber(self, class_id: ClassIds) -> ClassIds:
        """The new ids, int64. REMOVED for removed classes and for those without a name: the last is "no object"."""
        named = class_id < len(self.new_ids)
        return np.where(named, self.new_ids[np.where(named, class_id, 0)], REMOVED)
