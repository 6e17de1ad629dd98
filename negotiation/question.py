"""One question of a negotiation, as every step sees it: for which model, machine and caller, by whose rules."""

from __future__ import annotations

from dataclasses import dataclass

from negotiation.environment import Environment
from negotiation.errors import InvalidParameterError, RuntimeIntrospectionError
from negotiation.policy import Policy
from negotiation.request import Device, NegotiationRequest, parse_device


@dataclass(frozen=True, slots=True)
class Question:
    """What the filters and the ranking read. ``device`` is the request's, parsed."""

    architecture: str
    task: str | None
    environment: Environment
    request: NegotiationRequest
    policy: Policy
    device: Device | None


def ask(
    architecture: str,
    task: str | None,
    environment: Environment,
    request: NegotiationRequest,
    policy: Policy,
) -> Question:
    """Put a question, after the checks that the client makes before it looks at any package.

    Raises ``InvalidParameterError`` for a device or capability that does not exist, and
    ``RuntimeIntrospectionError`` for a Jetson whose L4T version is unknown.
    """
    device = None if request.device is None else parse_device(request.device)
    known = policy.capabilities
    if unknown := [name for name in request.required_capabilities or () if name not in known]:
        raise InvalidParameterError(
            f"There is no capability {str(unknown[0])[:80]!r}. Known capabilities: {', '.join(sorted(known))}."
        )
    if environment.l4t_version is None and "orin" in environment.gpu_devices:
        raise RuntimeIntrospectionError(
            "The GPU is a Jetson's, and the L4T version of the machine is not known. Set L4T_VERSION."
        )
    return Question(architecture, task, environment, request, policy, device)


def candidate_gpus(question: Question) -> tuple[int, ...] | None:
    """CUDA indexes of the GPUs that the requested device leaves to choose from.

    None if the request names a CUDA device that the machine does not have.
    """
    count = len(question.environment.gpu_devices)
    device = question.device
    if device is None:
        return tuple(range(count))
    if device.type != "cuda":
        return ()
    index = device.index or 0
    return (index,) if index < count else None
