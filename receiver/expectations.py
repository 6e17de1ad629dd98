"""What the application and the receiver tell each other, in the WSGI environment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NoReturn

# Set by the application before it reads: an `ExpectedBody`. Without it, the limits' default holds.
EXPECTS = "receiver.expects"
# Set by the application: True once it knows who sends.
KNOWN = "receiver.known"
# Set by the receiver: the `Refusal` that the application is to answer instead of anything else.
REFUSAL = "receiver.refusal"
# Set by the receiver while the application is asked without the body.
FIRST_TRY = "receiver.first_try"


class Refusal(Enum):
    TOO_LARGE = "too large"
    TOO_SLOW = "too slow"
    TOO_MANY = "too many"
    CUT = "cut"
    TOO_MANY_PIECES = "too many pieces"


@dataclass(frozen=True)
class ExpectedBody:
    """``most_bytes``: larger ones are refused; None: the default. ``streamed``: read while it arrives."""

    most_bytes: int | None = None
    streamed: bool = False


class BodyWanted(BaseException):
    """The application wants the body. No Exception: nothing on the way may take it for an error of its own."""


class UnreadBody:
    """Stands for a body that has not been taken in yet."""

    def read(self, size: int = -1) -> NoReturn:
        raise BodyWanted

    readline = read
