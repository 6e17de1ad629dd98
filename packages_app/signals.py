"""What other rooms may want to know of stored files."""

from __future__ import annotations

from django.dispatch import Signal

# A stored file was found damaged, or gone: whoever has copies of it looks at them again. ``sha256`` names it.
blob_damaged = Signal()
# All stored files are verified: whoever has copies verifies them too. ``report`` takes a line for people.
copies_verified = Signal()
