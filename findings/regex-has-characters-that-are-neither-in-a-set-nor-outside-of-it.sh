#!/usr/bin/env bash
# With IGNORECASE one character is matched neither by a set of letters nor by a set of all that is no letter.
#
# regex 2026.11.19 and 2024.11.6. CLIP cuts a text into words by [\p{L}]+, [\p{N}] and [^\s\p{L}\p{N}]+, with IGNORECASE.
# One would guess that every character but a blank is in one of them. U+0345, the combining iota below, is in none: it is
# a mark and no letter, but its other case, the Greek iota, is a letter, and that keeps it out of the negated set too. A
# text loses it without a word, and whoever leaves out IGNORECASE, as the text is in lower case already, gets other tokens.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/run.py" <<'PYTHON'
import sys
from importlib.metadata import version

import regex

WORDS = r"[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
lost = [
    code
    for code in range(sys.maxunicode + 1)
    if not 0xD800 <= code < 0xE000
    and not chr(code).isspace()
    and regex.findall(WORDS, chr(code))
    and not regex.findall(WORDS, chr(code), regex.IGNORECASE)
]
assert 0x345 in lost
assert regex.findall(WORDS, "a\u0345.") == ["a", "\u0345."]
assert regex.findall(WORDS, "a\u0345.", regex.IGNORECASE) == ["a", "."]
print(version("regex"), "lost:", " ".join(f"U+{code:04X}" for code in lost))
PYTHON
for version in 2024.11.6 2026.11.19; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install -q regex==$version
    "$folder/$version/bin/python" "$folder/run.py"
done
# Seen:
#   2024.11.6 lost: U+0345
#   2026.11.19 lost: U+0345
