"""What the client needs of a package: files, their content, and the network's head, by architecture, task and backend.

Pure Python. Source: client 0.39.6 (and inference-exp 0.17.3 for the face detector).
"""

from packages_app.contracts.contract import Contract
from packages_app.contracts.table import contract_for

__all__ = ["Contract", "contract_for"]
