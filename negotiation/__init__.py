"""Choosing a package for a machine: the same answer as the AutoModel client, with the reasons.

Pure Python. ``negotiate`` and ``negotiate_packages`` are the front door.
"""

from __future__ import annotations

from negotiation.engine import negotiate, negotiate_packages
from negotiation.environment import Environment
from negotiation.explanation import Explanation, Verdict
from negotiation.policy import Implementation, Policy
from negotiation.request import NegotiationRequest

__all__ = [
    "Environment",
    "Explanation",
    "Implementation",
    "NegotiationRequest",
    "Policy",
    "Verdict",
    "negotiate",
    "negotiate_packages",
]
