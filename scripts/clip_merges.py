"""Makes backends/families/clip/merges.npy from CLIP's vocabulary, as its packages on PyPI have it:

    python scripts/clip_merges.py bpe_simple_vocab_16e6.txt.gz

The vocabulary is a list of pairs of symbols, the most frequent first. A symbol has the number of its place: 256 bytes,
the same at the end of a word, and what each pair becomes. So pairs of numbers say all that there is to say.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import numpy as np

# As in the published table, whose end is not used.
MERGES = 49152 - 256 - 2
TARGET = Path(__file__).resolve().parents[1] / "backends" / "families" / "clip" / "merges.npy"


def main() -> None:
    shown = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAC + 1), *range(0xAE, 0xFF + 1)]
    others = len(set(range(256)) - set(shown))
    letters = [*map(chr, shown), *map(chr, range(256, 256 + others))]
    numbers = {symbol: number for number, symbol in enumerate([*letters, *(f"{letter}</w>" for letter in letters)])}
    lines = gzip.decompress(Path(sys.argv[1]).read_bytes()).decode().split("\n")[1 : MERGES + 1]
    pairs = []
    for first, second in map(str.split, lines):
        pairs.append((numbers[first], numbers[second]))
        assert first + second not in numbers
        numbers[first + second] = len(numbers)
    np.save(TARGET, np.array(pairs, dtype=np.uint16))


if __name__ == "__main__":
    main()
