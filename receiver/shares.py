"""Counting what bodies take. All of it happens on the event loop, so that nothing needs a lock."""

from __future__ import annotations

from receiver.limits import Share


class Account:
    """What is left of a share."""

    def __init__(self, share: Share) -> None:
        self.places = share.places
        self.bytes = share.bytes


class Claim:
    """What one body takes of an account. `release` gives all of it back; as a context it does so by itself."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._places = 0
        self._bytes = 0

    def __enter__(self) -> Claim:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def place(self) -> bool:
        """Take a place, once; False where none is left."""
        if self._places:
            return True
        if self._account.places <= 0:
            return False
        self._account.places -= 1
        self._places = 1
        return True

    def bytes(self, size: int) -> bool:
        """Take ``size`` more bytes; False where there is no room for them."""
        if self._account.bytes < size:
            return False
        self._account.bytes -= size
        self._bytes += size
        return True

    def leave_place(self) -> None:
        self._account.places += self._places
        self._places = 0

    def release(self) -> None:
        self.leave_place()
        self._account.bytes += self._bytes
        self._bytes = 0
