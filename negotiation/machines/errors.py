"""What can be wrong with a description of a machine that somebody pastes or names."""

from __future__ import annotations

from negotiation.errors import NegotiationError


class UnknownMachineError(NegotiationError):
    """The catalogue holds no machine of this name."""

    code = "unknown-machine"


class InvalidMachineError(NegotiationError):
    """The description of a machine is malformed."""

    code = "invalid-machine"


class MachineTooLargeError(InvalidMachineError):
    """The description is longer than any machine's could be."""

    code = "machine-too-large"


class MachineNotJsonError(InvalidMachineError):
    """The description is not JSON."""

    code = "machine-not-json"


class UnknownMachineKeysError(InvalidMachineError):
    """The description has keys that mean nothing; ``keys`` names them all, each shortened to 80 characters."""

    code = "unknown-machine-keys"

    def __init__(self, message: str, keys: tuple[str, ...]) -> None:
        super().__init__(message)
        self.keys = keys
