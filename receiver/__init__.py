"""Takes requests in and sends answers out on an event loop, in front of a WSGI application that runs in threads.

Whoever sends or reads slowly waits here, where waiting costs a few kilobytes, and never in a thread. Pure: it knows
neither Django nor this project's apps.
"""

from __future__ import annotations

from receiver.application import Receiver
from receiver.expectations import EXPECTS, KNOWN, REFUSAL, ExpectedBody, Refusal
from receiver.limits import Limits

__all__ = ["EXPECTS", "KNOWN", "REFUSAL", "ExpectedBody", "Limits", "Receiver", "Refusal"]
